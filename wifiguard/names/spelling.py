"""How an institution is written in host names, and how much such a spelling tells."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from wifiguard.names.catalogue import Entry
from wifiguard.names.looks import ASCII_FOR
from wifiguard.names.registrable import from_a_label
from wifiguard.names.words import is_word, lures, ordinary_words, words

START: Final = 4  # letters by which a brand is found inside a name; shorter ones count only where they stand alone
NAME_FROM: Final = 6  # shortest name in Latin letters that is a brand though it is no domain

# Bits that a spelling tells: by how much it is rarer in names than chance would have it.
LETTER: Final = 4.5  # log2 of 26, less what spelling makes sure
WORD: Final = 8.0  # an ordinary word, name or place, whatever its length
PART: Final = 15.0  # a word that is one of several: two together are rarer than both
COMMON: Final = 8.0  # the same, of a spelling that has only words by which any institution may call itself
SHORT_WORD: Final = 4.0  # less: three letters that are a word
MOST: Final = 40.0
LONGEST_WORD: Final = 14

_BANK_FIRST: Final = ("banco", "banque", "banca", "bank")
_BANK_LAST: Final = ("creditunion", "bancorp", "banque", "banco", "banca", "banka", "bank", "fcu")
_OF_A_STATE: Final = ("gov", "govt", "gob", "gouv", "gub", "go")
_OF: Final = ("of", "de", "da", "di", "do", "du", "la", "el", "le", "al", "my")


# ASCII as `plain` has it: without what is no letter or digit.
_PLAIN: Final = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)} | {ord("&"): "and"}


def spellings(entry: Entry) -> Iterator[str]:
    """How an entry is written in names: the labels of its domains, hyphens and all, and its names without spaces."""
    for domain in entry.domains:
        label, _, suffix = domain.removeprefix("*.").partition(".")
        spelling = from_a_label(label)
        if label in _OF_A_STATE:
            # Every state has a gov; gov.uk is one of them.
            if suffix:
                yield f"{label}{suffix.replace('.', '')}"
            continue
        if len(spelling) > (START - 1 if domain[0] == "*" else 1):
            yield spelling
    name = entry.name.partition(" (")[0]
    for written in (name, entry.alias):
        if written is not None:
            spelling = plain(written)
            if len(spelling) >= (NAME_FROM if spelling.isascii() else 2):
                yield spelling


def plain(name: str) -> str:
    """A name as people write it in a host name: small letters and digits, without accents, spaces and signs."""
    if name.isascii():
        return name.translate(_PLAIN)
    name = name.casefold().replace("&", "and")
    if not name.isascii():
        bare = unicodedata.normalize("NFKD", name.translate(ASCII_FOR))
        bare = "".join(char for char in bare if not unicodedata.combining(char))
        if not bare.isascii():
            # Of other scripts, marks are part of the word.
            return "".join(
                char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char)[0] in "LMN"
            )
        name = bare
    return "".join(filter(str.isalnum, name))


def core_of(spelling: str) -> str | None:
    """What tells an institution from the others: its name without the word bank; None where too little is left."""
    if not spelling.startswith(_BANK_FIRST) and not spelling.endswith(_BANK_LAST):
        return None
    core = spelling
    for word in _BANK_LAST:
        if core.endswith(word):
            core = core.removesuffix(word)
            break
    for word in _BANK_FIRST:
        if core.startswith(word) and not core.startswith(_OF, len(word)):
            core = core.removeprefix(word)
            break
    return core if NAME_FROM <= len(core) < len(spelling) and core.isascii() else None


def bits_of(spelling: str) -> float:
    """How rare a spelling is by chance, in bits: the least that any way to read it gives.

    Either as words alone, or as letters among which words stand that institutions are called by. Other words do not mix with
    letters: in any twelve letters one of four or five is found.
    """
    if not spelling.isascii():
        return min(MOST, LETTER * 2 * len(spelling))
    if spelling in lures():
        return 0.0
    if spelling.isdigit():
        return WORD  # a number is many a thing
    if len(spelling) < START:
        return len(spelling) * LETTER - (SHORT_WORD if is_word(spelling) else 0.0)
    if is_word(spelling):
        return WORD
    size = len(spelling)
    ending: list[list[tuple[int, str]]] = [[] for _ in range(size + 1)]
    for start, word in _words_in(spelling):
        ending[start + len(word)].append((start, word))
    generic = words("generic")
    lettered, worded, common = [0.0], [0.0], [0.0]
    for end in range(1, size + 1):
        as_letters, as_words, as_common = lettered[-1] + LETTER, MOST, MOST
        for start, word in ending[end]:
            if word in generic:
                as_letters = min(as_letters, lettered[start] + PART)
                as_words = min(as_words, worded[start] + PART)
                as_common = min(as_common, common[start] + COMMON)
            elif word in _OF:
                as_words = min(as_words, worded[start] + len(word) * LETTER)
                as_common = min(as_common, common[start] + COMMON)
            else:
                as_words = min(as_words, worded[start] + PART)
        lettered.append(as_letters)
        worded.append(as_words)
        common.append(as_common)
    return min(lettered[-1], worded[-1], common[-1], MOST)


def _words_in(spelling: str) -> Iterator[tuple[int, str]]:
    """(start, word) of every word inside, little ones that join others included."""
    generic, ordinary, size = words("generic"), ordinary_words(), len(spelling)
    for start in range(size - 1):
        for end in range(start + 2, min(start + LONGEST_WORD, size) + 1):
            word = spelling[start:end]
            if word in generic or (word in ordinary and end - start >= START):
                yield start, word
        if start and spelling[start : start + 2] in _OF:
            yield start, spelling[start : start + 2]
