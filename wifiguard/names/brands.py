"""What the institutions of the catalogue are called in names: their brands, found whole or one edit away."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from math import log2
from typing import Final

from wifiguard.names.catalogue import NO_COUNTRY, Catalogue, Entry
from wifiguard.names.looks import ASCII_FOR, in_latin, look
from wifiguard.names.registrable import from_a_label
from wifiguard.names.words import is_word, ordinary_words, words

START: Final = 4  # letters by which a brand is found inside a name; shorter ones count only where they stand alone
NEAR_FROM: Final = 4  # shortest brand of which one edit is looked for
NAME_FROM: Final = 6  # shortest name in Latin letters that is a brand though it is no domain

# Bits that a spelling tells: by how much it is rarer in names than chance would have it.
LETTER: Final = 4.5  # log2 of 26, less what spelling makes sure
WORD: Final = 8.0  # an ordinary word, name or place, whatever its length
PART: Final = 15.0  # a word that is one of several: two together are rarer than both
COMMON: Final = 8.0  # the same, of a spelling that has only words by which any institution may call itself
SHORT_WORD: Final = 4.0  # less: three letters that are a word
CORE: Final = 9.0  # less: the spelling is only what is left of a name without the word bank
MOST: Final = 40.0
LONGEST_WORD: Final = 14
FAMILY: Final = 8  # institutions of one country from which on a part of their domains is a word of its own
WORLDWIDE: Final = 8  # countries from which on, or without one of its own, an institution is known everywhere

_BANK_FIRST: Final = ("banco", "banque", "banca", "bank")
_BANK_LAST: Final = ("creditunion", "bancorp", "banque", "banco", "banca", "banka", "bank", "fcu")
_OF: Final = ("of", "de", "da", "di", "do", "du", "la", "el", "le", "al", "my")

# Keys of one length by their first, and by their last half.
_Halves = tuple[dict[str, list[str]], dict[str, list[str]]]
_NONE: Final[_Halves] = ({}, {})


class Brand:
    """One spelling and the entries that use it. `key`: how it looks; `core`: what is left of names without "bank".

    `hyphens`: positions before which its owner writes a hyphen. `family`: a word by which many institutions are called, as
    every town's Sparkasse is.
    """

    __slots__ = ("_bits", "core", "entries", "family", "hyphens", "key", "spelling")

    def __init__(self, spelling: str, key: str, core: bool) -> None:
        self.spelling = spelling
        self.key = key
        self.core = core
        self.family = False
        self.hyphens: frozenset[int] = frozenset()
        self.entries: list[Entry] = []
        self._bits: float | None = None

    @property
    def bits(self) -> float:
        """How much the spelling tells."""
        if self._bits is None:
            self._bits = bits_of(self.spelling) - (CORE if self.core else 0.0)
        return self._bits

    @property
    def ordinary(self) -> bool:
        """Whether it tells no more than a word does, or three letters."""
        return self.bits <= max(WORD, 3 * LETTER)

    def fame(self) -> float:
        """Doublings of the number of countries in which it is known; what deals in crypto deals everywhere."""
        countries = {entry.country for entry in self.entries}
        if NO_COUNTRY in countries or any(entry.category == "crypto" for entry in self.entries):
            return log2(WORLDWIDE)
        return log2(min(len(countries), WORLDWIDE))

    def entry_at(self, country: str) -> Entry:
        """The entry of a country (ISO 3166), else that of the whole world, else who is called so, else who has most domains."""
        for wanted in (country, NO_COUNTRY):
            for entry in self.entries:
                if entry.country == wanted:
                    return entry
        return max(self.entries, key=lambda entry: (plain(entry.name) == self.spelling, len(entry.domains)))


class BrandIndex:
    """The brands of a catalogue, looked up by exact pieces of how they look, so that the cost of one does not grow."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._by_spelling: dict[str, Brand] = {}
        self.by_key: dict[str, list[Brand]] = {}
        self.lengths: dict[str, list[int]] = {}
        self._halves: dict[int, _Halves] = {}
        for entry in catalogue.entries():
            for written in spellings(entry):
                self._add(written, entry)
        for brand in list(self._by_spelling.values()):
            core = core_of(brand.spelling)
            if core is not None and not is_word(core):
                for entry in brand.entries:
                    self._add(core, entry, core=True)
        called = Counter(
            (entry.country, part)
            for entry in catalogue.entries()
            for part in {part for domain in entry.domains for part in domain.partition(".")[0].split("-")}
        )
        families = {part for (_, part), institutions in called.items() if institutions >= FAMILY}
        for brand in self._by_spelling.values():
            brand.family = brand.spelling in families
            self._place(brand)

    def brands(self) -> Iterator[Brand]:
        """Every brand."""
        yield from self._by_spelling.values()

    def near(self, looked: str) -> list[str]:
        """Keys that may be one edit away from a look: of an edited word, the first or the last half is as it was."""
        length = len(looked)
        found: list[str] = []
        for long in (length, length - 1, length + 1):
            firsts, lasts = self._halves.get(long, _NONE)
            half = long // 2
            found += firsts.get(looked[:half], ())
            found += lasts.get(looked[half - long :], ())
        half = length // 2
        # Two letters swapped in the very middle leave neither half as it was.
        swapped = looked[: half - 1] + looked[half : half + 1] + looked[half - 1 : half] + looked[half + 1 :]
        if swapped in self.by_key:
            found.append(swapped)
        return found

    def _add(self, written: str, entry: Entry, *, core: bool = False) -> None:
        spelling = written.replace("-", "")
        brand = self._by_spelling.get(spelling)
        if brand is None:
            brand = self._by_spelling[spelling] = Brand(spelling, look(in_latin(spelling)), core)
        if entry not in brand.entries:
            brand.entries.append(entry)
        if "-" in written:
            brand.hyphens |= {
                sum(map(len, parts)) for parts in accumulate([[part] for part in written.split("-")[:-1]])
            }

    def _place(self, brand: Brand) -> None:
        key = brand.key
        length = len(key)
        same = self.by_key.setdefault(key, [])
        same.append(brand)
        if len(same) > 1:
            return
        if length >= START:
            lengths = self.lengths.setdefault(key[:START], [])
            if length not in lengths:
                lengths.append(length)
        # With digits in it, what is near is another number.
        if length >= NEAR_FROM and brand.spelling.isascii() and brand.spelling.isalpha():
            half = length // 2
            firsts, lasts = self._halves.setdefault(length, ({}, {}))
            firsts.setdefault(key[:half], []).append(key)
            lasts.setdefault(key[half - length :], []).append(key)


@lru_cache(maxsize=1)
def index_of(catalogue: Catalogue) -> BrandIndex:
    """The brands of the catalogue in use, built at the first question."""
    return BrandIndex(catalogue)


def spellings(entry: Entry) -> Iterator[str]:
    """How an entry is written in names: the labels of its domains, and its names without spaces."""
    for domain in entry.domains:
        label = domain.removeprefix("*.").partition(".")[0]
        spelling = from_a_label(label)
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
    if len(spelling) < START:
        return len(spelling) * LETTER - (SHORT_WORD if is_word(spelling) else 0.0)
    if is_word(spelling):
        return WORD
    generic = words("generic")
    lettered, worded, common = [0.0], [0.0], [0.0]
    for end in range(1, len(spelling) + 1):
        as_letters, as_words, as_common = lettered[-1] + LETTER, MOST, MOST
        for start in range(max(0, end - LONGEST_WORD), end - 1):
            word = spelling[start:end]
            if word in generic:
                as_letters = min(as_letters, lettered[start] + PART)
                as_words = min(as_words, worded[start] + PART)
                as_common = min(as_common, common[start] + COMMON)
            elif len(word) >= START and word in ordinary_words():
                as_words = min(as_words, worded[start] + PART)
            elif start and word in _OF:
                as_words = min(as_words, worded[start] + len(word) * LETTER)
                as_common = min(as_common, common[start] + COMMON)
        lettered.append(as_letters)
        worded.append(as_words)
        common.append(as_common)
    return min(lettered[-1], worded[-1], common[-1], MOST)
