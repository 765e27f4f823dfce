"""A password left this laptop without encryption.

What it means
    A program on this laptop signed in somewhere and sent the password as it is: by e-mail (POP3, IMAP, SMTP), a web page, file
    transfer (FTP), a directory (LDAP), a terminal (Telnet), chat (IRC, XMPP), a proxy, or to a device (SNMP, VNC).

Why it matters
    Everyone on the way can read it, on shared Wi-Fi that is the room, and use it at once or later. Passwords that are used in
    several places open all of them.

What to do
    Change that password from another network. Then switch encryption on in the program: "SSL/TLS" or "STARTTLS, required" for
    mail, SFTP instead of FTP, SSH instead of Telnet, https:// for pages. A service that offers none of these is better not used
    on networks that you do not run yourself.

False alarms
    Anonymous FTP and anonymous directory look-ups are no logins and stay silent, and so do methods that never send the password
    itself (APOP, CRAM-MD5, SCRAM, Kerberos). What a VPN carries is plain only beyond the VPN and reported one step lower, as is
    a device's SNMP community, which is no person's password.

Limits
    It tells that a password was sent, not whether it was right. In a terminal the password is known by the question before it, or
    by not being echoed; where only one direction was captured, Telnet stays silent. SNMP is looked for on its own ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.addresses import address_text
from wifiguard.core.fewest import Fewest
from wifiguard.core.messages import CleartextLogin, Flow
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="plaintext-login",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("A password was sent without encryption"),
            N_("Others on this network can read the {service} password that this laptop just sent to {server}."),
            (
                N_("Change that password from another network."),
                N_("Switch on TLS for {service} in the program, or ask its provider for an encrypted way."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("A password travels without encryption"),
            N_("Whoever is on the way to {server} can read the {service} password that this laptop sends there."),
            (N_("Ask whoever runs {server} for an encrypted way to sign in."),),
        ),
    },
    references=("RFC 8314 (mail without TLS is obsolete)", "RFC 4422, 6 (SASL in clear)", "RFC 7617, 4 (HTTP Basic)"),
)

SERVICES = {"http": "web page", "http-proxy": "web proxy", "socks": "SOCKS proxy", "telnet": "Telnet"}
# No person's password: a device's.
DEVICES = frozenset({"snmp"})


class PlaintextLoginEvidence(Evidence, frozen=True):
    """`protocol`: http http-proxy ftp pop3 imap smtp ldap telnet irc xmpp socks snmp vnc; `service`: the same for people.

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


class PlaintextLogin(Detector):
    """Fires on every password; the same protocol and server is the same problem."""

    rule = RULE
    inputs = (CleartextLogin,)

    def __init__(self, config: Config = Config()) -> None:
        self._servers = Fewest(config.servers)

    def observe(self, obs: CleartextLogin) -> Iterator[Finding]:  # type: ignore[override]
        flow, protocol = obs.flow, obs.protocol
        server = address_text(flow.server)
        where = obs.network.id if obs.network else ""
        lower = flow.tunnelled or protocol in DEVICES
        yield self.found(
            obs,
            Severity.MEDIUM if lower else Severity.HIGH,
            (protocol, self._servers.name((where, protocol), server, obs.tick)),
            PlaintextLoginEvidence(protocol, flow.server_port, server, SERVICES.get(protocol, protocol.upper())),
        )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 143, "tcp")

    def evidence(protocol: str, service: str, port: int = 143, server: str = "192.0.2.1") -> PlaintextLoginEvidence:
        return PlaintextLoginEvidence(protocol, port, server, service)

    yield Example(
        "mail is fetched without TLS",
        (CleartextLogin(seen, flow, "imap"),),
        ((Severity.HIGH, evidence("imap", "IMAP")),),
    )
    yield Example(
        "a page asks for a name and password over http",
        (CleartextLogin(seen, flow._replace(server_port=8080), "http", "printer.example"),),
        ((Severity.HIGH, evidence("http", "web page", 8080)),),
    )
    yield Example(
        "inside a VPN it is plain only beyond the VPN",
        (CleartextLogin(seen, flow._replace(tunnelled=True), "pop3"),),
        ((Severity.MEDIUM, evidence("pop3", "POP3")),),
    )
    yield Example(
        "a device's community",
        (CleartextLogin(seen, flow._replace(server_port=161, transport="udp"), "snmp"),),
        ((Severity.MEDIUM, evidence("snmp", "SNMP", 161)),),
    )
    yield Example("nothing was sent", ())
