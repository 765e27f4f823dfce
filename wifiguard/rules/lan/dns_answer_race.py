"""Two contradicting answers to one question for a name arrived.

What it means
    This laptop asked once for the address of a name, and two answers came that have no address in common and did not come the
    same way. Somebody else was faster than the name server, or slower.

Why it matters
    The first answer wins. With a false one, the name of your bank or mail leads to a machine of the attacker's choice; only a
    certificate that does not fit will then warn you.

What to do
    Do not log in anywhere on this network. Leave it, or use a VPN; switching on DNS over TLS in your system protects names.

False alarms
    Answers that agree in part, answers to a question that was asked twice, and a rotation of the same addresses are silent.

Limits
    An attacker who keeps the true answer back, or who answers with the same addresses, is not seen. In some countries networks
    send such answers on purpose, for names that are blocked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.lan import Delivery
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import ATTACKER_MAC, LAPTOP, ROUTER, ROUTER_MAC, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue

RULE = Rule(
    id="dns-answer-race",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("Somebody answers for the name server"),
            N_("Two answers to one question contradict each other. The first one decides where the name leads. {name}"),
            (
                N_("Do not log in anywhere on this network."),
                N_("Leave it, or use a VPN; switch DNS over TLS on in your system."),
            ),
        )
    },
    references=("RFC 5452 (forged DNS answers)",),
)
_ADDRESSES = (1, 28)
_MOST = 8
_NXDOMAIN = 3


class DnsAnswerRaceEvidence(Evidence, frozen=True):
    """`name` where the catalogue knows it, else null. `answers`: the addresses of each; `senders`: whose frames brought them."""

    name: str | None
    answers: tuple[tuple[str, ...], ...]
    senders: tuple[str, ...]


class Config(Struct, frozen=True):
    """`within_seconds`: how far apart the two answers may be. `quiet_seconds`: over, when there was none for so long."""

    within_seconds: float = 5.0
    quiet_seconds: float = 300.0


class _Answer(Struct, frozen=True):
    addresses: frozenset[bytes]
    ttls: frozenset[int]
    delivery: Delivery
    exists: bool

    def contradicts(self, other: _Answer) -> bool:
        """No address in common, and not the same way here; nothing at all against an address counts only by another way."""
        if self.addresses & other.addresses:
            return False
        another_way = (self.delivery.mac, self.delivery.hops) != (other.delivery.mac, other.delivery.hops)
        if self.addresses and other.addresses:
            return another_way or self.ttls != other.ttls
        return another_way and self.exists != other.exists


_Question = tuple[str, bytes, int, bytes, int, DnsQuestion]


class DnsAnswerRace(Detector):
    """Fires where more answers than questions came, and two of them contradict each other."""

    rule = RULE
    inputs = (DnsMessage,)

    def __init__(self, catalogue: Catalogue, config: Config = Config()) -> None:
        self._catalogue = catalogue
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._asked: BoundedMap[_Question, int] = BoundedMap(4096, config.within_seconds * 2)
        self._answers: BoundedMap[_Question, tuple[_Answer, ...]] = BoundedMap(4096, config.within_seconds)

    def observe(self, obs: DnsMessage) -> Iterator[Output]:  # type: ignore[override]
        if obs.protocol != "dns" or len(obs.questions) != 1 or obs.questions[0].type not in _ADDRESSES:
            return
        flow = obs.flow
        question = (obs.interface, flow.client, flow.client_port, flow.server, obs.id, obs.questions[0])
        if not obs.response:
            self._asked.put(question, (self._asked.get(question, obs.tick) or 0) + 1, obs.tick)
            return
        records = [r for r in obs.answers if r.type in _ADDRESSES and isinstance(r.data, bytes)]
        answer = _Answer(
            frozenset(r.data for r in records if isinstance(r.data, bytes)),
            frozenset(r.ttl for r in records),
            obs.delivery,
            obs.rcode != _NXDOMAIN,
        )
        if obs.rcode not in (0, _NXDOMAIN):
            return
        earlier = self._answers.get(question, obs.tick) or ()
        if any(answer == other for other in earlier):
            return  # captured twice
        answers = (*earlier, answer)[-4:]
        self._answers.put(question, answers, obs.tick)
        if len(answers) <= (self._asked.get(question, obs.tick) or 0):
            return  # each may have been the answer to a question of its own
        other = next((other for other in earlier if answer.contradicts(other)), None)
        # One problem a network: the names and addresses are the attacker's to choose.
        if other is not None and self._ongoing.sighted(obs.seen, ()):
            yield self.found(obs, Severity.HIGH, (), self._evidence(obs.questions[0].name, other, answer))

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)

    def _evidence(self, name: str, *answers: _Answer) -> DnsAnswerRaceEvidence:
        known = self._catalogue.lookup(name)
        return DnsAnswerRaceEvidence(
            name if known is not None and known.certainty != "likely" else None,
            tuple(tuple(address_text(a) for a in sorted(answer.addresses)[:_MOST]) for answer in answers),
            tuple(mac_text(answer.delivery.mac) for answer in answers),
        )


def _message(
    tick: float, *addresses: str, response: bool = True, mac: bytes = ROUTER_MAC, ttl: int = 300
) -> DnsMessage:
    flow = Flow(ip(LAPTOP), 40000, ip(ROUTER), 53, "udp")
    name = "www.commerzbank.de"
    records = tuple(DnsRecord(name, 1, ttl, ip(address)) for address in addresses)
    return DnsMessage(
        *(seen(tick), flow, "dns", 7, response, 0, (DnsQuestion(name, 1),), records), Delivery(mac, b"", 0, 64)
    )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    asked = _message(0.0, response=False)
    true, false = _message(0.03, "203.0.113.9"), _message(0.01, "192.168.1.66", mac=ATTACKER_MAC, ttl=60)
    yield Example(
        "a false answer before the true one",
        (asked, false, true),
        (
            (
                Severity.HIGH,
                DnsAnswerRaceEvidence(
                    "www.commerzbank.de",
                    (("192.168.1.66",), ("203.0.113.9",)),
                    (mac_text(ATTACKER_MAC), mac_text(ROUTER_MAC)),
                ),
            ),
        ),
    )
    yield Example("one answer", (asked, true))
    yield Example("the same answer twice", (asked, true, replace(true, seen=seen(0.1))))
    yield Example(
        "a rotation that overlaps", (asked, _message(0.1, "192.0.2.1", "192.0.2.2"), _message(0.2, "192.0.2.2"))
    )
    yield Example("a question that was asked again", (asked, asked, true, _message(1.0, "192.0.2.7", ttl=299)))
    yield Example("two answers far apart", (asked, true, _message(9.0, "192.0.2.7", ttl=60)))
