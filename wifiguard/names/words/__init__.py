"""The word lists beside this file (README.md), read once, when a name is first judged."""

from functools import cache
from pathlib import Path
from typing import Final

# What may follow an ordinary word, so that lists need not hold every form of it.
_ENDINGS: Final = ("es", "er", "ers", "ing", "ed", "ly", "y", "en", "e", "n")
_STEM: Final = 5  # letters a word has before it takes one of them; an s goes with shorter ones
_PART: Final = 6  # letters of a word that makes a compound with another
LONGEST: Final = 16  # letters of the longest word of the list


def read(name: str) -> str:
    """The text of a list without comments and blank lines."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    return "\n".join(line for line in text.split("\n") if line and line[0] != "#")


@cache
def by_heading(name: str) -> dict[str, frozenset[str]]:
    """A list whose lines begin with a heading, as heading → words."""
    found: dict[str, list[str]] = {}
    for line in read(name).split("\n"):
        heading, *words = line.split()
        found.setdefault(heading, []).extend(words)
    return {heading: frozenset(words) for heading, words in found.items()}


@cache
def homes() -> dict[str, str]:
    """Brand → the country (ISO 3166) in which it is at home, where several have it."""
    return {brand: country for country, brands in by_heading("homes").items() for brand in brands}


@cache
def words(name: str) -> frozenset[str]:
    """A plain list of words."""
    return frozenset(read(name).split())


@cache
def ordinary_words() -> frozenset[str]:
    """Words that stand in names for their own sake: the vocabulary, and what is added to others' names."""
    # Not by words(), which would keep the vocabulary a second time.
    return lures().union(read("vocabulary").split())


@cache
def lures() -> frozenset[str]:
    """Words that are added to others' names."""
    return frozenset().union(*by_heading("lures").values())


def is_word(text: str) -> bool:
    """Whether ASCII text is an ordinary word, name or place, or one with an ending."""
    ordinary = ordinary_words()
    if text in ordinary or (text.startswith("st") and text[2:] in ordinary):  # St. George
        return True
    if len(text) > _STEM and text[-1] == "s" and text[:-1] in ordinary:
        return True
    return text.endswith(_ENDINGS) and any(
        text.endswith(ending) and len(text) >= _STEM + len(ending) and text.removesuffix(ending) in ordinary
        for ending in _ENDINGS
    )


def is_compound(text: str) -> bool:
    """Whether ASCII text is one ordinary word, or two long ones written together."""
    ordinary = ordinary_words()
    return is_word(text) or any(
        text[:at] in ordinary and text[at:] in ordinary for at in range(_PART, len(text) - _PART + 1)
    )


def inside_words(text: str, start: int, end: int) -> bool:
    """Whether a longer ordinary word of `text`, or two in a row, take in the whole of text[start:end] and more."""
    ordinary, size = ordinary_words(), len(text)
    for first in range(max(0, end - LONGEST), start + 1):
        for last in range(end, min(size, first + LONGEST) + 1):
            if last - first > end - start and text[first:last] in ordinary:
                return True
    for middle in range(start + 1, end):
        firsts = range(max(0, middle - LONGEST), start + 1)
        before = next((first for first in firsts if text[first:middle] in ordinary), None)
        if before is not None:
            lasts = range(min(size, middle + LONGEST), end - 1, -1)
            behind = next((last for last in lasts if text[middle:last] in ordinary), None)
            if behind is not None and behind - before > end - start:
                return True
    return False
