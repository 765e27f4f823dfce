"""Real TLS servers: nginx with a certificate, versions and ciphers of its own at each address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.net.rig.command import run
from tests.net.rig.lab import Namespace
from tests.streams.handshakes import Issued

# OpenSSL takes old keys, signatures and versions only where it is told to.
WEAK = """
openssl_conf = begin
[begin]
ssl_conf = all
[all]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:COMPLEMENTOFALL:@SECLEVEL=0
"""
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
SERVER = """
    server {{
        listen {address}:443 ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols {protocols};
        ssl_ciphers {ciphers};
        location / {{ return 200 "Welcome.\\n"; }}
    }}
"""


class TlsSite(NamedTuple):
    """A server by its name and address, with its chain in PEM and its key."""

    name: str
    address: str
    chain: bytes
    key: bytes
    protocols: str = "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"
    ciphers: str = "DEFAULT:@SECLEVEL=0"


def site(name: str, address: str, *chain: Issued, protocols: str = TlsSite._field_defaults["protocols"]) -> TlsSite:
    """A site that shows these certificates, its own first."""
    return TlsSite(name, address, b"".join(each.pem for each in chain), chain[0].key_pem, protocols)


def with_sha1(folder: Path, issued: Issued, by: Issued) -> bytes:
    """A self-signed certificate issued again by an authority with SHA-1, as PEM: only OpenSSL's program still does that."""
    for name, text in (
        ("own.pem", issued.pem),
        ("by.pem", by.pem),
        ("by.key", by.key_pem),
        ("weak.cnf", WEAK.encode()),
    ):
        (folder / name).write_bytes(text)
    own, authority, key, made = (str(folder / name) for name in ("own.pem", "by.pem", "by.key", "sha1.pem"))
    run(
        ["openssl", "x509", "-sha1", "-days", "9", "-in", own, "-CA", authority, "-CAkey", key, "-out", made],
        env={"OPENSSL_CONF": str(folder / "weak.cnf")},
    )
    return Path(made).read_bytes()


class TlsSites:
    """A running nginx with all of the sites."""

    def __init__(self, namespace: Namespace, sites: Sequence[TlsSite]) -> None:
        folder = namespace.lab.processes.subfolder("tls")
        servers = ""
        for number, each in enumerate(sites):
            certificate, key = folder / f"{number}.pem", folder / f"{number}.key"
            certificate.write_bytes(each.chain)
            key.write_bytes(each.key)
            servers += SERVER.format(
                address=each.address, certificate=certificate, key=key, protocols=each.protocols, ciphers=each.ciphers
            )
        weak = folder / "weak.cnf"
        weak.write_text(WEAK)
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, servers=servers))
        argv = ("nginx", "-p", str(folder), "-e", "stderr", "-c", str(configuration))
        self.process = namespace.start("tls", *argv, env={"OPENSSL_CONF": str(weak)})
        namespace.wait_listening(self.process, 443)


def visit(namespace: Namespace, folder: Path, sites: Sequence[TlsSite], *options: str) -> None:
    """Have curl fetch a page of each site, whatever it thinks of their certificates. Fails as curl fails."""
    weak = folder / "client.cnf"
    weak.write_text(WEAK)
    argv = ["curl", "--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "15", "--insecure"]
    argv += ["--fail-early", *options]
    for each in sites:
        argv += ["--resolve", f"{each.name}:443:{each.address}"]
    for each in sites:
        argv += ["--output", "/dev/null", f"https://{each.name}/"]
    namespace.run(*argv, env={"OPENSSL_CONF": str(weak)})
