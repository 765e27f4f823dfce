"""What the institutions of the catalogue are called in names: their brands, found whole or one edit away."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from math import log2
from typing import Final

from wifiguard.names.catalogue import NO_COUNTRY, Catalogue, Entry
from wifiguard.names.looks import in_latin, look
from wifiguard.names.spelling import LETTER, START, WORD, bits_of, core_of, plain, spellings
from wifiguard.names.words import is_word

NEAR_FROM: Final = 4  # shortest brand of which one edit is looked for
CORE_LESS: Final = 9.0  # bits less where the spelling is only what is left of names without the word bank
FAMILY: Final = 8  # institutions of one country from which on a part of their domains is a word of its own
WORLDWIDE: Final = 8  # countries from which on, or without one of its own, an institution is known everywhere
KEPT: Final = 1024

# Keys of one length by their first, and by their last half.
_Halves = tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]
_NONE: Final[_Halves] = ({}, {})


class Brand:
    """One spelling and the entries that use it. `key`: how it looks; `hyphens`: positions before which its owner writes one.

    `core`: only what is left of names without the word bank. `family`: a word by which many are called, as every town's
    Sparkasse is. `bits`: how much the spelling tells.
    """

    __slots__ = ("bits", "core", "entries", "family", "hyphens", "key", "spelling")

    def __init__(self, spelling: str, key: str, core: bool, family: bool) -> None:
        self.spelling = spelling
        self.key = key
        self.core = core
        self.family = family
        self.hyphens: frozenset[int] = frozenset()
        self.entries: list[Entry] = []
        self.bits = bits_of(spelling) - (CORE_LESS if core else 0.0)

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
    """The brands of a catalogue, looked up by exact pieces of how they look, so that the cost of one does not grow.

    Of most brands no name is ever seen, so that only keys are kept, with their entries; brands are made when they are met.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        self._halves: dict[int, _Halves] = {}
        called: Counter[tuple[str, str]] = Counter()
        for entry in catalogue.entries():
            called.update(
                {(entry.country, part) for domain in entry.domains for part in domain.partition(".")[0].split("-")}
            )
            for written, _ in _written(entry):
                self._place(written.replace("-", ""), entry)
        self._families = {part for (_, part), institutions in called.items() if institutions >= FAMILY}
        self.brands = lru_cache(maxsize=KEPT)(self._brands)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

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
        if swapped in self._entries:
            found.append(swapped)
        return found

    def _brands(self, key: str) -> list[Brand]:
        """The brands that look so; behind `brands`, which keeps those that were lately met."""
        found: dict[str, Brand] = {}
        for entry in self._entries.get(key, ()):
            for written, core in _written(entry, key):
                spelling = written.replace("-", "")
                brand = found.get(spelling)
                if brand is None or (brand.core and not core):
                    entries = [] if brand is None else brand.entries
                    brand = found[spelling] = Brand(spelling, key, core, spelling in self._families)
                    brand.entries = entries
                if entry not in brand.entries:
                    brand.entries.append(entry)
                brand.hyphens |= set(accumulate(map(len, written.split("-")[:-1])))
        return list(found.values())

    def _place(self, spelling: str, entry: Entry) -> None:
        key = _key(spelling)
        entries = self._entries.get(key, ())
        if entry not in entries[-1:]:
            self._entries[key] = (*entries, entry)
        if entries:
            return
        length = len(key)
        if length >= START:
            lengths = self.lengths.get(key[:START], ())
            if length not in lengths:
                self.lengths[key[:START]] = (*lengths, length)
        # With digits in it, what is near is another number.
        if length >= NEAR_FROM and spelling.isascii() and spelling.isalpha():
            half = length // 2
            firsts, lasts = self._halves.setdefault(length, ({}, {}))
            for halves, piece in ((firsts, key[:half]), (lasts, key[half - length :])):
                halves[piece] = (*halves.get(piece, ()), key)


@lru_cache(maxsize=1)
def index_of(catalogue: Catalogue) -> BrandIndex:
    """The brands of the catalogue in use, built at the first question."""
    return BrandIndex(catalogue)


def _written(entry: Entry, key: str = "") -> Iterator[tuple[str, bool]]:
    """Every spelling of an entry (that looks like `key`), and whether it is only the core of one."""
    for written in spellings(entry):
        spelling = written.replace("-", "")
        looked = _key(spelling)
        if key in ("", looked):
            yield written, False
        if key in looked and key != looked:
            core = core_of(spelling)
            if core is not None and key in ("", _key(core)) and not is_word(core):
                yield core, True


def _key(spelling: str) -> str:
    return look(spelling if spelling.isascii() else in_latin(spelling))
