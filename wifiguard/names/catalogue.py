"""The catalogue of banks and other institutions that are worth imitating, with the user's own names on top."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

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
    """An institution: its name, its name in its own script, its domains (or "*.suffix"), ISO 3166 country or "xx"."""

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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that is no host name: which source ("extra", "list 1", ...), line from 1, its beginning, and why."""

    source: str
    line: int
    text: str
    reason: str


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
        content = line.partition("#")[0].strip()
        if not content:
            continue
        left, equals, right = content.partition(" = ")
        category, _, names = left.partition(" ")
        name, slash, alias = names.strip().partition(" / ")
        domains = tuple(right.split())
        if not equals or not name or not domains or (slash and not alias) or name.endswith(" /"):
            raise CatalogueError(f"{country}.txt", number, "expected: category  Name [ / own script] = domain ...")
        if category not in CATEGORIES:
            raise CatalogueError(f"{country}.txt", number, f"unknown category: {category}")
        yield number, Entry(name, alias or None, domains, country, CATEGORIES[category])


def packaged_files() -> dict[str, str]:
    """The text of each data file by its country code."""
    folder = files("wifiguard.names") / "catalogue"
    texts = {item.name[:-4]: item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".txt")}
    return dict(sorted(texts.items()))
