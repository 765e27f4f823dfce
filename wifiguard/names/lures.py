"""Words that are added to somebody's name to make people act (words/lures.txt), found in what stands beside a brand."""

from functools import cache, lru_cache
from typing import Final, NamedTuple

from wifiguard.names.edits import one_edit
from wifiguard.names.looks import in_latin, look
from wifiguard.names.words import by_heading, ordinary_words

STEM: Final = 5  # letters from which a lure is seen inside a longer word,
SLIP: Final = 7  # and from which it is seen with one letter wrong
LONGEST: Final = 20
SHORT: Final = 2  # letters of a word that is seen right beside another one,
TWO: Final = 13  # and letters that both have together, at most


class Lures(NamedTuple):
    """How many words of each kind there are (words/lures.txt), and whether letters are left that belong to none."""

    strong: int
    weak: int
    firm: int
    left: bool


def lures_in(before: str, token: str) -> Lures:
    """The lures in a part of a name. `before`: the part that stands before it, since sign-in is one as well as signin."""
    if before and (kind := _kinds().get(before + token)) is not None:
        return _counted([kind], left=False)
    return _of_token(token)


@cache
def _kinds() -> dict[str, str]:
    """Word → its kind; in the letters that it looks like, and as it looks at a glance (l0gin)."""
    heads = by_heading("lures")
    # What stands in two kinds, in two languages, is of the stronger.
    kinds = {word: kind for kind in ("firm", "weak", "strong") for word in heads[kind]}
    kinds = {in_latin(word): kind for word, kind in kinds.items()}
    return {look(word): kind for word, kind in kinds.items()} | kinds


@cache
def _beginnings() -> frozenset[str]:
    """How the words begin that are seen inside others."""
    return frozenset(word[:STEM] for word in _kinds() if len(word) >= STEM)


def _counted(kinds: list[str], *, left: bool) -> Lures:
    return Lures(kinds.count("strong"), kinds.count("weak"), kinds.count("firm"), left)


@cache
def _halves() -> dict[str, list[str]]:
    """Long lures by their first and their last half, of which one slip leaves one as it was."""
    halves: dict[str, list[str]] = {}
    for word in _kinds():
        if len(word) >= SLIP:
            half = len(word) // 2
            for piece in (word[:half], word[half - len(word) :]):
                halves.setdefault(piece, []).append(word)
    return halves


@lru_cache(maxsize=4096)
def _of_token(token: str) -> Lures:
    known = _kinds()
    plain = token.strip("0123456789")
    text = look(plain)
    for read in (token, plain, text):
        if (kind := known.get(read)) is not None:
            return _counted([kind], left=False)
    if plain in ordinary_words():
        return Lures(0, 0, 0, left=True)  # claim is nothing in disclaimer, and baking no slip of banking
    # Short ones stand alone, or two together: smscode.
    for at in range(SHORT, len(text) - SHORT + 1) if len(text) <= TWO else ():
        if (first := known.get(text[:at])) is not None and (second := known.get(text[at:])) is not None:
            return _counted([first, second], left=False)
    kinds, left = _inside(text)
    if not kinds and (slipped := _slipped(text)) is not None:
        return _counted([known[slipped]], left=False)
    if not kinds and plain != token:
        # A digit at an end may be a letter: 0nline24.
        kinds, _ = _inside(look(token))
    return _counted(kinds, left=left)


def _inside(text: str) -> tuple[list[str], bool]:
    """The kinds of the words that a text is made of, from the left, and whether letters are left."""
    known, beginnings = _kinds(), _beginnings()
    if beginnings.isdisjoint([text[at : at + STEM] for at in range(len(text) - STEM + 1)]):
        return [], text != ""  # nearly always
    kinds: list[str] = []
    left = False
    at = after = 0
    while at < len(text):
        longest = min(LONGEST, len(text) - at) if text[at : at + STEM] in beginnings else 0
        for size in range(longest, STEM - 1, -1):
            kind = known.get(text[at : at + size])
            if kind is not None:
                if at > after == 0 and (short := known.get(text[:at])) is not None:  # before another, it may be short
                    kinds.append(short)
                    left = False
                kinds.append(kind)
                at = after = at + size
                break
        else:
            if at == after > 0 and (short := known.get(text[at:])) is not None:  # behind another, it may be short
                return [*kinds, short], left
            left = True
            at += 1
    return kinds, left


def _slipped(text: str) -> str | None:
    """The lure that is one letter away."""
    size, half = len(text), len(text) // 2
    if size < SLIP - 1:
        return None
    halves, other = _halves(), half + 1 if size % 2 else half - 1  # of a word that has a letter more or less
    for piece in (text[:half], text[half:], text[:other], text[other:], text[-other:]):
        if piece in halves:
            for word in halves[piece]:
                if one_edit(word, text) is not None:
                    return word
    return None
