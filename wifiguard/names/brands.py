"""What the institutions of the catalogue are called in names: their brands, found whole or one edit away."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, groupby
from math import log2
from typing import Final

from wifiguard.names import compiled
from wifiguard.names.catalogue import NO_COUNTRY, Catalogue, Entry
from wifiguard.names.compiled import CompiledBrands, CompiledNeighbours
from wifiguard.names.edits import one_edit, traces, traces_in
from wifiguard.names.looks import in_latin, look
from wifiguard.names.postings import Postings
from wifiguard.names.spelling import LETTER, MOST, START, WORD, bits_of, core_of, plain, spellings
from wifiguard.names.words import homes, is_word

LONG_START: Final = 6  # letters by which a brand is found that has as many; four begin too many
NEAR_FROM: Final = 4  # shortest brand of which one edit is looked for
CORE_LESS: Final = 9.0  # bits less where the spelling is only what is left of names without the word bank
FAMILY: Final = 8  # institutions of one country from which on a part of their domains is a word of its own
WORLDWIDE: Final = 8  # countries from which on, or without one of its own, an institution is known everywhere
MOST_FAME: Final = log2(WORLDWIDE)
KEPT: Final = 2048


class Brand:
    """One spelling and the entries that use it. `key`: how it looks; `hyphens`: positions before which its owner writes one.

    `core`: only what is left of names without the word bank. `family`: a word by which many are called, as every town's
    Sparkasse is. `bits`: how much the spelling tells. `fame`: doublings of the number of countries in which it is known.
    """

    __slots__ = ("bits", "core", "entries", "fame", "family", "hyphens", "key", "spelling")

    def __init__(
        self, spelling: str, key: str, core: bool, family: bool, entries: list[Entry], hyphens: frozenset[int]
    ) -> None:
        self.spelling = spelling
        self.key = key
        self.core = core
        self.family = family
        self.entries = entries
        self.hyphens = hyphens
        self.bits = bits_of(spelling) - self._less
        self.fame = _fame(entries)

    @property
    def letters(self) -> float:
        """How many bits its letters tell, whether they are a word or not."""
        return max(min(MOST, LETTER * len(self.spelling)) - self._less, self.bits)

    @property
    def _less(self) -> float:
        return CORE_LESS if self.core else 0.0

    @property
    def ordinary(self) -> bool:
        """Whether it tells no more than a word does, or three letters."""
        return self.bits <= max(WORD, 3 * LETTER)

    def entry_at(self, country: str) -> Entry:
        """The entry of a country (ISO 3166), of the whole world, of its home, else who has the name under .com."""
        for wanted in (country, NO_COUNTRY, homes().get(self.spelling)):
            for entry in self.entries:
                if entry.country == wanted:
                    return entry
        return max(self.entries, key=self._likelihood)

    def _likelihood(self, entry: Entry) -> tuple[bool, bool, int]:
        worldwide = any(domain.replace("-", "") == f"{self.spelling}.com" for domain in entry.domains)
        return worldwide, plain(entry.name) == self.spelling, len(entry.domains)


class BrandIndex:
    """The brands of a catalogue, looked up by exact pieces of how they look, so that the cost of one does not grow.

    Of most brands no name is ever seen, so that only keys are kept, with their entries' numbers; brands are made when they are
    met. `keys`: how they look. `lengths`: the first letters of keys, four, or six where there are as many, and how long keys
    are that begin so. `neighbours`: the keys of which one edit is looked for.
    """

    def __init__(self, catalogue: Catalogue, compiled: CompiledBrands | None = None) -> None:
        self._catalogue = catalogue
        self._families: set[str] = set()
        self.lengths: dict[str, tuple[int, ...]] = {}
        if compiled is not None:
            keys, near, self.lengths, self._families = compiled
            self.keys = Postings.unpacked(keys)
            self.neighbours = Neighbours(near)
        else:
            seen: set[str] = set()
            sought: list[str] = []
            self.keys = Postings(self._placed(catalogue, seen, sought))
            self.neighbours = Neighbours(sought)
            self._measure(seen)
        self.brands = lru_cache(maxsize=KEPT)(self._brands)

    def _placed(self, catalogue: Catalogue, seen: set[str], near: list[str]) -> Iterator[tuple[str, int]]:
        """Key and number of every entry, one after another, so that they are not all kept while the index is made."""
        number = 0
        for _, entries in groupby(catalogue.entries(), key=lambda entry: entry.country):
            called: Counter[str] = Counter()
            for entry in entries:
                called.update({part for domain in entry.domains for part in domain.partition(".")[0].split("-")})
                for written, _ in _written(entry):
                    spelling = written.replace("-", "")
                    key = _key(spelling)
                    if key not in seen and len(key) >= NEAR_FROM and spelling.isascii() and key.isalpha():
                        near.append(key)
                    seen.add(key)
                    yield key, number
                number += 1
            self._families.update(part for part, institutions in called.items() if institutions >= FAMILY)

    def compiled(self) -> CompiledBrands:
        """All of it but the catalogue, for a file."""
        return self.keys.packed(), self.neighbours.packed(), self.lengths, self._families

    def _brands(self, key: str) -> list[Brand]:
        """The brands that look so; behind `brands`, which keeps those that were lately met."""
        entries: dict[str, list[Entry]] = {}
        hyphens: dict[str, set[int]] = {}
        whole: set[str] = set()
        for entry in map(self._catalogue.entry, self.keys[key]):
            for written, core in _written(entry, key):
                spelling = written.replace("-", "")
                of_spelling = entries.setdefault(spelling, [])
                if entry not in of_spelling:
                    of_spelling.append(entry)
                hyphens.setdefault(spelling, set()).update(accumulate(map(len, written.split("-")[:-1])))
                if not core:
                    whole.add(spelling)
        return [
            Brand(
                spelling, key, spelling not in whole, spelling in self._families, used_by, frozenset(hyphens[spelling])
            )
            for spelling, used_by in entries.items()
        ]

    def _measure(self, keys: Iterable[str]) -> None:
        same: dict[tuple[int, ...], tuple[int, ...]] = {}
        for key in keys:
            if len(key) >= START:
                beginning = key[: START if len(key) < LONG_START else LONG_START]
                lengths = self.lengths.get(beginning, ())
                if len(key) not in lengths:
                    lengths = (*lengths, len(key))
                    self.lengths[beginning] = same.setdefault(lengths, lengths)


class Neighbours:
    """Keys by what a slip of the finger leaves of them."""

    def __init__(self, keys: list[str] | CompiledNeighbours) -> None:
        if isinstance(keys, tuple):
            self._keys, ends, traced = keys
            self._ends = array("I", ends)
            self._traced = Postings.unpacked(traced)
        else:
            self._keys = "".join(keys)
            self._ends = array("I", accumulate(map(len, keys)))
            self._traced = Postings((trace, number) for number, key in enumerate(keys) for trace in traces(key))

    def packed(self) -> CompiledNeighbours:
        return self._keys, self._ends.tobytes(), self._traced.packed()

    def of(self, looked: str) -> list[str]:
        """The keys that are one edit away from a look, each once."""
        numbers = self._traced.of_any(traces_in(looked))
        if not numbers:
            return []
        keys, ends = self._keys, self._ends
        near = [keys[ends[number - 1] if number else 0 : ends[number]] for number in dict.fromkeys(numbers)]
        return [key for key in near if one_edit(key, looked) is not None]


@lru_cache(maxsize=1)
def index_of(catalogue: Catalogue) -> BrandIndex:
    """The brands of the catalogue in use, at the first question read from the file beside this one or else built."""
    return BrandIndex(catalogue, compiled.read(compiled.BRANDS) if catalogue.is_packaged else None)


def _fame(entries: list[Entry]) -> float:
    # What deals in crypto deals everywhere.
    countries = {entry.country for entry in entries}
    if NO_COUNTRY in countries or any(entry.category == "crypto" for entry in entries):
        return MOST_FAME
    return log2(min(len(countries), WORLDWIDE))


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
