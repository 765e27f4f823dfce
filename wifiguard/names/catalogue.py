"""The catalogue of banks and other institutions that are worth imitating, with the user's own names on top."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from wifiguard.names import compiled
from wifiguard.names.compiled import CompiledCatalogue
from wifiguard.names.lists import Rejected, owned_name, owned_names
from wifiguard.names.nameset import NameSet
from wifiguard.names.postings import Postings
from wifiguard.names.registrable import canonical, registrable_of_canonical

Category = Literal[
    "bank", "payment", "broker", "crypto", "shop", "insurer", "government", "parcel", "telecom", "account"
]
Certainty = Literal["catalogue", "user", "likely"]

CATEGORIES: Final[Mapping[str, Category]] = {
    "bank": "bank",
    "payment": "payment",
    "broker": "broker",
    "crypto": "crypto",
    "shop": "shop",
    "insurer": "insurer",
    "government": "government",
    "parcel": "parcel",
    "telecom": "telecom",
    "account": "account",
}
NO_COUNTRY: Final = "xx"


class Entry(NamedTuple):
    """An institution: its name, its other name (own script, other language), domains or "*.suffix", ISO 3166 or "xx"."""

    name: str
    alias: str | None
    domains: tuple[str, ...]
    country: str
    category: Category


class Listing(Struct, frozen=True):
    """What the catalogue says of one host; country is None where only the user or the name itself says bank."""

    entry_name: str
    registrable: str
    category: Category
    certainty: Certainty
    country: str | None


class CatalogueError(ValueError):
    """A line of a data file that breaks its format: names file and line."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


def parse(text: str, country: str) -> Iterator[tuple[int, Entry]]:
    """The entries of one data file with their line numbers; CatalogueError for a line against the format (README.md)."""
    for number, line in enumerate(text.split("\n"), 1):
        try:
            entry = _entry(line, country)
        except ValueError as error:
            raise CatalogueError(f"{country}.txt", number, str(error)) from None
        if entry is not None:
            yield number, entry


def _entry(line: str, country: str) -> Entry | None:
    """The entry of one line, None for a comment or nothing; ValueError says what is wrong with it."""
    content = line.partition("#")[0].strip() if "#" in line else line.strip()
    if not content:
        return None
    left, _, right = content.partition(" = ")
    word, _, names = left.partition(" ")
    name, slash, alias = names.strip().partition(" / ")
    domains = tuple(right.split())
    category = CATEGORIES.get(word)
    if not name or not domains or (slash and not alias) or name.endswith(" /"):
        raise ValueError("expected: category  Name [ / other name ] = domain ...")
    if category is None:
        raise ValueError(f"unknown category: {word}")
    return Entry(name, alias or None, domains, country, category)


def packaged_files() -> Iterator[tuple[str, str]]:
    """The country code and the text of each data file."""
    # Beside this file, by its own name: importlib.resources takes longer to import than all the files to read.
    folder = Path(__file__).with_name("catalogue")
    for file in sorted(folder.glob("*.txt")):
        yield file.stem, file.read_text("utf-8")


def packaged() -> Iterator[Entry]:
    """Every entry of the packaged data files, by country and name."""
    return (entry for country, text in packaged_files() for _, entry in parse(text, country))


class Packaged:
    """The entries of the packaged data files by their number, in the order of `packaged()`.

    Of ten thousand a laptop meets some dozens: lines are kept as they are written, one after another, and parsed when they are
    asked for. That takes a tenth of the memory of entries, and a fifth of the time.
    """

    def __init__(self, compiled: CompiledCatalogue | None = None) -> None:
        self._ends, self._firsts = array("I"), array("I")
        self._countries: list[str] = []
        self._whole_suffixes: set[str] = set()
        if compiled is not None:
            self._written, ends, self._countries, firsts, self._whole_suffixes, numbers = compiled
            self._ends.frombytes(ends)
            self._firsts.frombytes(firsts)
            self._numbers = Postings.unpacked(numbers)
        else:
            written = bytearray()
            self._numbers = Postings(self._placed(written))
            self._written = bytes(written)
        self.entry = lru_cache(maxsize=512)(self._parsed)

    def _placed(self, written: bytearray) -> Iterator[tuple[str, int]]:
        """Domain and number of every entry, while its line is added to `written`."""
        for country, text in packaged_files():
            self._countries.append(country)
            self._firsts.append(len(self._ends))
            for line in text.split("\n"):
                content = line.partition("#")[0].strip()
                if content:
                    number = len(self._ends)
                    for domain in content.partition(" = ")[2].split():
                        yield domain, number
                        if domain[0] == "*":
                            self._whole_suffixes.add(domain[2:])
                    written += content.encode()
                    self._ends.append(len(written))

    def compiled(self) -> CompiledCatalogue:
        """All of it, for a file."""
        ends, firsts = self._ends.tobytes(), self._firsts.tobytes()
        return self._written, ends, self._countries, firsts, self._whole_suffixes, self._numbers.packed()

    def __len__(self) -> int:
        return len(self._ends)

    def owner(self, domain: str) -> Entry | None:
        """The entry that has a domain, or the suffix that it stands right under."""
        suffix = domain.partition(".")[2]
        for name in (domain, "*." + suffix) if suffix in self._whole_suffixes else (domain,):
            for number in self._numbers[name]:
                entry = self.entry(number)
                if name in entry.domains:
                    return entry
        return None

    def _line(self, number: int) -> str:
        start = self._ends[number - 1] if number else 0
        return self._written[start : self._ends[number]].decode()

    def _parsed(self, number: int) -> Entry:
        country = self._countries[bisect_right(self._firsts, number) - 1]
        entry = _entry(self._line(number), country)
        assert entry is not None, "lines without an entry are not kept"
        return entry


@cache
def _kept() -> Packaged:
    return Packaged(compiled.read(compiled.CATALOGUE))


class Catalogue:
    """Every name that is somebody's: the user's own, the packaged institutions, and names that say bank themselves.

    extra: the user's own names. lists: the lines of list files, plain (a name a line), hosts-file (address, then names)
    or commented (# ; !). What is no host name goes to `rejected`, at most MOST_REJECTED of them.
    """

    __slots__ = ("_extra", "_lists", "_own", "rejected")

    def __init__(self, extra: Iterable[str] = (), lists: Iterable[Iterable[str]] = ()) -> None:
        self.rejected: list[Rejected] = []
        self._extra: dict[str, Entry] = {}
        self._lists = NameSet()
        for number, text in enumerate(extra, 1):
            domain = owned_name(text.strip(), "extra", number, self.rejected)
            if domain is not None:
                self._extra.setdefault(domain, Entry(domain, None, (domain,), NO_COUNTRY, "bank"))
        for number, lines in enumerate(lists, 1):
            self._lists.update(owned_names(lines, f"list {number}", self.rejected))
        self._own = tuple(self._extra.values())

    def lookup(self, host: str) -> Listing | None:
        """What is known of the host's registrable domain: the user's word first, then the catalogue's, then its own."""
        name = canonical(host)
        domain = None if name is None else registrable_of_canonical(name)
        return None if domain is None else self.listing(domain)

    def listing(self, domain: str) -> Listing | None:
        """lookup() for a registrable domain in canonical spelling."""
        if domain in self._extra or domain in self._lists:
            return Listing(domain, domain, "bank", "user", None)
        entry = _kept().owner(domain)
        if entry is not None:
            return Listing(entry.name, domain, entry.category, "catalogue", entry.country)
        if _likely()(domain):
            return Listing(domain, domain, "bank", "likely", None)
        return None

    def entries(self) -> Iterator[Entry]:
        """The user's own names, then the packaged institutions; names of lists are not kept and not here."""
        yield from self._own
        yield from packaged()

    @property
    def is_packaged(self) -> bool:
        """Whether its entries are the packaged institutions and no others."""
        return not self._own

    def entry(self, number: int) -> Entry:
        """The entry that stands at this place among `entries()`."""
        return self._own[number] if number < len(self._own) else _kept().entry(number - len(self._own))


@cache
def _likely() -> Callable[[str], bool]:
    # Imported here, since its patterns take 10 ms to compile and most commands look nothing up.
    from wifiguard.names.likely import is_likely_bank

    return is_likely_bank
