"""A machine on the local network answers to names that are not its own.

What it means
    Programs ask the neighbours for names that the name server does not know (LLMNR, NetBIOS, mDNS). Honest machines answer to
    their own name only. Here one answers to everything.

Why it matters
    The answer leads programs to the attacker's machine, which then asks for the user's name and password. This is how passwords
    of company networks are collected, and how a false proxy is put in front of the browser.

What to do
    Leave the network. On your own network, find the machine that is named below. Switch LLMNR off: `LLMNR=no` in
    /etc/systemd/resolved.conf.

False alarms
    A machine with several names of its own, a WINS server that is asked directly, and printers or sleep proxies that answer by
    mDNS for others are known and silent.

Limits
    An attacker who answers to one chosen name alone is not told from that name's owner, unless the name is "wpad".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.addresses import mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.joining import Joining
from wifiguard.core.lan import Delivery, NbnsMessage
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import AskProbe, Cleared, Detector, Evidence, Example, Finding, Kind, Output, Rule, Text
from wifiguard.core.scenes import ATTACKER_MAC, LAPTOP, NEIGHBOUR, NEIGHBOUR_MAC, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="name-poisoning",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("A machine here answers to others' names"),
            N_("{mac} answers to names that are not its own ({protocol}), which leads programs and passwords to it."),
            (
                N_("Leave this network now, unless it is yours."),
                N_("Switch LLMNR off (LLMNR=no in /etc/systemd/resolved.conf)."),
            ),
        )
    },
    references=("RFC 4795 (LLMNR)", "RFC 1002 (NetBIOS)", "MITRE ATT&CK T1557.001"),
)
PROBE = "unknown-name"
_A, _AAAA = 1, 28
# A machine's own name has these suffixes: workstation, messenger, file server. Others are a role's, which several may answer.
_OWN_SUFFIXES = (0x00, 0x03, 0x20)
# Nobody's own name: programs ask for it by themselves, and who answers becomes their proxy.
_BAIT = "wpad"


class NamePoisoningEvidence(Evidence, frozen=True):
    """`protocol` llmnr, nbns or mdns; `mac` of the machine; `names`: how many it answered to (1: one that does not exist)."""

    protocol: str
    mac: str
    names: int


class Config(Struct, frozen=True):
    """`names`: unrelated names that one machine may not answer to. `ask`: ask for a name that does not exist, on joining an
    untrusted network and when somebody answers there. `quiet_seconds`: over, when it answered to nothing for so long.
    """

    names: int = 3
    ask: bool = True
    quiet_seconds: float = 600.0


class _Host(Struct):
    names: set[str] = field(default_factory=set)


class NamePoisoning(Detector):
    """Fires where one machine answers to several names over LLMNR or NetBIOS, or to one that was made up."""

    rule = RULE
    inputs = (DnsMessage, NbnsMessage, ProbeAnswer, *Uplinks.INPUTS, *Joining.INPUTS)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._uplinks = Uplinks()
        self._joining = Joining()
        self._hosts: BoundedMap[tuple[str, str, bytes, bytes], _Host] = BoundedMap(1024, 600.0)
        # NetBIOS questions, and whether they were put to everybody: those to one machine are a name server's business.
        self._questions: BoundedMap[tuple[str, bytes, int], bool] = BoundedMap(1024, 10.0)
        self._asked: BoundedMap[tuple[str, str], bool] = BoundedMap(64, 15.0)
        # Machines that were found out: from then on, one answer of theirs is enough.
        self._known: BoundedMap[tuple[str, str, str], bool] = BoundedMap(64, 86400.0)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if self._config.ask and self._joining.joined(obs):
            yield AskProbe(RULE.id, PROBE, obs.seen, (("protocols", "llmnr,nbns,mdns"),))
        match obs:
            case DnsMessage(protocol="llmnr", response=True, rcode=0) if obs.questions:
                name = obs.questions[0].name
                if obs.questions[0].type in (_A, _AAAA) and any(r.type in (_A, _AAAA) for r in obs.answers):
                    # The answer comes from the well-known port, so the flow's server is who answered.
                    yield from self._answered(obs, "llmnr", name.partition(".")[0], obs.flow.server, obs.delivery.mac)
            case NbnsMessage(response=False):
                self._questions.put((obs.interface, obs.source, obs.id), obs.broadcast, obs.tick)
            case NbnsMessage(response=True, group=False) if obs.suffix in _OWN_SUFFIXES and obs.addresses:
                to_all = self._questions.get((obs.interface, obs.destination, obs.id), obs.tick)
                if to_all or (to_all is None and not obs.wins):
                    yield from self._answered(obs, "nbns", obs.name, obs.source, obs.delivery.mac)
            case ProbeAnswer(rule=RULE.id, answer=tuple() as answer):
                for protocol, mac in answer:
                    yield from self._tell(obs, protocol, mac, 1)
            case _ if isinstance(obs, Uplinks.INPUTS):
                if (left := self._uplinks.observe(obs)) is not None:
                    self._ongoing.leave(left)
            case _:
                pass

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)

    def _answered(self, obs: Observation, protocol: str, name: str, host: bytes, mac: bytes) -> Iterator[Output]:
        if mac in self._uplinks.macs:
            return
        key = obs.interface, protocol, mac, b"" if mac else host
        known = self._hosts.get(key, obs.tick) or _Host()
        if len(known.names) < 64:
            known.names.add(name)
        self._hosts.put(key, known, obs.tick)
        found_out = self._known.get((obs.interface, protocol, mac_text(mac)), obs.tick) is not None
        if len(known.names) >= self._config.names or name == _BAIT or found_out:
            yield from self._tell(obs, protocol, mac_text(mac), len(known.names))
        else:
            yield from self._ask(obs, protocol)

    def _ask(self, obs: Observation, protocol: str) -> Iterator[AskProbe]:
        """Somebody answers to names here: would he answer to one that does not exist?"""
        untrusted = obs.network is None or not obs.network.trusted
        if not self._config.ask or not untrusted or not self._uplinks.knows(obs.interface):
            return
        if self._asked.get((obs.interface, protocol), obs.tick) is None:
            self._asked.put((obs.interface, protocol), True, obs.tick)
            yield AskProbe(RULE.id, PROBE, obs.seen, (("protocols", protocol),))

    def _tell(self, obs: Observation, protocol: str, mac: str, names: int) -> Iterator[Finding]:
        if mac:
            self._known.put((obs.interface, protocol, mac), True, obs.tick)
        if self._ongoing.sighted(obs.seen, (protocol,)):
            yield self.found(obs, Severity.CRITICAL, (protocol,), NamePoisoningEvidence(protocol, mac, names))


def _llmnr(tick: float, name: str, host: str, mac: bytes) -> DnsMessage:
    flow = Flow(ip(LAPTOP), 50000, ip(host), 5355, "udp")
    record = DnsRecord(name, _A, 30, ip(host))
    return DnsMessage(seen(tick), flow, "llmnr", 1, True, 0, (DnsQuestion(name, _A),), (record,), Delivery(mac))


def _nbns(tick: float, name: str, host: str, mac: bytes) -> NbnsMessage:
    return NbnsMessage(seen(tick), Delivery(mac), ip(host), ip(LAPTOP), 1, True, name, 0x20, addresses=(ip(host),))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    attacker = "192.168.1.66"
    names = ("files", "intranet", "printer9")
    for protocol, answer in (("llmnr", _llmnr), ("nbns", _nbns)):
        yield Example(
            f"one machine answers to three names ({protocol})",
            tuple(answer(float(tick), name, attacker, ATTACKER_MAC) for tick, name in enumerate(names)),
            ((Severity.CRITICAL, NamePoisoningEvidence(protocol, mac_text(ATTACKER_MAC), 3)),),
        )
    yield Example(
        "an answer to the name that programs ask for by themselves",
        (_nbns(1.0, "wpad", attacker, ATTACKER_MAC),),
        ((Severity.CRITICAL, NamePoisoningEvidence("nbns", mac_text(ATTACKER_MAC), 1)),),
    )
    made_up = ProbeAnswer(seen(1.0), RULE.id, PROBE, (), (("mdns", mac_text(ATTACKER_MAC)),))
    yield Example(
        "an answer to a name that was made up",
        (made_up,),
        ((Severity.CRITICAL, NamePoisoningEvidence("mdns", mac_text(ATTACKER_MAC), 1)),),
    )
    yield Example(
        "a machine answers to its own name, in short and in full",
        tuple(_llmnr(float(t), n, NEIGHBOUR, NEIGHBOUR_MAC) for t, n in enumerate(("office-pc", "office-pc.lan"))),
    )
    asked = NbnsMessage(seen(0.0), Delivery(NEIGHBOUR_MAC), ip(LAPTOP), ip(NEIGHBOUR), 1, False, "files", 0x20)
    yield Example(
        "a WINS server that was asked directly",
        (asked, *(_nbns(1.0, name, NEIGHBOUR, NEIGHBOUR_MAC) for name in names)),
    )
    yield Example(
        "the answers of a WINS server",
        tuple(replace(_nbns(1.0, name, NEIGHBOUR, NEIGHBOUR_MAC), wins=True) for name in names),
    )
    yield Example(
        "a workgroup's name and its master browser's",
        (
            replace(_nbns(1.0, "workgroup", NEIGHBOUR, NEIGHBOUR_MAC), group=True),
            replace(_nbns(1.0, "workgroup", NEIGHBOUR, NEIGHBOUR_MAC), suffix=0x1D),
            _nbns(1.0, "office-pc", NEIGHBOUR, NEIGHBOUR_MAC),
        ),
    )
    yield Example("nobody answered to a name that was made up", (replace(made_up, answer=()),))
