"""A service was used without encryption: file transfer, mail, a directory, a terminal, chat or a remote screen.

What it means
    A program on this laptop spoke to a server in plain text. Nothing says that a password was sent; if one was, that is told as
    plaintext-login.

Why it matters
    Others on the network can read what was fetched and sent (file names, mail, what is typed and shown), and a network that is
    not honest can change it.

What to do
    Where the program offers TLS, switch it on. For public downloads there is nothing to do.

False alarms
    A conversation that turns to TLS (STARTTLS) is encrypted and stays silent. Web pages have rules of their own.

Limits
    Only services that are known by what they say are told: FTP, Telnet, POP3, IMAP, SMTP, LDAP, IRC, XMPP, VNC and SNMP. One
    whose client only asked what the server can do is told when the conversation is over, since TLS might still have followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.addresses import address_text
from wifiguard.core.fewest import Fewest
from wifiguard.core.messages import CleartextSession, Flow
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="plaintext-service",
    kind=Kind.EVENT,
    texts={
        Severity.INFO: Text(
            N_("A service was used without encryption"),
            N_("Others on this network can read what this laptop and {server} say to each other by {service}."),
            (N_("If the program has a setting for TLS or SSL, switch it on."),),
        )
    },
    references=("RFC 8314", "RFC 7435 (opportunistic security)"),
)

SERVICES = frozenset({"ftp", "telnet", "pop3", "imap", "smtp", "ldap", "irc", "xmpp", "vnc", "snmp"})


class PlaintextServiceEvidence(Evidence, frozen=True):
    """`protocol`: ftp telnet pop3 imap smtp ldap irc xmpp vnc snmp; `service`: the same for people.

    `server`: its address. `program`: which one on this laptop, where that can be known.
    """

    protocol: str
    port: int
    server: str
    service: str
    program: str | None = None


class Config(Struct, frozen=True):
    """`servers`: how many a protocol are told apart in one network; what comes after them is one finding."""

    servers: int = 32


class PlaintextService(Detector):
    """Fires on every session of a known protocol; the same protocol and server is the same problem."""

    rule = RULE
    inputs = (CleartextSession,)

    def __init__(self, config: Config = Config()) -> None:
        self._servers = Fewest(config.servers)

    def observe(self, obs: CleartextSession) -> Iterator[Finding]:  # type: ignore[override]
        flow, protocol = obs.flow, obs.protocol
        if protocol not in SERVICES:
            return
        server = address_text(flow.server)
        where = obs.network.id if obs.network else ""
        service = "Telnet" if protocol == "telnet" else protocol.upper()
        yield self.found(
            obs,
            Severity.INFO,
            (protocol, self._servers.name((where, protocol), server, obs.tick)),
            PlaintextServiceEvidence(protocol, flow.server_port, server, service),
        )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 21, "tcp")
    yield Example(
        "a file is fetched",
        (CleartextSession(seen, flow, "ftp"),),
        ((Severity.INFO, PlaintextServiceEvidence("ftp", 21, "192.0.2.1", "FTP")),),
    )
    yield Example(
        "a server was greeted and left before TLS began",
        (CleartextSession(seen, flow, "smtp", content=False),),
        ((Severity.INFO, PlaintextServiceEvidence("smtp", 21, "192.0.2.1", "SMTP")),),
    )
    yield Example("text of a protocol that nobody knows", (CleartextSession(seen, flow, "text"),))
