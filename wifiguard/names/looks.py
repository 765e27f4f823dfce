"""What a name looks like: one spelling in a-z for all that the eye takes for the same letters."""

import unicodedata
from functools import cache, lru_cache
from typing import Final

from wifiguard.names.words import read

# Digits and letters that a glance confuses; i and l become one letter, since in many fonts they are.
_AT_A_GLANCE: Final = str.maketrans("0123456789i", "olzeasgtbgl")
# Pairs that run together into one letter at reading size.
PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
ASCII_FOR: Final = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ł": "l", "đ": "d", "ø": "o"})


def look(text: str) -> str:
    """ASCII lower-case text with letters that look alike made the same; as long as the text."""
    return text.translate(_AT_A_GLANCE)


@lru_cache(maxsize=4096)
def in_latin(label: str) -> str:
    """A letter or word of any script as the letters a-z and digits that it looks like; what looks like none stays."""
    if label.isascii():
        return label
    bare = "".join(char for char in unicodedata.normalize("NFKD", label) if not unicodedata.combining(char))
    return bare.translate(ASCII_FOR).translate(_letters())


@cache
def _letters() -> dict[int, str]:
    rows = (line.split() for line in read("letters").split("\n"))
    return {ord(char): letter for letter, *chars in rows for char in chars}
