"""Passwords in clear between real programs and real servers are told; the same over TLS is not."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.net.rig import typist
from tests.net.rig.cafe import Addresses, Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.old_servers import NAME, PROGRAMS, SUFFIX, USER, WORD, OldServers
from tests.net.rig.requirements import LAB, require
from tests.net.watched import Line, Watched

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig(*PROGRAMS, "curl", "lftp", "swaks", "telnet", "ldapsearch", "snmpget", "sendxmpp"),
]

FETCH = ("curl", "--disable", "--silent", "--max-time", "10", "--insecure", "--http0.9")
CURL = (*FETCH, "--user", f"{USER}:{WORD}")
LDAP = ("ldapsearch", "-x", "-D", f"cn={USER},{SUFFIX}", "-w", WORD, "-b", SUFFIX, "-H", "ldap://{host}")
SWAKS = ("swaks", "--server", "{host}", "--to", "a@b.test", "--auth-user", USER, "--auth-password", WORD)
PYTHON = (sys.executable, "-I", "-c")
IMAP = "import imaplib; m = imaplib.IMAP4('{host}'); m.login('" + USER + "', '" + WORD + "'); m.logout()"
POP = "import poplib; m = poplib.POP3('{host}'); m.user('" + USER + "'); m.pass_('" + WORD + "'); m.quit()"
XMPP = (
    "sendxmpp",
    "-u",
    USER,
    "-p",
    WORD,
    "-o",
    NAME,
    "-j",
    "{host}:5222",
    "-m",
    "/etc/debian_version",
    f"{USER}@{NAME}",
)
LFTP = f"set net:max-retries 1; set ftp:ssl-allow no; user nobody {WORD}; ls; exit"
IRC = (
    "import socket, ssl, sys\n"
    "s = socket.create_connection(('{host}', int(sys.argv[1])), 10)\n"
    "if sys.argv[1] == '6697':\n"
    "    context = ssl.create_default_context()\n"
    "    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE\n"
    "    s = context.wrap_socket(s)\n"
    f"s.sendall(b'PASS {WORD}\\r\\nNICK {USER}\\r\\nUSER {USER} 0 * :{USER}\\r\\n')\n"
    "f = s.makefile('rb')\n"
    "while b' 001 ' not in f.readline(): pass\n"
    "s.sendall(b'QUIT\\r\\n')"
)


class Case(NamedTuple):
    """What a program does, with `{host}` for the server's address; `refused`: the server does not let it in."""

    name: str
    argv: tuple[str, ...]
    protocol: str
    port: int
    service: str
    refused: bool = False


PLAIN = [
    Case("curl, ftp", (*CURL, "ftp://{host}/"), "ftp", 21, "FTP", refused=True),
    Case("lftp", ("lftp", "-e", LFTP, "{host}"), "ftp", 21, "FTP", refused=True),
    Case("python, pop3", (*PYTHON, POP), "pop3", 110, "POP3"),
    Case("curl, pop3 AUTH PLAIN", (*CURL, "--login-options", "AUTH=PLAIN", "pop3://{host}/"), "pop3", 110, "POP3"),
    Case("curl, pop3 AUTH LOGIN", (*CURL, "--login-options", "AUTH=LOGIN", "pop3://{host}/"), "pop3", 110, "POP3"),
    Case("python, imap LOGIN", (*PYTHON, IMAP), "imap", 143, "IMAP"),
    Case(
        "curl, imap PLAIN with SASL-IR",
        (*CURL, "--login-options", "AUTH=PLAIN", "--sasl-ir", "imap://{host}/"),
        "imap",
        143,
        "IMAP",
    ),
    Case(
        "curl, imap AUTHENTICATE LOGIN", (*CURL, "--login-options", "AUTH=LOGIN", "imap://{host}/"), "imap", 143, "IMAP"
    ),
    Case("swaks, PLAIN", (*SWAKS, "--auth", "PLAIN"), "smtp", 25, "SMTP"),
    Case("swaks, LOGIN", (*SWAKS, "--auth", "LOGIN"), "smtp", 25, "SMTP"),
    Case(
        "swaks, whose STARTTLS was taken away",
        (*SWAKS, "--port", "26", "--tls-optional", "--auth", "PLAIN"),
        "smtp",
        26,
        "SMTP",
    ),
    Case("ldapsearch", LDAP, "ldap", 389, "LDAP", refused=True),  # there is no such entry
    Case("sendxmpp", XMPP, "xmpp", 5222, "XMPP"),
    Case("python, irc", (*PYTHON, IRC, "6667"), "irc", 6667, "IRC"),
    Case(
        "curl, a proxy",
        (*FETCH, "--proxy", f"http://{USER}:{WORD}@{{host}}:3128", "http://{host}:6667/"),
        "http-proxy",
        3128,
        "web proxy",
    ),
    Case(
        "curl, a SOCKS proxy",
        (*FETCH, "--socks5", f"{USER}:{WORD}@{{host}}:1080", "http://{host}:6667/"),
        "socks",
        1080,
        "SOCKS proxy",
    ),
]
SECRET = [
    Case("curl, ftp after AUTH TLS", (*CURL, "--ssl-reqd", "ftp://{host}/"), "ftp", 21, "FTP", refused=True),
    Case("curl, pop3 after STLS", (*CURL, "--ssl-reqd", "pop3://{host}/"), "pop3", 110, "POP3"),
    Case("curl, pop3s", (*CURL, "pop3s://{host}/"), "pop3", 995, "POP3"),
    Case("curl, imap after STARTTLS", (*CURL, "--ssl-reqd", "imap://{host}/"), "imap", 143, "IMAP"),
    Case("curl, imaps", (*CURL, "imaps://{host}/"), "imap", 993, "IMAP"),
    Case("swaks after STARTTLS", (*SWAKS, "--tls", "--auth", "PLAIN"), "smtp", 25, "SMTP"),
    Case("ldapsearch after StartTLS", (*LDAP, "-ZZ"), "ldap", 389, "LDAP", refused=True),
    Case("sendxmpp after STARTTLS", (*XMPP, "--tls", "--no-tls-verify"), "xmpp", 5222, "XMPP"),
    Case("python, irc over TLS", (*PYTHON, IRC, "6697"), "irc", 6697, "IRC"),
]
# No password crosses, but everything else can be read.
SERVICE = [
    Case("curl, anonymous ftp", ("curl", "--silent", "ftp://{host}/"), "ftp", 21, "FTP"),
    Case("curl, imap CRAM-MD5", (*CURL, "--login-options", "AUTH=CRAM-MD5", "imap://{host}/"), "imap", 143, "IMAP"),
    Case("swaks, CRAM-MD5", (*SWAKS, "--auth", "CRAM-MD5"), "smtp", 25, "SMTP"),
    Case(
        "ldapsearch, anonymous",
        ("ldapsearch", "-x", "-b", SUFFIX, "-H", "ldap://{host}"),
        "ldap",
        389,
        "LDAP",
        refused=True,
    ),
]


class Place:
    """A laptop that is watched and servers that answer at every address behind the router."""

    def __init__(self, lab: Lab) -> None:
        self.cafe = Cafe(lab)
        OldServers(self.cafe.internet)
        self.watched = Watched(self.cafe.laptop)
        self._numbers = itertools.count(10)

    def host(self) -> Addresses:
        """An address that nobody has talked to yet."""
        return self.cafe.host(next(self._numbers))

    def run(self, case: Case, host: str) -> None:
        argv = [each.replace("{host}", host) for each in case.argv]
        done = self.cafe.laptop.run(*argv, env={"LDAPTLS_REQCERT": "never"}, check=False)
        assert bool(done.returncode) is case.refused, done.stdout + done.stderr

    def wait_for(self, rule: str, host: str) -> Line:
        return self.watched.wait_for(rule, lambda line: line["evidence"]["server"] == host)

    def found(self, rule: str, host: str) -> list[Line]:
        return [line for line in self.watched.printed(rule) if line["evidence"]["server"] == host]

    def see_all(self) -> None:
        """What comes after is found, so all that came before was looked at."""
        host = self.host().v4
        self.run(next(case for case in PLAIN if case.name == "python, pop3"), host)
        self.wait_for("plaintext-login", host)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    require(*LAB, root=True)
    with Lab() as lab:
        yield Place(lab)


def evidence(case: Case, host: str) -> dict[str, object]:
    return {"protocol": case.protocol, "port": case.port, "server": host, "service": case.service}


def without_program(line: Line) -> dict[str, object]:
    return {key: value for key, value in line["evidence"].items() if key != "program"}


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.name)
def test_a_password_in_clear_is_told_once(place: Place, case: Case) -> None:
    host = place.host().v4
    place.run(case, host)
    found = place.wait_for("plaintext-login", host)
    assert (found["severity"], found["state"], found["count"]) == ("high", "new", 1)
    assert without_program(found) == evidence(case, host)
    if "proxy" not in case.service:
        assert without_program(place.wait_for("plaintext-service", host)) == evidence(case, host)
    place.see_all()
    assert len(place.found("plaintext-login", host)) == 1


def test_over_ipv6(place: Place) -> None:
    host = place.host().v6
    case = next(case for case in PLAIN if case.name == "python, imap LOGIN")
    place.run(case, host)
    assert without_program(place.wait_for("plaintext-login", host)) == evidence(case, host)


@pytest.mark.parametrize(
    ("program", "menu", "leave"),
    [(["telnet"], "telnet> ", "quit\r"), (["busybox", "telnet"], "exit telnet", "e\r")],
    ids=["inetutils", "busybox"],
)
def test_telnet_typed_by_hand(place: Place, program: list[str], menu: str, leave: str) -> None:
    host = place.host().v4
    turns = [["login: ", USER + "\r"], ["assword: ", WORD + "\r"], ["ncorrect", "\x1d"], [menu, leave]]
    order = {"argv": [*program, host], "turns": turns}
    place.cafe.laptop.run(sys.executable, "-I", str(Path(typist.__file__)), stdin=json.dumps(order))
    found = place.wait_for("plaintext-login", host)
    assert without_program(found) == {"protocol": "telnet", "port": 23, "server": host, "service": "Telnet"}
    assert found["evidence"]["program"] in (program[0], None)


def test_a_devices_community(place: Place) -> None:
    secret, known = place.host().v4, place.host().v4
    for community, host in (("public", known), (WORD, secret)):
        place.cafe.laptop.run("snmpget", "-v2c", "-r0", "-t1", "-c", community, host, "1.3.6.1.2.1.1.1.0", check=False)
    found = place.wait_for("plaintext-login", secret)
    assert (found["severity"], found["evidence"]["service"]) == ("medium", "SNMP")
    assert place.wait_for("plaintext-service", known)["severity"] == "info"
    assert place.found("plaintext-login", known) == []


def test_the_same_over_tls_is_silent(place: Place) -> None:
    hosts = [place.host().v4 for _ in SECRET]
    for case, host in zip(SECRET, hosts, strict=True):
        place.run(case, host)
    place.see_all()
    said = [
        (case.name, place.found("plaintext-login", host), place.found("plaintext-service", host))
        for case, host in zip(SECRET, hosts, strict=True)
    ]
    assert said == [(case.name, [], []) for case in SECRET]


def test_without_a_password_only_the_service_is_told(place: Place) -> None:
    hosts = [place.host().v4 for _ in SERVICE]
    for case, host in zip(SERVICE, hosts, strict=True):
        place.run(case, host)
        assert without_program(place.wait_for("plaintext-service", host)) == evidence(case, host)
    place.see_all()
    assert [place.found("plaintext-login", host) for host in hosts] == [[]] * len(hosts)


def test_nothing_of_a_password_is_kept(place: Place) -> None:
    place.see_all()
    kept = place.watched.kept() + place.watched.process.output().encode() + place.watched.process.errors().encode()
    assert WORD.encode() not in kept
