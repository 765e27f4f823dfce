"""The program behind a finding: asked for what is news, kept while the problem lasts, said after the reason."""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.messages import Flow, HttpRequest
from wifiguard.core.observation import Observation
from wifiguard.core.policy import Decision, State
from wifiguard.core.rule import Detector, Evidence, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.wording import words
from wifiguard.daemon.pipeline import Pipeline

FLOW = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 80, "tcp")


class ByProgram(Evidence, frozen=True):
    method: str
    program: str | None = None


class ByNobody(Evidence, frozen=True):
    method: str


class Speaks(Detector):
    """High for what is posted, else low."""

    rule = Rule("speaks", Kind.EVENT, {s: Text("T", "It spoke.", ("Do.",)) for s in (Severity.HIGH, Severity.LOW)})
    inputs = (HttpRequest,)
    evidence: type[ByProgram] | type[ByNobody] = ByProgram

    def observe(self, obs: Observation) -> Iterator[object]:  # type: ignore[override]
        assert isinstance(obs, HttpRequest)
        severity = Severity.HIGH if obs.method == "POST" else Severity.LOW
        yield self.found(obs, severity, (), self.evidence(obs.method))


class Silent(Speaks):
    evidence = ByNobody


class StillClock:
    def at(self) -> float:
        return 0.0

    def tick(self) -> float:
        return 0.0


class World:
    def __init__(self, detector: Detector, *names: str | None) -> None:
        self.names = list(names)
        self.asked: list[Flow] = []
        self.news: list[Decision] = []
        self.pipeline = Pipeline(
            [detector], {"speaks": detector.rule}, StillClock(), news=self.news.append, who=self.who
        )

    def who(self, flow: Flow) -> str | None:
        self.asked.append(flow)
        return self.names.pop(0)

    def say(self, *methods: str) -> list[tuple[State, Evidence]]:
        for method in methods:
            self.pipeline.emit(HttpRequest(self.pipeline.seen("eth0"), FLOW, method, None))
        self.pipeline.finish()
        out = [(d.state, d.problem.evidence) for d in self.news]
        self.news.clear()
        return out  # type: ignore[return-value]


def test_what_is_new_and_what_gets_worse_is_asked_about_and_repeats_keep_the_name() -> None:
    world = World(Speaks(), "curl", "firefox")
    assert world.say("GET") == [(State.NEW, ByProgram("GET", "curl"))]
    assert world.say("GET") == [(State.REPEAT, ByProgram("GET", "curl"))]
    assert world.say("POST") == [(State.ESCALATED, ByProgram("POST", "firefox"))]
    assert world.say("POST", "POST") == [(State.REPEAT, ByProgram("POST", "firefox"))]
    assert world.asked == [FLOW, FLOW]


def test_a_name_that_cannot_be_known_stays_none() -> None:
    assert World(Speaks(), None).say("GET") == [(State.NEW, ByProgram("GET", None))]


def test_nobody_is_asked_where_the_evidence_has_no_place_for_it() -> None:
    world = World(Silent())
    assert world.say("GET") == [(State.NEW, ByNobody("GET"))]
    assert world.asked == []


def test_the_name_is_said_after_the_reason() -> None:
    assert words(Speaks.rule, Severity.LOW, ByProgram("GET", "curl")).why == "It spoke. The program is curl."
    assert words(Speaks.rule, Severity.LOW, ByProgram("GET")).why == "It spoke."
    assert words(Speaks.rule, Severity.LOW, {"method": "GET", "program": "a\x1bb{method}"}).why == (
        "It spoke. The program is a\\x1bb{method}."
    )
