"""The policy: new, repeat, escalated, resolved, suppressed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.policy import EVENT_OPEN_FOR, Decision, Mute, MuteScope, Policy, Problem, State
from wifiguard.core.rule import Cleared, Evidence, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity

TEXTS = {severity: Text("T", "W.", ("D.",)) for severity in reversed(Severity)}
EVENT = Rule("event", Kind.EVENT, TEXTS)
POSTURE = Rule("posture", Kind.POSTURE, TEXTS, source="wifi")
HOME = wifi_network(b"Home", Security.WPA2)


class Note(Evidence, frozen=True):
    text: str = ""


def finding(
    rule: Rule = EVENT, tick: float = 0.0, severity: Severity = Severity.HIGH, key: str = "k", text: str = ""
) -> Finding:
    return Finding(rule.id, Seen(1000.0 + tick, tick, HOME, "wlan0"), (key,), severity, Note(text))


def done(tick: float, ok: bool = True, source: str = "wifi") -> SourceDone:
    return SourceDone(Seen(1000.0 + tick, tick), source, ok)


def policy(*mutes: Mute, size: int = 100) -> Policy:
    return Policy([EVENT, POSTURE], mutes, size)


def states(decisions: list[Decision]) -> list[State]:
    return [decision.state for decision in decisions]


def test_the_first_sighting_is_new_and_the_problem_holds_all() -> None:
    found = finding(text="a")
    assert policy().decide(found) == Decision(
        State.NEW,
        Problem(
            id=found.fingerprint,
            rule="event",
            severity=Severity.HIGH,
            network=HOME,
            interface="wlan0",
            evidence=Note("a"),
            first_seen=1000.0,
            last_seen=1000.0,
            tick=0.0,
        ),
        1000.0,
    )


def test_an_event_seen_again_repeats_and_counts() -> None:
    made = policy()
    made.decide(finding())
    again = made.decide(finding(tick=5.0, text="b"))
    assert (again.state, again.problem.count, again.problem.first_seen, again.problem.last_seen) == (
        State.REPEAT,
        2,
        1000.0,
        1005.0,
    )
    assert again.problem.evidence == Note("b")


def test_worse_escalates_and_milder_keeps_the_worst() -> None:
    made = policy()
    made.decide(finding(severity=Severity.LOW, text="low"))
    worse = made.decide(finding(severity=Severity.CRITICAL, text="critical"))
    milder = made.decide(finding(severity=Severity.LOW, text="low"))
    assert states([worse, milder]) == [State.ESCALATED, State.REPEAT]
    assert (milder.problem.severity, milder.problem.evidence, milder.problem.count) == (
        Severity.CRITICAL,
        Note("critical"),
        3,
    )


def test_another_key_or_rule_is_another_problem() -> None:
    made = policy()
    assert states([made.decide(finding(key=k)) for k in ("a", "b", "a")]) == [State.NEW, State.NEW, State.REPEAT]
    assert made.decide(finding(POSTURE, key="a")).state is State.NEW


def test_a_posture_is_resolved_by_a_complete_report_without_it_only() -> None:
    made = policy()
    made.decide(finding(POSTURE))
    assert made.source_done(done(1.0)) == []
    assert made.source_done(done(2.0, ok=False)) == []
    assert made.source_done(done(2.0, source="other")) == []
    assert made.decide(finding(POSTURE, tick=3.0)).problem.count == 1, "the same sighting in the next round"
    assert made.source_done(done(3.0)) == []
    resolved = made.source_done(done(4.0))
    assert [(d.state, d.problem.open, d.at) for d in resolved] == [(State.RESOLVED, False, 1004.0)]
    assert made.source_done(done(5.0)) == []
    back = made.decide(finding(POSTURE, tick=6.0))
    assert (back.state, back.problem.count, back.problem.first_seen) == (State.NEW, 2, 1000.0)


def test_renewals_of_an_incomplete_report_do_not_carry_over() -> None:
    made = policy()
    made.decide(finding(POSTURE))
    made.source_done(done(1.0, ok=False))
    assert states(made.source_done(done(2.0))) == [State.RESOLVED]


def test_an_event_is_over_when_it_was_quiet() -> None:
    made = policy()
    assert made.deadline() is None
    made.decide(finding())
    made.decide(finding(POSTURE))
    assert made.deadline() == EVENT_OPEN_FOR
    assert made.expire(Seen(0.0, EVENT_OPEN_FOR)) == []
    assert states(made.expire(Seen(0.0, EVENT_OPEN_FOR + 1))) == [State.RESOLVED]
    assert made.deadline() is None
    assert [p.rule for p in made.problems()] == ["posture"]


def test_a_rule_clears_its_own_problem_once() -> None:
    made = policy()
    found = finding()
    made.decide(found)
    over = Cleared(found.rule, found.seen, found.key)
    first = made.clear(over)
    assert first is not None
    assert first.state is State.RESOLVED
    assert made.clear(over) is None


@pytest.mark.parametrize(
    ("scope", "target"),
    [(MuteScope.RULE, "event"), (MuteScope.FINDING, finding().fingerprint), (MuteScope.NETWORK, HOME.id)],
)
def test_a_mute_suppresses_and_still_counts(scope: MuteScope, target: str) -> None:
    made = policy(Mute(scope, target, until=1010.0))
    assert states([made.decide(finding()), made.decide(finding(tick=1.0))]) == [State.SUPPRESSED] * 2
    ended = made.decide(finding(tick=10.0))
    assert (ended.state, ended.problem.count) == (State.NEW, 3), (
        "the mute ended while the problem went on: that is news"
    )


def test_a_mute_of_something_else_changes_nothing() -> None:
    made = policy(Mute(MuteScope.RULE, "other"), Mute(MuteScope.NETWORK, "0" * 16), Mute(MuteScope.FINDING, "0" * 16))
    assert made.decide(finding()).state is State.NEW


def test_muting_what_is_open_marks_it() -> None:
    made = policy()
    made.decide(finding())
    made.remute([Mute(MuteScope.RULE, "event")], 1001.0)
    assert [p.muted for p in made.problems()] == [True]
    made.remute([], 1002.0)
    assert [p.muted for p in made.problems()] == [False]


def test_forgetting_a_network_drops_its_problems() -> None:
    made = policy()
    made.decide(finding())
    made.forget("0" * 16)
    assert len(made.problems()) == 1
    made.forget(HOME.id)
    assert made.problems() == []


def test_forgetting_a_stretch_of_time_drops_what_is_known_to_have_happened_in_it() -> None:
    made = policy()
    for key, first, last in (
        ("before", 0.0, 5.0),
        ("begins in it", 15.0, 30.0),
        ("ends in it", 0.0, 15.0),
        ("around it", 0.0, 30.0),
    ):
        made.decide(finding(tick=first, key=key, text=key))
        made.decide(finding(tick=last, key=key, text=key))
    made.forget_span(1010.0, 1020.0)
    assert {problem.evidence for problem in made.problems()} == {Note("before"), Note("around it")}
    assert made.decide(finding(tick=40.0, key="ends in it")).state is State.NEW


def test_a_restored_problem_goes_on() -> None:
    made = policy()
    old = made.decide(finding()).problem
    fresh = policy()
    fresh.restore(replace(old, count=7))
    again = fresh.decide(finding(tick=9.0))
    assert (again.state, again.problem.count) == (State.REPEAT, 8)


def test_more_problems_than_the_bound_push_out_the_oldest() -> None:
    made = policy(size=1000)
    seen = Seen(0.0, 0.0, HOME)
    for number in range(20_000):
        made.decide(Finding("event", seen, (str(number),), Severity.LOW, Note()))
    assert len(made.problems()) == 1000


Step = st.one_of(
    st.tuples(st.just("find"), st.sampled_from("abc"), st.sampled_from(list(Severity))),
    st.tuples(st.just("done"), st.booleans(), st.none()),
)


@given(st.lists(Step, max_size=40))
def test_a_posture_is_open_exactly_while_no_complete_report_left_it_out(
    steps: list[tuple[str, object, object]],
) -> None:
    """Against a model: a set of what is open, and of what the present report has named so far."""
    made = policy()
    open_, named = set(), set()
    for tick, (what, first, second) in enumerate(steps):
        if what == "find":
            assert isinstance(second, Severity)
            decision = made.decide(finding(POSTURE, float(tick), second, key=str(first)))
            assert (decision.state is State.NEW) == (first not in open_)
            open_.add(first)
            named.add(first)
        else:
            resolved = made.source_done(done(float(tick), ok=bool(first)))
            assert len(resolved) == (len(open_ - named) if first else 0)
            open_ = open_ & named if first else open_
            named = set()
        assert len(made.problems()) == len(open_)
