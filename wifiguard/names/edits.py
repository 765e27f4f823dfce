"""One slip of the finger: a letter missing, added, exchanged or two swapped."""

from typing import Literal, NamedTuple

Kind = Literal["missing", "added", "doubled", "other", "swapped"]


class Edit(NamedTuple):
    """What was done to the true spelling; `at`: where; the letters concerned (added: the new one, other: true, new)."""

    kind: Kind
    at: int
    letters: str


def one_edit(true: str, seen: str) -> Edit | None:
    """The one edit (Damerau-Levenshtein) that makes `seen` of `true`; None where there is none or more than one."""
    grown = len(seen) - len(true)
    if grown > 1 or grown < -1:
        return None
    shorter = min(len(true), len(seen))
    half = shorter // 2
    at = half if true[:half] == seen[:half] else 0
    while at < shorter and true[at] == seen[at]:
        at += 1
    if grown == 1:
        if true[at:] != seen[at + 1 :]:
            return None
        return Edit("doubled" if at and seen[at] == seen[at - 1] else "added", at, seen[at])
    if grown == -1:
        return Edit("missing", at, true[at]) if true[at + 1 :] == seen[at:] else None
    if at == shorter:
        return None
    if true[at + 1 :] == seen[at + 1 :]:
        return Edit("other", at, true[at] + seen[at])
    if true[at : at + 2] == seen[at + 1 : at + 2] + seen[at] and true[at + 2 :] == seen[at + 2 :]:
        return Edit("swapped", at, true[at : at + 2])
    return None
