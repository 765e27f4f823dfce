"""Words that are added to somebody's name to make people act (words/lures.txt), found in what stands beside a brand."""

from functools import cache, lru_cache
from typing import Final, NamedTuple

from wifiguard.names.edits import one_edit
from wifiguard.names.looks import look
from wifiguard.names.words import by_heading

STEM: Final = 5  # letters from which a lure is seen inside a longer word,
SLIP: Final = 7  # and from which it is seen with one letter wrong
LONGEST: Final = 20


class Lures(NamedTuple):
    """How many lures of each strength there are, and whether letters are left that belong to none."""

    strong: int
    weak: int
    left: bool


def lures_in(before: str, token: str) -> Lures:
    """The lures in a part of a name. `before`: the part that stands before it, since sign-in is one as well as signin."""
    if before and (strong := _lures().get(before + token)) is not None:
        return Lures(int(strong), 1 - strong, False)
    return _of_token(token)


@cache
def _lures() -> dict[str, bool]:
    """Lure → whether it is a strong one; as they are written and as they look (l0gin)."""
    heads = by_heading("lures")
    weak = dict.fromkeys(heads["weak"], False) | dict.fromkeys(heads["strong"], True)
    return {look(word): strong for word, strong in weak.items()} | weak


@cache
def _halves() -> dict[str, list[str]]:
    """Long lures by their first and their last half, of which one slip leaves one as it was."""
    halves: dict[str, list[str]] = {}
    for word in _lures():
        if len(word) >= SLIP:
            half = len(word) // 2
            for piece in (word[:half], word[half - len(word) :]):
                halves.setdefault(piece, []).append(word)
    return halves


@lru_cache(maxsize=4096)
def _of_token(token: str) -> Lures:
    known = _lures()
    plain = token.strip("0123456789")
    for text in (token, plain, look(plain)):
        if text in known:
            return Lures(known[text], not known[text], False)
    strong = weak = 0
    left = False
    text = look(plain)
    at = after = 0
    while at < len(text):
        for size in range(min(LONGEST, len(text) - at), STEM - 1, -1):
            found = known.get(text[at : at + size])
            if found is not None:
                strong, weak = strong + found, weak + 1 - found
                at = after = at + size
                break
        else:
            if at == after > 0 and (short := known.get(text[at:])) is not None:  # behind another lure, it may be short
                return Lures(strong + short, weak + 1 - short, left)
            left = True
            at += 1
    if strong == weak == 0 and (slipped := _slipped(text)) is not None:
        return Lures(known[slipped], not known[slipped], False)
    return Lures(strong, weak, left)


def _slipped(text: str) -> str | None:
    """The lure that is one letter away."""
    if len(text) < SLIP - 1:
        return None
    for half in {len(text) // 2, (len(text) - 1) // 2, (len(text) + 1) // 2}:
        for piece in (text[:half], text[-half:], text[half:]):
            for word in _halves().get(piece, ()):
                if one_edit(word, text) is not None:
                    return word
    return None
