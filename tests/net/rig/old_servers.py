"""Real servers of protocols that are older than TLS; each takes clients with and without it. All accept `USER` and `WORD`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.net.rig.certificate import make_certificate
from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned

USER, WORD = "ann", "s3cret-word"
NAME = "old.test"
SUFFIX = "dc=old,dc=test"
PROGRAMS = (
    "openssl",
    "vsftpd",
    "dovecot",
    "/usr/lib/dovecot/pop3",
    "exim4",
    "slapd",
    "ngircd",
    "squid",
    "microsocks",
    "busybox",
)

# `nobody` logs in nowhere: local logins are refused, after the password was sent.
VSFTPD = """
listen_ipv6=YES
background=NO
seccomp_sandbox=NO
secure_chroot_dir={folder}/empty
anonymous_enable=YES
anon_root={folder}/empty
local_enable=YES
delay_failed_login=0
max_login_fails=1
ssl_enable=YES
force_local_logins_ssl=NO
force_local_data_ssl=NO
require_ssl_reuse=NO
rsa_cert_file={certificate.certificate}
rsa_private_key_file={certificate.key}
"""
DOVECOT = """
protocols = imap pop3
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5
ssl = yes
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={{plain}}{word}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service pop3-login {{
  chroot =
}}
"""
EXIM = """
primary_hostname = {name}
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path =
exim_user = root
exim_group = root
never_users =
host_lookup =
rfc1413_hosts =
tls_advertise_hosts = ${{if eq{{$received_port}}{{26}}{{}}{{*}}}}
tls_certificate = {certificate.certificate}
tls_privatekey = {certificate.key}
auth_advertise_hosts = *
acl_smtp_rcpt = accept
acl_smtp_data = discard
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if eq{{$auth3}}{{{word}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{{word}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = {word}
  server_set_id = $auth1
"""
SLAPD = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCertificateFile {certificate.certificate}
TLSCertificateKeyFile {certificate.key}
database mdb
suffix "{suffix}"
directory {folder}
rootdn "cn={user},{suffix}"
rootpw {word}
"""
NGIRCD = """
[Global]
Name = {name}
Info = x
Password = {word}
Listen = ::,0.0.0.0
Ports = 6667
ServerUID = nobody
ServerGID = nogroup
[Options]
Ident = no
DNS = no
PAM = no
[SSL]
Ports = 6697
CertFile = {certificate.certificate}
KeyFile = {certificate.key}
"""
PROSODY = """
data_path = "{folder}"
log = {{ info = "*console" }}
daemonize = false
run_as_root = true
modules_enabled = {{ "saslauth", "tls" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
s2s_ports = {{}}
VirtualHost "{name}"
ssl = {{ certificate = "{certificate.certificate}", key = "{certificate.key}" }}
"""
SNMPD = """
agentAddress udp:161
rocommunity {word}
"""
SQUID = """
http_port 3128
pid_filename none
cache_log /dev/null
access_log none
cache deny all
coredump_dir {folder}
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
shutdown_lifetime 0 seconds
cache_effective_user nobody
"""


class OldServers:
    """On all addresses of the namespace: vsftpd (21), telnetd (23), exim (25, and 26 without STARTTLS), dovecot (110, 143, 993,
    995), slapd (389), ngircd (6667, 6697), prosody (5222), squid (3128), and on IPv4 microsocks (1080) and snmpd (161).
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self.certificate = make_certificate(namespace.lab.processes.subfolder("certificate"), [NAME])
        self._started: list[tuple[Spawned, Sequence[int]]] = []
        folder = self._folder("vsftpd", "empty")
        self._run(21, argv=["vsftpd", self._write(folder, VSFTPD)])
        folder = self._folder("dovecot", "run", "state", "mail")
        (folder / "mail").chmod(0o777)
        self._run(110, 143, 993, 995, argv=["dovecot", "-F", "-c", self._write(folder, DOVECOT)])
        folder = self._folder("exim", "spool")
        self._run(25, 26, argv=["exim4", "-bdf", "-oX", "25 : 26", "-C", self._write(folder, EXIM)])
        folder = self._folder("slapd")
        self._run(389, argv=["slapd", "-d", "0", "-h", "ldap://", "-f", self._write(folder, SLAPD)])
        folder = self._folder("ngircd")
        self._run(6667, 6697, argv=["ngircd", "-n", "-f", self._write(folder, NGIRCD)])
        folder = self._folder("squid")
        folder.chmod(0o777)
        self._run(3128, argv=["squid", "-N", "-d", "1", "-n", f"wg{os.getpid()}", "-f", self._write(folder, SQUID)])
        self._run(1080, argv=["microsocks", "-i", "0.0.0.0", "-p", "1080", "-u", USER, "-P", WORD])
        self._run(23, argv=["busybox", "telnetd", "-F", "-p", "23"])
        configuration = self._write(self._folder("prosody"), PROSODY)
        namespace.run("prosodyctl", "--root", "--config", configuration, "register", USER, NAME, WORD)
        self._run(5222, argv=["prosody", "--root", "-F", "--config", configuration])
        folder = self._folder("snmpd")
        agent = namespace.start("snmpd", "snmpd", "-f", "-Le", "-C", "-c", self._write(folder, SNMPD))
        for process, ports in self._started:
            namespace.wait_listening(process, *ports)
        namespace.wait_listening(agent, 161, protocol="udp")

    def _folder(self, name: str, *inside: str) -> Path:
        folder = self._namespace.lab.processes.subfolder(name)
        for each in inside:
            (folder / each).mkdir()
        return folder

    def _write(self, folder: Path, configuration: str) -> str:
        path = folder / "server.cfg.lua"  # prosody reads no other name
        path.write_text(
            configuration.format(
                folder=folder, certificate=self.certificate, name=NAME, user=USER, word=WORD, suffix=SUFFIX
            ).lstrip()
        )
        return str(path)

    def _run(self, *ports: int, argv: Sequence[str]) -> None:
        self._started.append((self._namespace.start(argv[0], *argv), ports))
