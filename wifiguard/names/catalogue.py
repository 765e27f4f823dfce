"""The catalogue of banks and other institutions that are worth imitating, with the user's own names on top."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from wifiguard.names.lists import Rejected, owned_name, owned_names
from wifiguard.names.nameset import NameSet
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


@dataclass(frozen=True, slots=True)
class Entry:
    """An institution: its name, its other name (own script, other language), domains or "*.suffix", ISO 3166 or "xx"."""

    name: str
    alias: str | None
    domains: tuple[str, ...]
    country: str
    category: Category


@dataclass(frozen=True, slots=True)
class Listing:
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


_kept_entry = lru_cache(maxsize=512)(_entry)


def packaged_files() -> dict[str, str]:
    """The text of each data file by its country code."""
    # Beside this file, by its own name: importlib.resources takes longer to import than all the files to read.
    folder = Path(__file__).with_name("catalogue")
    return {file.stem: file.read_text("utf-8") for file in sorted(folder.glob("*.txt"))}


def packaged() -> Iterator[Entry]:
    """Every entry of the packaged data files, by country and name."""
    return (entry for country, text in packaged_files().items() for _, entry in parse(text, country))


@cache
def _line_of_domain() -> Mapping[str, tuple[str, str]]:
    """Domain → the line in which it stands, unparsed, and the line's country.

    Of ten thousand lines a laptop asks for some dozens, and to parse them all would take five times as long.
    """
    found = {}
    for country, text in packaged_files().items():
        for line in text.split("\n"):
            domains = line.partition("#")[0].partition(" = ")[2]
            if domains:
                place = line, country
                for domain in domains.split():
                    found[domain] = place
    return found


class Catalogue:
    """Every name that is somebody's: the user's own, the packaged institutions, and names that say bank themselves.

    extra: the user's own names. lists: the lines of list files, plain (a name a line), hosts-file (address, then names)
    or commented (# ; !). What is no host name goes to `rejected`, at most MOST_REJECTED of them.
    """

    __slots__ = ("_extra", "_lists", "rejected")

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

    def lookup(self, host: str) -> Listing | None:
        """What is known of the host's registrable domain: the user's word first, then the catalogue's, then its own."""
        name = canonical(host)
        domain = None if name is None else registrable_of_canonical(name)
        return None if domain is None else self.listing(domain)

    def listing(self, domain: str) -> Listing | None:
        """lookup() for a registrable domain in canonical spelling."""
        if domain in self._extra or domain in self._lists:
            return Listing(domain, domain, "bank", "user", None)
        lines = _line_of_domain()
        found = lines.get(domain) or lines.get("*." + domain.partition(".")[2])
        if found is not None and (entry := _kept_entry(*found)) is not None:
            return Listing(entry.name, domain, entry.category, "catalogue", entry.country)
        if _likely()(domain):
            return Listing(domain, domain, "bank", "likely", None)
        return None

    def entries(self) -> Iterator[Entry]:
        """The user's own names, then the packaged institutions; names of lists are not kept and not here."""
        yield from self._extra.values()
        yield from packaged()


@cache
def _likely() -> Callable[[str], bool]:
    # Imported here, since its patterns take 10 ms to compile and most commands look nothing up.
    from wifiguard.names.likely import is_likely_bank

    return is_likely_bank
