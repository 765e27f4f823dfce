"""The names of the sites that this laptop looks up leave it without encryption.

What it means
    Before it visits a site, this laptop asks a name server where the site is. On this network it asks in plain text.

Why it matters
    Everyone on the way sees which sites are visited, your bank's name among them, and can answer with a wrong address. What is
    read and sent on an https:// page stays encrypted.

What to do
    Switch on encrypted look-ups: "secure DNS" in the browser's settings, or DNSOverTLS=yes in /etc/systemd/resolved.conf. A VPN
    hides them too.

False alarms
    It is reported on networks that you do not trust only, and never as more than information: most networks work like this.

Limits
    Names that a browser looks up by itself over HTTPS are not seen, and so not counted. A capture file says of no network whether
    you trust it, so replay stays silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.joining import OWN_PORTS
from wifiguard.core.messages import DnsMessage, DnsQuestion, Flow
from wifiguard.core.network import Medium, Network, Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue

RULE = Rule(
    id="unencrypted-dns",
    kind=Kind.EVENT,
    texts={
        Severity.INFO: Text(
            N_("Name look-ups are not encrypted"),
            N_("Others on this network can see which sites this laptop looks up ({lookups} so far)."),
            (N_("Switch on secure DNS in the browser, or DNS over TLS in the system's settings."),),
        ),
    },
    references=("RFC 9076 (DNS privacy)", "RFC 7858 (DNS over TLS)", "RFC 8484 (DNS over HTTPS)"),
)

NETWORKS = 64
BANKS = frozenset({"bank", "payment", "broker", "crypto"})


class UnencryptedDnsEvidence(Evidence, frozen=True):
    """`lookups`: questions in clear on this network so far. `bank`: whether the name of a bank or the like was among them."""

    lookups: int
    bank: bool


class Config(Struct, frozen=True):
    """`first`: seconds of counting before the first report; `again`: between two."""

    first: float = 10.0
    again: float = 600.0


class _Tally(Struct):
    """`due`: when to report next, None while nothing was asked since. `last`: the latest question."""

    last: DnsMessage
    lookups: int = 0
    bank: bool = False
    due: float | None = None
    told: bool = False


class UnencryptedDns(Detector):
    """Counts questions on networks that are known and not trusted; reports the count now and then."""

    rule = RULE
    inputs = (DnsMessage,)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._config = config
        self._tallies: BoundedMap[str, _Tally] = BoundedMap(NETWORKS)

    def observe(self, obs: DnsMessage) -> tuple[Finding, ...]:  # type: ignore[override]
        network = obs.network
        if network is None or network.trusted or network.medium is Medium.VPN:
            return ()
        if obs.response or obs.flow.tunnelled or obs.protocol not in ("dns", "dns-over-tcp"):
            return ()
        if obs.flow.client_port in OWN_PORTS:
            return ()  # our own check of the name server
        tally = self._tallies.get(network.id, obs.tick) or _Tally(obs)
        tally.last = obs
        tally.lookups += 1
        if tally.due is None:
            tally.due = obs.tick + (self._config.again if tally.told else self._config.first)
        if not tally.bank and any(self._is_bank(question.name) for question in obs.questions):
            tally.bank = True
            tally.due = min(tally.due, obs.tick + self._config.first)
        self._tallies.put(network.id, tally, obs.tick)
        return ()

    def deadline(self) -> float | None:
        return min((tally.due for tally in self._tallies.values() if tally.due is not None), default=None)

    def on_time(self, due: float) -> Iterator[Finding]:
        for tally in self._tallies.values():
            if tally.due is not None and tally.due <= due:
                tally.due = None
                tally.told = True
                evidence = UnencryptedDnsEvidence(tally.lookups, tally.bank)
                yield self.found(tally.last, Severity.INFO, (), evidence)

    def _is_bank(self, name: str) -> bool:
        listing = self._catalogue.lookup(name)
        return listing is not None and (listing.certainty == "user" or listing.category in BANKS)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = wifi_network(b"Cafe", Security.OPEN)
    home = wifi_network(b"Home", Security.WPA2, trusted=True)
    flow = Flow(bytes([10, 0, 0, 2]), 40000, bytes([10, 0, 0, 1]), 53, "udp")

    def asked(
        name: str, network: Network | None, tick: float = 0.0, *, response: bool = False, flow: Flow = flow
    ) -> DnsMessage:
        seen = Seen(tick, tick, network, "wlan0")
        return DnsMessage(seen, flow, "dns", 7, response, 0, (DnsQuestion(name, 1),), ())

    yield Example(
        "look-ups in a café, counted together",
        (asked("www.example.org", cafe), asked("www.example.com", cafe, 1.0)),
        ((Severity.INFO, UnencryptedDnsEvidence(2, False)),),
    )
    yield Example(
        "a bank's name among them, a while later",
        (asked("www.example.org", cafe), asked("www.paypal.com", cafe, 60.0)),
        ((Severity.INFO, UnencryptedDnsEvidence(1, False)), (Severity.INFO, UnencryptedDnsEvidence(2, True))),
    )
    yield Example("at home", (asked("www.paypal.com", home),))
    yield Example("inside a VPN", (asked("www.paypal.com", cafe, flow=flow._replace(tunnelled=True)),))
    yield Example("an answer is no question", (asked("www.paypal.com", cafe, response=True),))
    yield Example("a capture file does not say where it comes from", (asked("www.paypal.com", None),))
