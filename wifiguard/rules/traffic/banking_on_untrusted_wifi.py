"""The laptop visited a bank over a Wi-Fi that is open or that you have not trusted.

What it means
    The visit was encrypted, so nobody in the room could read it. But who runs this Wi-Fi, and where it is open anyone near,
    sees that you are with this bank and can try tricks on the way: a wrong answer to the bank's name, a page that looks the
    same, a certificate warning that one is tempted to click away.

Why it matters
    With money at stake the network should not be one more thing that can go wrong.

What to do
    Use the bank's own app, mobile data or a VPN until you are on a network of your own. If this network is yours, trust it.
    Never go on after a warning about a certificate.

False alarms
    A page that only shows something of a bank, such as a share price, looks like a visit. Payment services are left out, since
    the pages of every second shop talk to them.

Limits
    Recognised by the server's name in the first packet (TLS and QUIC). With Encrypted Client Hello, or for a bank that is in
    no list, nothing is said. A VPN that is up counts as protection, whatever it carries; "vpn-bypassed" looks at that. In a
    capture file the network is not known, so nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.messages import Flow, TlsHello
from wifiguard.core.network import Medium, Network, Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue

RULE = Rule(
    id="banking-on-untrusted-wifi",
    kind=Kind.EVENT,
    texts={
        Severity.LOW: Text(
            N_("Banking over a Wi-Fi that is not yours"),
            N_("The visit to {institution} is encrypted, but it goes through a Wi-Fi that is open or not trusted."),
            (
                N_("Better use the bank's own app, mobile data or a VPN here."),
                N_("If this Wi-Fi is yours and has a password, trust it."),
            ),
        )
    },
    references=("RFC 6066, 3 (Server Name Indication)",),
)


class BankingOnUntrustedWifiEvidence(Evidence, frozen=True):
    """`institution`: the last that was visited, by its name in the catalogue. `security`: the network's."""

    institution: str
    registrable: str
    security: str
    program: str | None = None


class Config(Struct, frozen=True):
    """`categories` of the catalogue that count."""

    categories: tuple[str, ...] = ("bank", "broker", "crypto")


class BankingOnUntrustedWifi(Detector):
    """Fires on a ClientHello to a name of the catalogue; once a network, since the advice is about the network."""

    rule = RULE
    inputs = (TlsHello, LinkState)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._config = config
        self._vpns: set[int] = set()

    def observe(self, obs: Observation) -> Iterator[Finding]:
        match obs:
            case LinkState(kind=LinkKind.VPN, up=True, present=True):
                self._vpns.add(obs.index)
            case LinkState():
                self._vpns.discard(obs.index)
            case TlsHello(server=False, server_name=str() as name) if not self._vpns and not obs.flow.tunnelled:
                if obs.network is not None and _is_doubtful(obs.network):
                    yield from self._visit(obs, obs.network, name)
            case _:
                pass

    def _visit(self, obs: TlsHello, network: Network, name: str) -> Iterator[Finding]:
        listing = self._catalogue.lookup(name)
        if listing is None or listing.certainty == "likely":
            return
        if listing.certainty == "user" or listing.category in self._config.categories:
            security = str(network.security or Security.UNKNOWN)
            evidence = BankingOnUntrustedWifiEvidence(listing.entry_name, listing.registrable, security)
            yield self.found(obs, Severity.LOW, (), evidence)


def _is_doubtful(network: Network) -> bool:
    return network.medium is Medium.WIFI and (not network.trusted or network.security is Security.OPEN)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 443, "tcp")

    def visit(security: Security, *, trusted: bool, name: str = "www.commerzbank.de", quic: bool = False) -> TlsHello:
        seen = Seen(0.0, 0.0, wifi_network(b"Cafe", security, trusted=trusted), "wlan0")
        return TlsHello(seen, flow._replace(transport="udp" if quic else "tcp"), False, ("TLS1.3",), name, quic=quic)

    def evidence(security: str) -> BankingOnUntrustedWifiEvidence:
        return BankingOnUntrustedWifiEvidence("Commerzbank", "commerzbank.de", security)

    unknown = visit(Security.WPA2, trusted=False)
    yield Example(
        "a Wi-Fi with a password that nobody vouched for", (unknown,), ((Severity.LOW, evidence("wpa2-personal")),)
    )
    yield Example(
        "an open one, though trusted, by QUIC",
        (visit(Security.OPEN, trusted=True, quic=True),),
        ((Severity.LOW, evidence("open")),),
    )
    vpn = LinkState(Seen(0.0, 0.0), 7, "wg0", LinkKind.VPN, up=True)
    yield Example("a VPN is up", (vpn, unknown))
    yield Example(
        "the VPN is gone again",
        (vpn, replace(vpn, up=False), unknown),
        ((Severity.LOW, evidence("wpa2-personal")),),
    )
    yield Example("at home", (visit(Security.WPA2, trusted=True),))
    yield Example("another site", (visit(Security.OPEN, trusted=False, name="www.example.org"),))
    yield Example("a name that only sounds like a bank", (visit(Security.OPEN, trusted=False, name="x.somebank.de"),))
    yield Example("a payment service, as in every shop", (visit(Security.OPEN, trusted=False, name="www.paypal.com"),))
    yield Example("a capture file, where the network is not known", (replace(unknown, seen=Seen(0.0, 0.0)),))
    yield Example("inside a VPN", (replace(unknown, flow=flow._replace(tunnelled=True)),))
