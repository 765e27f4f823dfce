"""The pipeline: back edges, waiting for a network's name, repeats folded, the store first and the news after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.host import (
    CaptureLoss,
    LinkKind,
    LinkState,
    NeighbourSeen,
    ProbeAnswer,
    Remembered,
    RouteState,
    SourceDone,
)
from wifiguard.core.messages import Flow, HttpRequest
from wifiguard.core.network import Network, Security, unidentified_network, wifi_network, wired_network
from wifiguard.core.observation import Observation
from wifiguard.core.policy import Decision, Mute, MuteScope, Problem, State
from wifiguard.core.rule import AskProbe, Cleared, Detector, Evidence, Kind, NotChecked, Output, Remember, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.verdict import Answer
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft
from wifiguard.daemon.pipeline import REPEAT_EVERY, Pipeline
from wifiguard.store.errors import StoreError
from wifiguard.store.rows import KnownNetwork

TEXTS = {severity: Text("T", "W.", ("D.",)) for severity in reversed(Severity)}
FLOW = Flow(bytes(4), 1, bytes(4), 80, "tcp")
GATEWAY, MAC = bytes([192, 0, 2, 1]), bytes.fromhex("020000000001")


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def at(self) -> float:
        return 1000.0 + self.now

    def tick(self) -> float:
        return self.now


class FakeMemory(Struct):
    """The store's part that the pipeline uses."""

    recorded: list[Decision] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)
    remembered: list[Remember] = field(default_factory=list)
    known: list[tuple[str, str, str]] = field(default_factory=list)
    trusted: set[str] = field(default_factory=set)
    broken: bool = False

    def record(self, decisions: Iterable[Decision]) -> None:
        if self.broken:
            raise StoreError("the disk is full")
        self.recorded += decisions

    def problem(self, id: str) -> Problem | None:
        return self.problems.get(id)

    def remember(self, request: Remember) -> None:
        self.remembered.append(request)

    def recall(self, network_id: str) -> Iterable[tuple[str, str, str]]:
        return self.known

    def saw_network(self, network: Network, at: float) -> None:
        pass

    def is_trusted(self, id: str) -> bool:
        return id in self.trusted

    def networks(self) -> Iterable[KnownNetwork]:
        return ()


class Note(Evidence, frozen=True):
    text: str


class Speaks(Detector):
    """Every request is an event, until one says that it is over."""

    rule = Rule("speaks", Kind.EVENT, TEXTS)
    inputs = (HttpRequest,)

    def observe(self, obs: Observation) -> Iterator[Output]:
        assert isinstance(obs, HttpRequest)
        if obs.method == "END":
            yield Cleared(self.rule.id, obs.seen, ())
        else:
            yield self.found(obs, Severity.HIGH, (), Note(obs.method))


class Untrusted(Detector):
    """A posture of the Wi-Fi."""

    rule = Rule("untrusted", Kind.POSTURE, TEXTS, source="wifi")
    inputs = (WifiAssociated,)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if obs.network is None or not obs.network.trusted:
            yield self.found(obs, Severity.MEDIUM, (), Note("untrusted"))


class Asks(Detector):
    """Asks on association, finds when something answered, learns, and says what it was reminded of."""

    rule = Rule("asks", Kind.EVENT, TEXTS)
    inputs = (WifiAssociated, ProbeAnswer, Remembered)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case WifiAssociated():
                assert obs.network is not None
                yield AskProbe("asks", "echo", obs.seen, (("name", "x"),))
                yield Remember("asks", obs.network, "gateway", "mac")
            case ProbeAnswer(answer=answer, failed=failed):
                yield self.found(obs, Severity.LOW, ("answer",), Note(failed or str(answer)))
            case Remembered(values=values):
                yield self.found(obs, Severity.INFO, ("memory",), Note(str(values)))
            case _:
                pass


class World(Struct):
    pipeline: Pipeline
    clock: FakeClock
    memory: FakeMemory
    news: list[Decision]
    trouble: list[StoreError]

    def said(self) -> list[tuple[str, State, int]]:
        out = [(d.problem.rule, d.state, d.problem.count) for d in self.news]
        self.news.clear()
        return out

    def later(self, seconds: float) -> None:
        self.clock.now += seconds
        self.pipeline.turn()


@pytest.fixture
def world() -> World:
    clock, memory = FakeClock(), FakeMemory()
    news: list[Decision] = []
    trouble: list[StoreError] = []

    def ask(request: AskProbe, answer: object) -> None:
        assert callable(answer)
        answer(ProbeAnswer(request.seen, request.rule, request.probe, request.question, (("echo", "x"),)))

    detectors = [Speaks(), Untrusted(), Asks()]
    rules = {d.rule.id: d.rule for d in detectors}
    pipeline = Pipeline(detectors, rules, clock, memory=memory, news=news.append, ask=ask, on_trouble=trouble.append)
    return World(pipeline, clock, memory, news, trouble)


def request(world: World, interface: str = "eth0", method: str = "GET") -> None:
    world.pipeline.emit(HttpRequest(world.pipeline.seen(interface), FLOW, method, "bank.example"))


def join(world: World, ssid: bytes = b"Home") -> None:
    world.pipeline.emit(WifiAssociated(world.pipeline.seen("wlan0"), Bss(ssid, MAC, Security.WPA2)))
    world.pipeline.emit(SourceDone(world.pipeline.seen(), "wifi", ok=True))


def plug(world: World) -> None:
    world.pipeline.emit(LinkState(world.pipeline.seen("eth0"), 2, "eth0", LinkKind.WIRED, up=True))
    world.pipeline.emit(RouteState(world.pipeline.seen("eth0"), 4, "eth0", GATEWAY))


def test_news_come_after_the_store_has_them(world: World) -> None:
    request(world)
    assert world.news == []
    world.pipeline.turn()
    assert world.memory.recorded == world.news
    assert world.said() == [("speaks", State.NEW, 1)]


def test_repeats_are_folded_once_a_second(world: World) -> None:
    for _ in range(100):
        request(world)
    world.pipeline.turn()
    assert world.said() == [("speaks", State.NEW, 1)]
    assert world.pipeline.deadline() == REPEAT_EVERY
    world.later(REPEAT_EVERY)
    assert world.said() == [("speaks", State.REPEAT, 100)]
    world.later(REPEAT_EVERY)
    assert world.said() == []


def test_what_waits_is_forgotten_with_its_record(world: World) -> None:
    def spoken() -> list[tuple[str, State, int]]:
        return [said for said in world.said() if said[0] == Speaks.rule.id]

    join(world)
    home = world.pipeline.whereabouts.network("wlan0")
    assert home is not None
    for _ in range(2):
        request(world, "wlan0")
    world.pipeline.turn()
    assert spoken() == [("speaks", State.NEW, 1)]
    world.pipeline.forget(home.id)
    world.later(REPEAT_EVERY)
    assert spoken() == []
    request(world, "wlan0")
    world.pipeline.forget_span(1000.0, 1002.0)
    world.pipeline.turn()
    assert spoken() == []
    plug(world)
    request(world)
    world.pipeline.turn()
    assert len(world.pipeline._parked) == 1
    world.pipeline.forget()
    world.later(60.0)
    assert spoken() == []


def test_what_waits_of_another_network_or_time_is_told(world: World) -> None:
    join(world)
    for _ in range(2):
        request(world, "wlan0")
    world.pipeline.turn()
    plug(world)
    request(world)
    world.news.clear()
    world.pipeline.forget("0" * 16)
    world.pipeline.forget_span(0.0, 1000.0)
    world.later(60.0)
    assert [(d.state, d.problem.interface) for d in world.news if d.problem.rule == Speaks.rule.id] == [
        (State.NEW, "eth0"),
        (State.REPEAT, "wlan0"),
    ]


def test_findings_wait_for_the_name_of_a_wired_network(world: World) -> None:
    plug(world)
    request(world)
    world.pipeline.turn()
    assert world.said() == []
    world.pipeline.emit(NeighbourSeen(world.pipeline.seen("eth0"), GATEWAY, MAC))
    world.pipeline.turn()
    assert [d.problem.network for d in world.news] == [wired_network(MAC, "eth0")]


def test_what_began_before_the_name_was_known_ends_with_it(world: World) -> None:
    plug(world)
    request(world)
    world.pipeline.emit(NeighbourSeen(world.pipeline.seen("eth0"), GATEWAY, MAC))
    world.pipeline.turn()
    world.said()
    nameless = world.pipeline.seen("eth0")._replace(network=None)
    world.pipeline.emit(HttpRequest(nameless, FLOW, "END", "bank.example"))
    world.pipeline.turn()
    assert world.said() == [("speaks", State.RESOLVED, 1)]


def test_and_carry_unidentified_when_the_gateway_stays_silent(world: World) -> None:
    plug(world)
    request(world)
    world.later(1.9)
    assert world.news == []
    world.later(0.2)
    assert [d.problem.network for d in world.news] == [unidentified_network("eth0")]


def test_the_end_waits_for_nobody(world: World) -> None:
    plug(world)
    request(world)
    world.pipeline.finish()
    assert world.said() == [("speaks", State.NEW, 1)]


def test_probes_go_out_and_their_answers_come_back(world: World) -> None:
    join(world)
    world.pipeline.turn()
    answers = [d.problem.evidence for d in world.news if d.problem.rule == "asks"]
    assert answers == [Note("(('echo', 'x'),)")]


def test_what_could_not_be_asked_is_not_checked(world: World) -> None:
    answers: list[Callable[[ProbeAnswer], None]] = []
    pipeline = Pipeline([Asks()], {"asks": Asks.rule}, world.clock, ask=lambda _, answer: answers.append(answer))

    def associate() -> None:
        pipeline.emit(WifiAssociated(pipeline.seen("wlan0"), Bss(b"Cafe", MAC, Security.OPEN)))

    def answer(failed: str = "") -> None:
        answers[-1](ProbeAnswer(pipeline.seen("wlan0"), "asks", "echo", (), None if failed else (), failed))

    associate()
    assert pipeline.not_checked(pending=True) == [NotChecked("asks", "there was no answer yet")]
    assert pipeline.not_checked() == []
    answer(failed="no name server")
    assert pipeline.not_checked() == [NotChecked("asks", "no name server")]
    answer()
    assert pipeline.not_checked() == []
    # One more question does not undo the answer to the one before, and what failed on one network is no matter on the next.
    associate()
    assert pipeline.not_checked(pending=True) == []
    answer(failed="no name server")
    pipeline.emit(WifiLeft(pipeline.seen("wlan0"), b"Cafe"))
    assert pipeline.not_checked() == []


def test_where_nothing_can_probe_the_rule_is_told(world: World) -> None:
    clock = FakeClock()
    news: list[Decision] = []
    pipeline = Pipeline([Asks()], {"asks": Asks.rule}, clock, news=news.append)
    pipeline.emit(WifiAssociated(pipeline.seen("wlan0"), Bss(b"Home", MAC, Security.WPA2)))
    pipeline.turn()
    assert [d.problem.evidence for d in news] == [Note("nothing here can probe")]


def test_what_a_rule_learned_is_kept_and_handed_back_on_joining(world: World) -> None:
    join(world)
    home = wifi_network(b"Home", Security.WPA2, MAC)
    assert world.memory.remembered == [Remember("asks", home, "gateway", "mac")]
    world.memory.known = [("asks", "gateway", "mac"), ("other", "x", "y")]
    world.pipeline.emit(WifiLeft(world.pipeline.seen("wlan0"), b"Home"))
    join(world)
    world.pipeline.turn()
    assert Note("(('gateway', 'mac'),)") in [d.problem.evidence for d in world.news]


def test_trust_silences_what_only_said_unknown(world: World) -> None:
    join(world)
    world.pipeline.turn()
    assert ("untrusted", State.NEW, 1) in world.said()
    world.memory.trusted.add(wifi_network(b"Home", Security.WPA2).id)
    assert world.pipeline.trust_changed() == ["wlan0"]
    join(world)
    world.pipeline.turn()
    assert ("untrusted", State.RESOLVED, 1) in world.said()


def test_a_failed_source_resolves_nothing_and_is_not_checked(world: World) -> None:
    join(world)
    world.pipeline.turn()
    world.said()
    failed = SourceDone(
        world.pipeline.seen(), "wifi", ok=False, reason="no NetworkManager", mend="start it", essential=True
    )
    world.pipeline.emit(failed)
    world.pipeline.turn()
    assert world.said() == []
    assert world.pipeline.not_checked() == [NotChecked("wifi", "no NetworkManager", "start it", essential=True)]


def test_lost_packets_are_said(world: World) -> None:
    world.pipeline.emit(CaptureLoss(world.pipeline.seen("eth0"), 10, 3))
    world.pipeline.emit(CaptureLoss(world.pipeline.seen("eth0"), 10, 4))
    (item,) = world.pipeline.not_checked()
    assert item == NotChecked("traffic", "7 packets on eth0 came faster than they could be read")


def test_a_store_in_trouble_keeps_nobody_uninformed(world: World) -> None:
    world.memory.broken = True
    request(world)
    world.pipeline.turn()
    assert world.said() == [("speaks", State.NEW, 1)]
    assert [str(error) for error in world.trouble] == ["the disk is full"]


def test_a_defect_of_the_store_keeps_nobody_uninformed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def record(self: FakeMemory, decisions: Iterable[Decision]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(FakeMemory, "record", record)
    request(world)
    with pytest.raises(ZeroDivisionError):
        world.pipeline.turn()
    assert world.said() == [("speaks", State.NEW, 1)]


def test_a_sighting_that_cannot_be_written_takes_no_finding_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def saw_network(self: FakeMemory, network: Network, at: float) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(FakeMemory, "saw_network", saw_network)
    join(world)
    world.pipeline.turn()
    assert world.news != []
    assert world.memory.recorded == world.news
    assert [str(error) for error in world.trouble] == ["the disk is full"]


def test_a_problem_from_an_earlier_run_goes_on(world: World) -> None:
    request(world)
    world.pipeline.turn()
    old = replace(world.news[0].problem, count=5, first_seen=1.0)
    fresh = Pipeline([Speaks()], {"speaks": Speaks.rule}, world.clock, memory=world.memory, news=world.news.append)
    world.news.clear()
    fresh.restore(old)
    fresh.emit(HttpRequest(fresh.seen("eth0"), FLOW, "GET", "bank.example"))
    fresh.finish()
    assert [(d.state, d.problem.count, d.problem.first_seen) for d in world.news] == [(State.REPEAT, 6, 1.0)]


def test_mutes_and_verdict(world: World) -> None:
    assert world.pipeline.verdict().answer is Answer.UNKNOWN
    join(world)
    request(world, "wlan0")
    world.pipeline.turn()
    assert world.pipeline.verdict().answer is Answer.NO
    world.pipeline.remute([Mute(MuteScope.RULE, "speaks")])
    assert world.pipeline.verdict().answer is Answer.WITH_CARE
    world.said()
    request(world, "wlan0")
    world.later(REPEAT_EVERY)
    assert world.said() == [("speaks", State.SUPPRESSED, 2)]


def test_a_packet_that_waited_in_the_kernel_keeps_its_own_time(world: World) -> None:
    world.clock.now = 50.0
    seen = world.pipeline.seen("eth0", at=1000.0 + 49.5)
    assert (seen.at, seen.tick) == (1049.5, 49.5)
