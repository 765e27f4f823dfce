"""One slip of the finger: a letter missing, added, exchanged or two swapped."""

from typing import Final, Literal, NamedTuple

Kind = Literal["missing", "added", "doubled", "other", "swapped"]

SHORT: Final = 8  # letters up to which a spelling is kept with each of them left out
_END: Final = 3  # letters that a slip in the middle leaves as they were, at either end of a longer one


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


def traces(true: str) -> list[bytes]:
    """What some slip leaves of an ASCII spelling: `traces_in` a text that is one edit away holds at least one of these."""
    text = true.encode("ascii")
    if len(text) <= SHORT:
        return [text, *_without_one(text)]
    # Behind a slip at its beginning, before one at its end, and around one in between.
    return [text[_END + 1 :], text[: -_END - 1], text[:_END] + text[-_END:]]


def traces_in(seen: str) -> list[bytes]:
    """See `traces`; about ten, few of which anything has that is further away."""
    text = seen.encode("ascii", "replace")
    size = len(text)
    if size < SHORT:
        return [text, *_without_one(text)]
    # A slip moves what stands behind it by a letter, or by none.
    found = [text[_END:], text[:-_END], text[:_END] + text[-_END:]]
    if size > SHORT:
        found += (text[_END + 1 :], text[: -_END - 1])
    if size > SHORT + 1:
        return [*found, text[_END + 2 :], text[: -_END - 2]]
    return [*found, text, *_without_one(text)]


def _without_one(text: bytes) -> list[bytes]:
    return [text[:at] + text[at + 1 :] for at in range(len(text))]
