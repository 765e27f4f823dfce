"""An access point pretends to be every network that devices ask for.

What it means
    Laptops and phones call the names of networks they know. One access point answers to names that it does not announce itself:
    whatever is asked for, it claims to be.

Why it matters
    That is how attack tools (KARMA, MANA, "Wi-Fi Pineapple") catch devices: yours would join it as if it were home, and
    everything unencrypted goes through the attacker's hands.

What to do
    Leave Wi-Fi off here and use mobile data. Delete saved networks that you no longer use, above all open and hidden ones:
    `wifiguard profiles` lists them.

False alarms
    An access point with several names announces each of them in its own beacons, and stays silent here. One or two unannounced
    names are hidden networks; three under one address are not.

Limits
    Passively it shows only in monitor mode and in capture files; otherwise WiFiGuard asks for a name that cannot exist, where it
    may. A tool that answers only for names on a list is not caught by that question.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from wifiguard.core.addresses import mac_text
from wifiguard.core.air import FrameKind, ManagementFrame
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.network import Security
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import (
    AskProbe,
    Detector,
    Evidence,
    Example,
    Finding,
    Kind,
    Output,
    Rule,
    Text,
)
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, BssSeen, WifiAssociated

RULE = Rule(
    id="decoy-ssid-answered",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("A false access point answers to every name"),
            N_("It pretends to be whatever network a device looks for, so that devices join it by themselves."),
            (
                N_("Switch Wi-Fi off here and use mobile data."),
                N_("Delete saved networks that you no longer need; `wifiguard profiles` lists risky ones."),
            ),
        )
    },
    references=("Dai Zovi and Macaulay, Attacking Automatic Wireless Network Selection (KARMA), 2005",),
)

PROBE = "decoy"
# An untrusted network is asked about again after this many seconds.
_AGAIN = 900.0
_POINTS = 1024
_NAMES = 64
# How long a call for a name makes the answer to it an answer.
_ASKED = 10.0


class Config(Struct, frozen=True):
    """`names`: how many names that it does not announce one access point may answer to.

    `ask`: call a name that cannot exist on joining a network that you do not trust. It takes a scan, which root alone may make.
    """

    names: int = 3
    ask: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.names <= _NAMES:
            raise ValueError(f"names is from 2 to {_NAMES}")


class DecoySsidEvidence(Evidence, frozen=True):
    """`ssid`: the name that was answered last. `bssids`: the access point. `differs`: nothing to compare, always empty."""

    ssid: str
    bssids: tuple[str, ...]
    differs: tuple[str, ...] = ()


class _Point(Struct):
    announced: set[bytes] = field(default_factory=set)
    # Name → how often it was answered; a call for it that was heard counts as much as a second answer.
    answered: dict[bytes, int] = field(default_factory=dict)


class DecoySsidAnswered(Detector):
    """Compares the names that an access point answers to with those that its beacons announce."""

    rule = RULE
    inputs = (BssSeen, ManagementFrame, WifiAssociated, ProbeAnswer)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._points: BoundedMap[bytes, _Point] = BoundedMap(_POINTS, age=3600.0)
        self._asked_at: BoundedMap[bytes, float] = BoundedMap(_POINTS, age=_ASKED)
        self._probed: BoundedMap[tuple[str, bytes], bool] = BoundedMap(64, age=_AGAIN)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case WifiAssociated(bss=bss) if self._config.ask and not (obs.network and obs.network.trusted):
                if self._probed.get((obs.interface, bss.ssid), obs.tick) is None:
                    self._probed.put((obs.interface, bss.ssid), True, obs.tick)
                    yield AskProbe(RULE.id, PROBE, obs.seen)
            case ProbeAnswer(rule=RULE.id, answer=tuple() as answer):
                told = dict(answer)
                for bssid in filter(None, told.get("answered", "").split(",")[:1]):
                    evidence = DecoySsidEvidence(visible(told.get("name", "")), (visible(bssid, 17),))
                    yield self.found(obs, Severity.CRITICAL, (evidence.bssids[0],), evidence)
            case ManagementFrame(kind=FrameKind.PROBE_REQUEST, ssid=bytes() as name):
                self._asked_at.put(name, obs.tick, obs.tick)
            case BssSeen(bss=Bss(ssid=name, bssid=bytes() as bssid)) if name:
                point = self._points.get(bssid, obs.tick) or _Point()
                self._points.put(bssid, point, obs.tick)
                if obs.answer:
                    yield from self._answer(obs, point, name, bssid)
                elif len(point.announced) < _NAMES:
                    point.announced.add(name)
            case _:
                pass

    def _answer(self, obs: BssSeen, point: _Point, name: bytes, bssid: bytes) -> Iterator[Finding]:
        if name not in point.answered and len(point.answered) >= _NAMES:
            return
        # A name that a damaged frame invented comes once, and nobody called it.
        weight = 2 if self._asked_at.get(name, obs.tick) is not None else 1
        point.answered[name] = point.answered.get(name, 0) + weight
        foreign = [each for each, sure in point.answered.items() if sure >= 2 and each not in point.announced]
        if len(foreign) >= self._config.names:
            point.answered.clear()
            yield self.found(
                obs,
                Severity.CRITICAL,
                (mac_text(bssid),),
                DecoySsidEvidence(visible(foreign[-1]), (mac_text(bssid),)),
            )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    point, station = bytes.fromhex("a42bb0112206"), bytes.fromhex("020000000102")
    names = (b"Home", b"Airport", b"Hotel", b"Office")

    def beacon(name: bytes, bssid: bytes = point) -> BssSeen:
        return BssSeen(Seen(0.0, 0.0), Bss(name, bssid, Security.OPEN))

    def answer(name: bytes, bssid: bytes = point) -> BssSeen:
        return BssSeen(Seen(0.0, 1.0), Bss(name, bssid, Security.OPEN), answer=True)

    def call(name: bytes) -> ManagementFrame:
        return ManagementFrame(Seen(0.0, 0.5), FrameKind.PROBE_REQUEST, b"\xff" * 6, station, b"\xff" * 6, ssid=name)

    found = ((Severity.CRITICAL, DecoySsidEvidence("Hotel", ("a4:2b:b0:11:22:06",))),)
    yield Example("every call is answered", tuple(o for n in names for o in (call(n), answer(n))), found)
    yield Example(
        "answers alone, each more than once, beside an innocent beacon",
        (beacon(b"FreeWiFi"), *(answer(n) for n in names for _ in range(2))),
        found,
    )

    def probed(*answered: str) -> ProbeAnswer:
        answer = (("name", "qwertyuiop"), ("answered", ",".join(answered)))
        return ProbeAnswer(Seen(0.0, 2.0), RULE.id, PROBE, (), answer)

    yield Example(
        "a name that cannot exist is answered",
        (probed("00:13:37:a5:00:01"),),
        ((Severity.CRITICAL, DecoySsidEvidence("qwertyuiop", ("00:13:37:a5:00:01",))),),
    )
    yield Example("a name that cannot exist is not answered", (probed(),))
    yield Example(
        "it announces what it answers", (*map(beacon, names), *(o for n in names for o in (call(n), answer(n))))
    )
    yield Example("names that damaged frames invented", tuple(map(answer, names)))
    yield Example(
        "hidden networks, each under its own address",
        tuple(o for i, n in enumerate(names) for o in (call(n), answer(n, bytes(5) + bytes([i])))),
    )
