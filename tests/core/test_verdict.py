"""Safe to bank here?"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wifiguard.core.network import Network, Security, wifi_network
from wifiguard.core.policy import Problem
from wifiguard.core.rule import Evidence, NotChecked
from wifiguard.core.severity import Severity
from wifiguard.core.verdict import Answer, verdict


class Note(Evidence, frozen=True):
    pass


HERE, ELSEWHERE = wifi_network(b"here", Security.OPEN), wifi_network(b"elsewhere", Security.OPEN)


def problem(severity: Severity, network: Network | None = HERE) -> Problem:
    return Problem(f"{severity}", "r", severity, network, "wlan0", Note(), 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("severity", "answer"),
    [
        (Severity.CRITICAL, Answer.NO),
        (Severity.HIGH, Answer.NO),
        (Severity.MEDIUM, Answer.WITH_CARE),
        (Severity.LOW, Answer.YES),
        (Severity.INFO, Answer.YES),
    ],
)
def test_the_worst_open_problem_decides(severity: Severity, answer: Answer) -> None:
    assert verdict([problem(severity)], []).answer is answer
    assert verdict([replace(problem(severity), open=False)], []).answer is Answer.YES


def test_only_the_present_networks_and_the_laptop_itself_count() -> None:
    there = problem(Severity.HIGH, ELSEWHERE)
    assert verdict([there], [], networks=frozenset({HERE.id})).answer is Answer.YES
    assert verdict([there], [], networks=frozenset({ELSEWHERE.id})).answer is Answer.NO
    assert verdict([problem(Severity.HIGH, None)], [], networks=frozenset({HERE.id})).answer is Answer.NO


def test_silence_is_never_safe() -> None:
    essential, other = NotChecked("traffic", "no root", essential=True), NotChecked("portal", "slow")
    assert verdict([], [other]).answer is Answer.YES
    assert verdict([], [other, essential]).unchecked == (essential,)
    assert verdict([], [essential]).answer is Answer.WITH_CARE
    assert verdict([], [essential], checked_anything=False).answer is Answer.UNKNOWN


def test_a_muted_problem_is_the_users_decision_but_no_plain_yes() -> None:
    assert verdict([replace(problem(Severity.CRITICAL), muted=True)], []).answer is Answer.WITH_CARE
