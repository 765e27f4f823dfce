"""The user's own lists of names: plain (a name a line), hosts files (an address, then names), commented (# ; !)."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from wifiguard.names.registrable import canonical, listed_suffixes, registrable_of_canonical

MOST_REJECTED: Final = 1000

# What hosts files name beside what they block.
_LOCAL_NAME = re.compile(r"local|localhost(?:\.localdomain)?|broadcasthost|0\.0\.0\.0|ip6-[a-z]+")
_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}|[0-9a-f]*:[0-9a-f:.]*(?:%\w+)?", re.IGNORECASE | re.ASCII)
_BLACKHOLES: Final = ("\n0.0.0.0 ", "\n0.0.0.0\t", "\n127.0.0.1 ", "\n127.0.0.1\t")

_CHUNK: Final = 2000  # lines that are tested at once
_PLAIN_BYTES: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-_.\n"


class Rejected(Struct, frozen=True):
    """A line that names nobody: its source ("extra", "list 1", ...), its number from 1, its beginning, and why."""

    source: str
    line: int
    text: str
    reason: str


def owned_name(text: str, source: str, line: int, rejected: list[Rejected]) -> str | None:
    """The registrable domain of what the user wrote, or None after noting (up to MOST_REJECTED) why there is none."""
    name = canonical(text.removeprefix("*."))
    domain = None if name is None else registrable_of_canonical(name)
    if domain is None and len(rejected) < MOST_REJECTED:
        reason = "not a host name" if name is None else "a whole suffix, not one owner's domain"
        rejected.append(Rejected(source, line, text[:80], reason))
    return domain


def owned_names(lines: Iterable[str], source: str, rejected: list[Rejected]) -> Iterator[str]:
    """Names among which stands every registrable domain that a list names something of; notes what it cannot read.

    Beside them come names that are not registrable (www.example.com, co.uk), which nobody will ask for: to take them out
    costs more than to keep them.
    """
    rest = iter(lines)
    before = 0
    while chunk := list(islice(rest, _CHUNK)):
        names = _plain_names(chunk)
        if names is not None:
            while names:
                yield from names
                names = [parent for name in names if "." in (parent := name.partition(".")[2])]
        else:
            for number, line in enumerate(chunk, before + 1):
                for text in _names_of_line(line):
                    domain = owned_name(text, source, number, rejected)
                    if domain is not None:
                        yield domain
        before += len(chunk)


def _plain_names(chunk: list[str]) -> list[str] | None:
    """The names, if every line is one name that somebody can own, in canonical spelling; None if one may not be.

    Nearly all lines of a long list are, and testing two thousand at once costs a tenth of testing each.
    """
    text = "\n" + ("" if chunk[0].endswith("\n") else "\n").join(chunk).removesuffix("\n") + "\n"
    for address in _BLACKHOLES:
        text = text.replace(address, "\n")
    if not text.isascii() or text.encode().translate(None, _PLAIN_BYTES):
        return None
    names = text[1:-1].split("\n")
    if len(names) != len(chunk) or max(map(len, names)) > 63:  # so short a name has no label that is too long
        return None
    # Empty labels and A-labels; ends that no top-level domain has (dots, and the digits of addresses); single labels.
    if "\n." in text or ".." in text or "xn--" in text or not "".join({name[-1:] for name in names}).isalpha():
        return None
    if not all("." in name for name in names) or not listed_suffixes().isdisjoint(names):
        return None
    return names


def _names_of_line(line: str) -> list[str]:
    """What one line of a list names, unchecked, whatever of the three formats it is in."""
    content = line.strip()
    if not content or content[0] in "#;!":
        return []
    fields = content.partition("#")[0].split()
    if len(fields) > 1 and _ADDRESS.fullmatch(fields[0]):
        return [field for field in fields[1:] if not _LOCAL_NAME.fullmatch(field)]
    return [" ".join(fields)]
