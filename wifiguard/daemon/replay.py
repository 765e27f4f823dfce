"""The rules over capture files: every file is a world of its own, and its packets are the clock."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.engine import Engine
from wifiguard.core.host import ProbeAnswer
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.policy import Decision, Policy, State
from wifiguard.core.rule import AskProbe, Cleared, Detector, Finding, NotChecked, Output
from wifiguard.core.wifi import Bss, BssSeen, WifiAssociated
from wifiguard.daemon.lines import Line, channel_of, instant, network_line, not_checked_line
from wifiguard.sources.authorities import trusted
from wifiguard.sources.files import CaptureFile
from wifiguard.sources.savefile import CaptureError
from wifiguard.streams import Limits, Shunt, Streams, supported

DAY = 86_400.0
# A hostile file may claim any time; beyond these the seconds of a floating-point number lose their fractions.
EARLIEST, LATEST = 0.0, 2.0**34
# Packets between two looks at what was found and what may be shunted: a flow settles within a dozen or so.
BATCH = 32
# Batches between two words on how far it got.
PROGRESS_EVERY = 128
NETWORKS = 10_000
# A file's filter changes in 30 µs and at once: that is less than twenty packets of a flow cost, which a live one lets pass.
LIMITS = Limits(heavy=16_384)

_AIR = (BssSeen, WifiAssociated)

MakeDetectors = Callable[[], Iterable[Detector]]
Render = Callable[[Decision], Line]
Progress = Callable[[str, int], None]


class PacketClock:
    """Packet time made fit for logic: it never runs backwards.

    A step back of up to a second is disorder, and stands still. A longer one, or one forward over a day, is another recording:
    a day passes at once, so that nothing of the old one is still in anybody's window.
    """

    __slots__ = ("_ahead", "_at", "_tick")

    def __init__(self) -> None:
        self._at = float("inf")
        self._ahead = 0.0
        self._tick = float("-inf")

    def tick(self, at: float) -> float:
        """The tick of a packet of wall time `at`."""
        if self._at <= at <= self._at + DAY:
            self._at = at
            self._tick = at + self._ahead
            return self._tick
        at = min(max(at, EARLIEST), LATEST)
        if self._at - 1.0 <= at < self._at < float("inf"):
            return self._tick
        if self._at < float("inf"):
            self._ahead = self._tick + DAY + 1.0 - at
        self._at = at
        self._tick = at + self._ahead
        return self._tick


def replay_file(
    path: str,
    make_detectors: MakeDetectors,
    render: Render,
    *,
    frames: bool = False,
    progress: Progress = lambda path, position: None,
) -> Iterator[Line]:
    """The file's findings as they come up, its networks, then its `capture` line, whatever is wrong with it.

    `frames`: read every packet, so that findings carry true frame numbers; else the filter skips what tells nothing. `progress`
    is told how many bytes of the file were taken, now and then.
    """
    world = _World(make_detectors, render)
    error: str | None = None
    try:
        with CaptureFile(path, filtered=not frames) as file:
            take = partial(_numbered, file, world) if frames else world.packet
            for batch in count():
                if not file.read(take, BATCH):
                    break
                yield from world.news(path)
                for link_type, shunts in world.shunts():
                    file.shunt(link_type, shunts)
                if batch % PROGRESS_EVERY == 0:
                    progress(path, file.position())
    except CaptureError as broken:
        error = str(broken)
    world.finish()
    yield from world.news(path)
    yield from world.networks(path)
    yield world.capture_line(path, error)


def _numbered(file: CaptureFile, world: _World, data: bytes, wire_length: int, at: float, link_type: int) -> None:
    world.packet(data, wire_length, at, link_type, file.count)


def replay_files(
    paths: Sequence[str],
    make_detectors: MakeDetectors,
    render: Render,
    *,
    frames: bool = False,
    jobs: int = 1,
    progress: Progress = lambda path, position: None,
) -> Iterator[Line]:
    """The lines of every file, in the order of `paths`, the same however many processes (`jobs`) share the work.

    Only of the one process that reads everything itself `progress` hears before a file's end.
    """
    gc.freeze()  # what was loaded stays
    if jobs <= 1 or len(paths) <= 1:
        for path in paths:
            yield from replay_file(path, make_detectors, render, frames=frames, progress=progress)
        return
    # Imported here: what it takes to share work costs a start 15 ms, and most replays share none.
    from wifiguard.daemon.jobs import shared

    def lines(path: str) -> list[Line]:
        return list(replay_file(path, make_detectors, render, frames=frames))

    def killed(path: str) -> list[Line]:
        return [_World(make_detectors, render).capture_line(path, "the process that read this file was killed")]

    yield from shared(paths, lines, killed, jobs)


class _World:
    """All that one file sets in motion."""

    def __init__(self, make_detectors: MakeDetectors, render: Render) -> None:
        detectors = list(make_detectors())
        self._render = render
        self._engine = Engine(detectors)
        self._policy = Policy(detector.rule for detector in detectors)
        self._clock = PacketClock()
        self._streams: dict[int, Streams] = {}
        self._shunted: dict[int, int] = {}
        self._news: list[Decision | NotChecked] = []
        self._told: dict[str, int] = {}
        self._networks: BoundedMap[tuple[bytes, bytes | None, str], Bss] = BoundedMap(NETWORKS)
        self._unsupported: set[int] = set()
        self._first: float | None = None
        self._last: float | None = None

    def packet(self, data: bytes, wire_length: int, at: float, link_type: int, frame: int | None = None) -> None:
        """Take one packet."""
        streams = self._streams.get(link_type)
        if streams is None:
            if not supported(link_type):
                self._unsupported.add(link_type)
                return
            streams = self._streams[link_type] = Streams(self._observe, link_type, limits=LIMITS, trust=trusted)
        if self._first is None:
            self._first = at
        self._last = at
        if streams.settled(data, wire_length):
            return
        tick = self._clock.tick(at)
        if len(self._streams) > 1:
            for each in self._streams.values():
                each.advance(tick)
        streams.packet(data, Seen(at, tick, None, "", frame), wire_length)

    def shunts(self) -> Iterator[tuple[int, tuple[Shunt, ...]]]:
        """Link type and shunts of every kind of link whose shunts changed."""
        for link_type, streams in self._streams.items():
            if self._shunted.get(link_type, 0) != streams.shunts_version:
                self._shunted[link_type] = streams.shunts_version
                yield link_type, streams.shunts()

    def finish(self) -> None:
        """The recording ends: what waits for more, waits in vain."""
        for streams in self._streams.values():
            streams.finish()
        self._take(self._engine.finish())
        for problem in self._policy.problems():
            if problem.count > self._told.get(problem.id, 1):
                self._news.append(Decision(State.REPEAT, problem, problem.last_seen))

    def news(self, path: str) -> Iterator[Line]:
        """The lines of what came up since the last call."""
        news, self._news = self._news, []
        for item in news:
            if isinstance(item, NotChecked):
                yield {**not_checked_line(item), "file": path}
            else:
                yield {**self._render(item), "file": path, "frame": item.problem.frame}

    def networks(self, path: str) -> Iterator[Line]:
        """The Wi-Fi networks that were seen."""
        named = {bss.bssid for bss in self._networks.values() if bss.ssid}
        told = {(bss.ssid, bss.bssid) for bss in self._networks.values() if bss.security is not Security.UNKNOWN}
        for bss in self._networks.values():
            # A hidden point told its name to a station that knew it; a damaged frame said less than a whole one.
            if not bss.ssid and bss.bssid in named:
                continue
            if bss.security is Security.UNKNOWN and (bss.ssid, bss.bssid) in told:
                continue
            network = wifi_network(bss.ssid, bss.security, bss.bssid)
            channel = channel_of(bss.frequency)
            line = network_line(network, channel=channel, signal_dbm=bss.signal, hidden=bss.hidden)
            yield {**line, "file": path}

    def capture_line(self, path: str, error: str | None) -> Line:
        """What was read of the file."""
        counts = [streams.counts for streams in self._streams.values()]
        protocols: dict[str, int] = {}
        for each in counts:
            for name, number in each.protocols.items():
                protocols[name] = protocols.get(name, 0) + number
        if error is None and self._unsupported:
            types = ", ".join(map(str, sorted(self._unsupported)[:5]))
            error = f"packets of an unknown link type were left out ({types})"
        return {
            "schema": 1,
            "type": "capture",
            "file": path,
            "packets": sum(each.packets for each in counts),
            "bytes": sum(each.bytes for each in counts),
            "first": None if self._first is None else instant(self._first),
            "last": None if self._last is None else instant(self._last),
            "protocols": dict(sorted(protocols.items())),
            "nonstandard": sorted(set().union(*(each.nonstandard for each in counts))),
            "malformed": sum(each.malformed for each in counts),
            "error": error,
        }

    def _observe(self, obs: Observation) -> None:
        if isinstance(obs, _AIR):
            bss = obs.bss
            self._networks.put((bss.ssid, bss.bssid, str(bss.security)), bss, obs.tick)
        if outputs := self._engine.observe(obs):
            self._take(outputs)

    def _take(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            match output:
                case Finding():
                    decision = self._policy.decide(output)
                    if decision.state is not State.REPEAT:
                        self._told[decision.problem.id] = decision.problem.count
                        self._news.append(decision)
                case Cleared():
                    if (over := self._policy.clear(output)) is not None:
                        self._news.append(over)
                case AskProbe():
                    # A rule that asks again and again would keep us here; it is answered once a question.
                    answer = ProbeAnswer(
                        output.seen, output.rule, output.probe, output.question, None, "a capture file answers nothing"
                    )
                    again = self._engine.observe(answer)
                    self._take(each for each in again if not isinstance(each, AskProbe))
                case NotChecked():
                    self._news.append(output)
                case _:
                    pass  # what a rule asks to remember of a network is nothing that a file should teach us
