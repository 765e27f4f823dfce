"""A real nginx: pages over HTTP and HTTPS, forms accepted, every request on record."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tests.net.rig.certificate import make_certificate
from tests.net.rig.lab import Namespace
from tests.net.rig.waiting import wait_until

PAGE = "<!doctype html><title>A page</title><p>Welcome.</p>\n"

# One process (no master), so that the pid that was started is all there is. The pages come from a second server on a
# Unix socket: only a proxying server reads a form's body where the log can show it.
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr notice;
events {{}}
http {{
    log_format record escape=json '{{"host":"$host","method":"$request_method","path":"$request_uri","scheme":"$scheme",'
        '"body":"$request_body","client":"$remote_addr","server":"$server_addr","port":$server_port}}';
    access_log off;
    default_type text/html;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_body_buffer_size 1m;
    client_body_in_single_buffer on;
    ssl_certificate {certificate.certificate};
    ssl_certificate_key {certificate.key};
    ssl_protocols {tls_protocols};
    server_names_hash_bucket_size 256;
{servers}
}}
"""
FRONT = """
    server {{
{listen}
        server_name {names};
        access_log {folder}/requests record;
{headers}
        location / {{ {answer} }}
    }}
"""
PROXY = "proxy_pass http://unix:{folder}/pages.sock; proxy_set_header Host $host;"
BACK = """
    server {{
        listen unix:{folder}/pages.sock;
        server_name {names};
        root {page.parent};
        error_page 405 =200 /{page.name};
        location / {{ try_files /{page.name} =404; }}
    }}
"""


class Site(Struct, frozen=True):
    """What is served for some names; the first site for all others too. `to_https`: over http only a redirect.

    `elsewhere`: an address that every request is sent to.
    """

    names: tuple[str, ...]
    page: str = PAGE
    to_https: bool = False
    elsewhere: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class HttpRecord(Struct, frozen=True):
    """A request as nginx understood it."""

    host: str
    method: str
    path: str
    scheme: str
    body: str
    client: str
    server: str
    port: int


class Nginx:
    """A running nginx on all addresses of the namespace."""

    def __init__(
        self,
        namespace: Namespace,
        sites: Sequence[Site],
        *,
        http_ports: Sequence[int] = (80,),
        https_ports: Sequence[int] = (443,),
        tls_protocols: str = "TLSv1.2 TLSv1.3",
    ) -> None:
        folder = namespace.lab.processes.subfolder("nginx")
        self._records = folder / "requests"
        self._records.touch()
        names = [name for site in sites for name in site.names]
        self.certificate = make_certificate(folder, names)
        configuration = folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=folder,
                certificate=self.certificate,
                tls_protocols=tls_protocols,
                servers="".join(
                    _site(folder, number, site, http_ports, https_ports) for number, site in enumerate(sites)
                ),
            )
        )
        self.process = namespace.start("nginx", "nginx", "-p", str(folder), "-e", "stderr", "-c", str(configuration))
        namespace.wait_listening(self.process, *http_ports, *https_ports)

    def requests(self) -> list[HttpRecord]:
        """Every answered request so far."""
        text = self._records.read_text("utf-8", "surrogateescape")
        return [HttpRecord(**json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def wait_for_request(self, wanted: Callable[[HttpRecord], bool], timeout: float = 10.0) -> HttpRecord:
        """The first request that is `wanted`: nginx writes it down a moment after it has answered."""
        return wait_until(
            lambda: next((request for request in self.requests() if wanted(request)), None), "a request", timeout
        )


def _site(folder: Path, number: int, site: Site, http_ports: Sequence[int], https_ports: Sequence[int]) -> str:
    page = folder / "pages" / f"page-{number}.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text(site.page)
    names = " ".join(site.names)
    headers = "\n".join(f'        add_header {name} "{value}" always;' for name, value in site.headers)
    proxy = f"return 302 {site.elsewhere};" if site.elsewhere else PROXY.format(folder=folder)

    def front(ports: Sequence[int], suffix: str, answer: str) -> str:
        listen = "\n".join(f"        listen {where}{port}{suffix};" for port in ports for where in ("", "[::]:"))
        return FRONT.format(folder=folder, listen=listen, names=names, headers=headers, answer=answer)

    text = BACK.format(folder=folder, names=names, page=page)
    if http_ports:
        text += front(http_ports, "", "return 301 https://$host$request_uri;" if site.to_https else proxy)
    if https_ports:
        text += front(https_ports, " ssl", proxy)
    return text
