"""Someone keeps throwing devices off a Wi-Fi network.

What it means
    Messages that end a connection (deauthentication, disassociation) arrive in numbers that no access point sends by itself. In
    most networks anybody nearby can forge them.

Why it matters
    It is the first step of several attacks: your laptop is pushed off the true access point so that it joins a false one, or so
    that the password's handshake can be recorded and guessed.

What to do
    Do not join another network that offers itself now, not even one of the same name. Use mobile data until it is over. At home,
    switch the router to WPA3 or switch on "protected management frames" (802.11w), which makes these messages useless.

False alarms
    An access point that restarts, roaming, suspend and your own disconnect send one or two such frames and stay silent here, as
    do repetitions of a frame that was not acknowledged. An access point that has forgotten a laptop answers whatever the laptop
    sends with such a frame; where the connection ignores them because its frames are protected, only a flood is told.

Limits
    While the laptop is connected it hears only what is meant for itself; what happens to others shows in monitor mode and in
    capture files. Some drivers tell only that the connection ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.addresses import mac_text
from wifiguard.core.air import FrameKind, ManagementFrame
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="forced-disconnects",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("Someone is forcing devices off this Wi-Fi"),
            N_("Forged messages push devices off the network, often so that they join a false one."),
            (
                N_("Join no other network that offers itself now, not even one of the same name."),
                N_("Use mobile data until it is over."),
            ),
        )
    },
    references=(
        "IEEE 802.11-2020, 9.3.3.4 (Disassociation), 9.3.3.12 (Deauthentication) and 12.2.7 (management frame protection)",
    ),
)

_POINTS = 1024
# "Class 2 frame received from nonauthenticated STA", and class 3 from one that is not associated (IEEE 802.11-2020, 9.4.1.7).
_FORGOTTEN = (6, 7)


class Config(Struct, frozen=True):
    """`frames` within `seconds` overheard in the air, or `own_frames` within `own_seconds` at this laptop itself."""

    frames: int = 30
    seconds: float = 10.0
    own_frames: int = 5
    own_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not (2 <= self.frames <= 10_000 and 2 <= self.own_frames <= 10_000):
            raise ValueError("frames and own_frames are from 2 to 10000")
        if self.seconds <= 0 or self.own_seconds <= 0:
            raise ValueError("seconds and own_seconds are above 0")


class ForcedDisconnectsEvidence(Evidence, frozen=True):
    """`bssid`: the access point in whose name. `frames` within `seconds`, repetitions not counted."""

    bssid: str
    frames: int
    seconds: float


class ForcedDisconnects(Detector):
    """Counts unprotected deauthentications and disassociations, both ways, an access point at a time."""

    rule = RULE
    inputs = (ManagementFrame,)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._ticks: BoundedMap[tuple[bytes, str | None, bool], deque[float]] = BoundedMap(_POINTS, age=600.0)

    def observe(self, obs: ManagementFrame) -> Iterator[Finding]:  # type: ignore[override]
        if obs.kind is FrameKind.PROBE_REQUEST or obs.protected or obs.retry:
            return
        config = self._config
        # What a forgetful access point answers to each of the laptop's frames, as long as the laptop takes no notice.
        answer = obs.ignored and obs.reason in _FORGOTTEN
        needed, window = (
            (config.own_frames, config.own_seconds) if obs.own and not answer else (config.frames, config.seconds)
        )  # fmt: skip
        # Each of several radios of this laptop has a connection of its own to lose.
        key = (obs.bssid, obs.interface if obs.own else None, answer)
        ticks = self._ticks.get(key, obs.tick)
        if ticks is None:
            ticks = deque(maxlen=needed)
        self._ticks.put(key, ticks, obs.tick)
        ticks.append(obs.tick)
        spent = obs.tick - ticks[0]
        if len(ticks) == needed and 0 <= spent <= window:
            # The next report wants as many frames again: a flood is one problem that repeats now and then.
            ticks.clear()
            evidence = ForcedDisconnectsEvidence(mac_text(obs.bssid), needed, round(spent, 1))
            yield self.found(obs, Severity.HIGH, (mac_text(obs.bssid),), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    point, station = bytes.fromhex("a42bb0112205"), bytes.fromhex("020000000101")

    def thrown_out(
        number: int,
        every: float,
        *,
        kind: FrameKind = FrameKind.DEAUTHENTICATION,
        own: bool = False,
        ignored: bool = False,
        protected: bool = False,
        retry: bool = False,
        radios: int = 1,
    ) -> tuple[ManagementFrame, ...]:
        return tuple(
            ManagementFrame(
                Seen(0.0, n * every, interface=f"wlan{n % radios}"),
                kind,
                *(station, point, point),
                reason=7,
                protected=protected,
                retry=retry,
                own=own,
                ignored=ignored,
            )
            for n in range(number)
        )

    for kind in (FrameKind.DEAUTHENTICATION, FrameKind.DISASSOCIATION):
        yield Example(
            f"a flood of {kind} frames in the air",
            thrown_out(40, 0.1, kind=kind),
            ((Severity.HIGH, ForcedDisconnectsEvidence("a4:2b:b0:11:22:05", 30, 2.9)),),
        )
    yield Example(
        "this laptop is thrown out five times in a minute",
        thrown_out(5, 4.0, own=True),
        ((Severity.HIGH, ForcedDisconnectsEvidence("a4:2b:b0:11:22:05", 5, 16.0)),),
    )
    yield Example(
        "a flood at a laptop that ignores it",
        thrown_out(40, 0.1, own=True, ignored=True),
        ((Severity.HIGH, ForcedDisconnectsEvidence("a4:2b:b0:11:22:05", 30, 2.9)),),
    )
    yield Example(
        "an access point that has forgotten a laptop which ignores that", thrown_out(20, 1.0, own=True, ignored=True)
    )
    yield Example("an access point that restarts", thrown_out(3, 0.1))
    yield Example("an access point that restarts throws out eight radios", thrown_out(8, 0.1, own=True, radios=8))
    yield Example("thrown out four times, then peace", thrown_out(4, 1.0, own=True))
    yield Example("a station that does not answer: one frame, sent again and again", thrown_out(50, 0.01, retry=True))
    yield Example("802.11w proves the sender", thrown_out(50, 0.1, protected=True))
    yield Example("a busy hall: one every second", thrown_out(100, 1.0))
