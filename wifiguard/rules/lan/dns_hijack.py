"""The network's name server gives false addresses.

What it means
    Asked for a bank's name, it named an address that cannot show the bank's certificate; or it named an address for a name that
    was made up and does not exist.

Why it matters
    A name server that lies leads you where it wants. A false address for a bank is an attack. An address for names that do not
    exist is mostly a provider who shows advertisements for mistyped names.

What to do
    Where a bank's name is false: leave the network, and do your banking over mobile data. Else set up another name server (DNS
    over TLS) in your system's settings.

False alarms
    Login pages of hotels answer for every name until you are logged in: nothing is told then, and it is asked again once you are.
    Filters that answer with nowhere (0.0.0.0), and different addresses in different countries are silent.

Limits
    A handful of names, chosen by lot, is asked on joining a network that you do not trust. Other names are not checked, and an
    attacker may lie to others only.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core import portals
from wifiguard.core.addresses import address_bytes, is_private
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import NeighbourSeen, ProbeAnswer
from wifiguard.core.joining import Joining
from wifiguard.core.observation import Observation
from wifiguard.core.portals import Portals
from wifiguard.core.rule import AskProbe, Cleared, Detector, Evidence, Example, Finding, Kind, Output, Rule, Text
from wifiguard.core.scenes import ROUTER, ROUTER_MAC, dhcp, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue

RULE = Rule(
    id="dns-hijack",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("The name server lies about {name}"),
            N_("It sends {name} to {address}, and what is there cannot prove to be {name} ({reason})."),
            (
                N_("Leave this network; do your banking over mobile data."),
                N_("Do not type any password here."),
            ),
        ),
        Severity.LOW: Text(
            N_("The name server invents addresses"),
            N_("It named {address} for a name that does not exist, as providers do to show advertisements."),
            (N_("Use another name server, by DNS over TLS, in your system's settings."),),
        ),
    },
    references=("RFC 8499 (NXDOMAIN)", "RFC 4924, 2.5.2 (DNS redirection)"),
)
NAMES, PROOF = "names", "proves-itself"
_LIES, _INVENTS = ("bank",), ("made-up",)
_MADE_UP = "?"
# So many are offered for the lot; banks that everybody asks for, so that the question says nothing about the person.
_OFFERED = 24
_NOWHERE = (bytes(4), bytes([127, 0, 0, 1]))


class DnsHijackEvidence(Evidence, frozen=True):
    """`name` of the catalogue, null for the made-up one; `address` that was named for it; `reason`: why it proves nothing."""

    name: str | None
    address: str
    reason: str


class Config(Struct, frozen=True):
    """`ask`: ask the name server on joining an untrusted network."""

    ask: bool = True


class DnsHijack(Detector):
    """Asks for made-up and well-known names, and has the addresses prove themselves that cannot be right."""

    rule = RULE
    inputs = (*Portals.INPUTS, *Joining.INPUTS)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._config = config
        self._joining = Joining()
        self._portals = Portals()
        # What is told if no login page explains it.
        self._held: BoundedMap[str, Finding] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        hidden = self._portals.intercepts(obs.interface, obs.tick)
        told = self._portals.observe(obs)
        hides = self._portals.intercepts(obs.interface, obs.tick)
        if hides and not hidden:
            yield from self._over(obs)
        trusted = obs.network is not None and obs.network.trusted
        logged_in = told == "" and hidden and not trusted
        if self._config.ask and (self._joining.joined(obs) or logged_in):
            yield AskProbe(RULE.id, NAMES, obs.seen, (("names", ",".join(self._offered())),))
        if isinstance(obs, ProbeAnswer) and not hides:
            yield from self._answered(obs, dict(obs.answer or ()))

    def _answered(self, obs: ProbeAnswer, answer: dict[str, str]) -> Iterator[Output]:
        if obs.probe == portals.PROBE:
            if (finding := self._held.pop(obs.interface)) is not None:
                yield finding
        elif obs.probe == NAMES and answer:
            yield from self._named(obs, answer)
        elif obs.probe == PROOF and answer:
            yield from self._proved(obs, dict(obs.question), answer.get("verdict", ""))

    def _named(self, obs: ProbeAnswer, answers: dict[str, str]) -> Iterator[Output]:
        invented = _addresses(answers.pop(_MADE_UP, ""))
        for name, text in answers.items():
            for address, raw in _addresses(text).items():
                if raw not in _NOWHERE and (address in invented or is_private(raw)):
                    yield AskProbe(RULE.id, PROOF, obs.seen, (("name", name), ("address", address)))
                    return
        for address, raw in invented.items():
            if raw not in _NOWHERE and not self._portals.up(obs.interface, obs.tick):
                found = DnsHijackEvidence(None, address, "the name does not exist")
                yield from self._hold(self.found(obs, Severity.LOW, _INVENTS, found))
                return
        yield from self._over(obs)

    def _proved(self, obs: ProbeAnswer, question: dict[str, str], verdict: str) -> Iterator[Output]:
        if verdict == "valid":
            yield from self._over(obs)
        elif verdict:
            reason = "nobody answers there" if verdict == "unreachable" else verdict
            found = DnsHijackEvidence(question.get("name"), question.get("address", ""), reason)
            yield from self._hold(self.found(obs, Severity.HIGH, _LIES, found))

    def _hold(self, finding: Finding) -> Iterator[AskProbe]:
        self._held.put(finding.seen.interface, finding, finding.seen.tick)
        yield AskProbe(portals.RULE, portals.PROBE, finding.seen)

    def _over(self, obs: Observation) -> Iterator[Cleared]:
        """The name server is honest, or a login page is why it is not."""
        self._held.pop(obs.interface)
        for key in (_LIES, _INVENTS):
            yield Cleared(RULE.id, obs.seen, key)

    def _offered(self) -> list[str]:
        banks = [entry.domains[0] for entry in self._catalogue.entries() if entry.category in ("bank", "payment")]
        names = [name for name in banks if not name.startswith("*")]
        return names[:: max(1, len(names) // _OFFERED)][:_OFFERED]


def _addresses(text: str) -> dict[str, bytes]:
    return {part: raw for part in text.split(",") if (raw := address_bytes(part)) is not None}


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    bank = "commerzbank.de"

    def named(tick: float, made_up: str, address: str) -> ProbeAnswer:
        return ProbeAnswer(seen(tick), RULE.id, NAMES, (), (("?", made_up), (bank, address)))

    def proof(verdict: str) -> ProbeAnswer:
        question = (("name", bank), ("address", "10.0.0.66"))
        return ProbeAnswer(seen(3.0), RULE.id, PROOF, question, (("verdict", verdict),))

    def web(tick: float, state: str) -> ProbeAnswer:
        return ProbeAnswer(seen(tick), portals.RULE, portals.PROBE, (), (("state", state),))

    lie, forged = named(2.0, "", "10.0.0.66"), proof("self-signed certificate")
    false = DnsHijackEvidence(bank, "10.0.0.66", "self-signed certificate")
    yield Example(
        "a bank's name leads to a machine that cannot prove itself",
        (lie, forged, web(4.0, "open")),
        ((Severity.HIGH, false),),
    )
    cannot = replace(web(4.0, ""), answer=None, failed="NetworkManager is not configured to check for a login page")
    yield Example(
        "so it is told where nobody can say that it is a login page", (lie, forged, cannot), ((Severity.HIGH, false),)
    )
    yield Example(
        "names that do not exist have an address",
        (named(2.0, "23.0.2.9", "93.0.113.9"), web(3.0, "open")),
        ((Severity.LOW, DnsHijackEvidence(None, "23.0.2.9", "the name does not exist")),),
    )
    yield Example("an honest name server", (named(2.0, "", "93.0.113.9"),))
    yield Example("a filter answers with nowhere", (named(2.0, "", "0.0.0.0"),))
    yield Example("a company's own address for the name, with its certificate", (lie, proof("valid")))
    yield Example("it was a login page", (lie, forged, web(4.0, "portal")))
    yield Example("a login page was there before", (web(1.0, "portal"), lie, forged))
    yield Example(
        "a login page answers for every name", (dhcp(1.0, 5, portal=True), named(2.0, "10.0.0.1", "10.0.0.1"))
    )
    yield Example("the name server could not be asked", (NeighbourSeen(seen(1.0), ip(ROUTER), ROUTER_MAC),))
