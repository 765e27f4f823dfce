"""The answer to "Safe to bank here?"."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from wifiguard.core.policy import Problem
from wifiguard.core.rule import NotChecked
from wifiguard.core.severity import Severity


class Answer(StrEnum):
    """yes: nothing open at medium or above and the essentials were checked.

    unknown: there is no network to judge, or nothing was checked at all.
    """

    YES = "yes"
    WITH_CARE = "with-care"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(Struct, frozen=True):
    """The answer with what decided it: the open problems, worst first, and the essentials that could not be checked."""

    answer: Answer
    problems: tuple[Problem, ...] = ()
    unchecked: tuple[NotChecked, ...] = ()


def verdict(
    problems: Iterable[Problem],
    not_checked: Iterable[NotChecked],
    *,
    networks: frozenset[str] | None = None,
    checked_anything: bool = True,
) -> Verdict:
    """Judge the open problems of the present networks (`networks` None: of all) and of no network.

    A muted problem is the user's own decision, so it never says "no"; it still keeps the answer from being a plain yes.
    """
    here = sorted(
        (p for p in problems if p.open and (networks is None or p.network is None or p.network.id in networks)),
        key=lambda p: (-p.severity, p.first_seen, p.id),
    )
    serious = tuple(p for p in here if p.severity >= Severity.MEDIUM)
    unchecked = tuple(n for n in not_checked if n.essential)
    if any(p.severity >= Severity.HIGH and not p.muted for p in serious):
        answer = Answer.NO
    elif serious:
        answer = Answer.WITH_CARE
    elif not checked_anything:
        answer = Answer.UNKNOWN
    elif unchecked:
        answer = Answer.WITH_CARE
    else:
        answer = Answer.YES
    return Verdict(answer, serious, unchecked)
