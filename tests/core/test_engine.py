"""The engine: dispatch by type, timers in deadline order, a rule that raises is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.engine import Engine
from wifiguard.core.host import RouteState
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Finding, Kind, NotChecked, Output, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.wifi import WifiLeft

TEXTS = {Severity.HIGH: Text("Title", "Why.", ("Do.",))}


class Note(Evidence, frozen=True):
    what: str
    tick: float


def at(tick: float) -> Seen:
    return Seen(1000.0 + tick, tick)


def left(tick: float, ssid: bytes = b"x") -> WifiLeft:
    return WifiLeft(at(tick), ssid)


class Timed(Detector):
    """Notes each departure, and once more `wait` seconds later."""

    inputs = (WifiLeft,)

    def __init__(self, name: str, wait: float) -> None:
        self.rule = Rule(name, Kind.EVENT, TEXTS)  # type: ignore[misc]
        self.wait = wait
        self.pending: list[WifiLeft] = []

    def observe(self, obs: Observation) -> Iterable[Output]:
        assert isinstance(obs, WifiLeft)
        self.pending.append(obs)
        yield self.found(obs, Severity.HIGH, ("seen",), Note("seen", obs.tick))

    def deadline(self) -> float | None:
        return min((obs.tick + self.wait for obs in self.pending), default=None)

    def on_time(self, due: float) -> Iterator[Output]:
        for obs in [obs for obs in self.pending if obs.tick + self.wait <= due]:
            self.pending.remove(obs)
            yield self.found(obs, Severity.HIGH, ("timer",), Note(self.rule.id, due))


class Raises(Detector):
    rule = Rule("raises", Kind.EVENT, TEXTS)
    inputs = (WifiLeft,)

    def observe(self, obs: Observation) -> Iterable[Output]:
        raise ZeroDivisionError


class Stuck(Detector):
    rule = Rule("stuck", Kind.EVENT, TEXTS)
    inputs = (WifiLeft,)

    def observe(self, obs: Observation) -> Iterable[Output]:
        return ()

    def deadline(self) -> float | None:
        return 1.0


def notes(outputs: Iterable[Output]) -> list[Evidence]:
    return [output.evidence for output in outputs if isinstance(output, Finding)]


def test_dispatch_is_by_type() -> None:
    engine = Engine([Timed("a", 1.0)])
    assert engine.observe(RouteState(at(0.0), 4, None)) == []
    assert notes(engine.observe(left(0.0))) == [Note("seen", 0.0)]
    assert engine.wants(WifiLeft)
    assert not engine.wants(RouteState)


def test_timers_fire_in_deadline_order_before_the_next_observation() -> None:
    engine = Engine([Timed("slow", 5.0), Timed("fast", 2.0)])
    engine.observe(left(0.0))
    engine.observe(left(1.0))
    assert engine.deadline() == 2.0
    assert notes(engine.observe(left(6.0))) == [
        Note("fast", 2.0),
        Note("fast", 3.0),
        Note("slow", 5.0),
        Note("slow", 6.0),
        Note("seen", 6.0),
        Note("seen", 6.0),
    ]


def test_a_rule_that_raises_is_taken_out_and_said_once() -> None:
    engine = Engine([Raises(), Timed("a", 1.0)])
    first, second = engine.observe(left(0.0)), engine.observe(left(0.1))
    assert [output for output in first + second if isinstance(output, NotChecked)] == [
        NotChecked(
            "raises",
            "a defect in this rule stopped it (ZeroDivisionError)",
            "report it with the output of `wifiguard selftest`; a restart tries the rule again",
        )
    ]
    assert engine.disabled == {"raises": "ZeroDivisionError"}
    assert notes(second) == [Note("seen", 0.1)]


def test_a_deadline_that_does_not_move_holds_nobody_up() -> None:
    engine = Engine([Stuck(), Timed("a", 1.0)])
    engine.observe(left(0.0))
    assert notes(engine.observe(left(5.0))) == [Note("a", 1.0), Note("seen", 5.0)]
    assert engine.disabled == {"stuck": "its deadline 1.0 does not move"}


def test_finish_lets_every_deadline_pass() -> None:
    engine = Engine([Timed("a", 3.0)])
    engine.observe(left(0.0))
    assert notes(engine.finish()) == [Note("a", 3.0)]
    assert engine.deadline() is None


@given(st.lists(st.floats(-100.0, 100.0), max_size=30))
def test_time_that_goes_backwards_never_fires_a_timer_early_or_twice(ticks: list[float]) -> None:
    engine = Engine([Timed("a", 2.0)])
    fired: list[Evidence] = []
    for tick in ticks:
        before = engine.now
        out = notes(engine.observe(left(tick)))
        fired += out
        assert engine.now >= before
        for note in out:
            assert isinstance(note, Note)
            assert note.what == "seen" or note.tick <= engine.now
    fired += notes(engine.finish())
    assert sum(isinstance(note, Note) and note.what == "a" for note in fired) == len(ticks)


@given(st.permutations([b"a", b"b", b"c", b"d"]))
def test_observations_of_one_time_keep_their_order_and_all_count(order: list[bytes]) -> None:
    engine = Engine([Timed("a", 1.0)])
    outputs = [output for ssid in order for output in engine.observe(left(7.0, ssid))]
    assert notes(outputs) == [Note("seen", 7.0)] * 4
    assert notes(engine.finish()) == [Note("a", 8.0)] * 4
