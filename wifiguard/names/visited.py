"""Whose server it is that the laptop talks to, and by which names it is known."""

from __future__ import annotations

from collections.abc import Collection

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import DnsMessage
from wifiguard.names.catalogue import Catalogue, Listing

ADDRESSES = 8192
ADDRESS_AGE = 3600.0
# Names that an address was given for; more than this and it is a content network's, which proves nothing.
NAMES_PER_ADDRESS = 8
_A, _AAAA = 1, 28


class Visited:
    """Remembers which names DNS gave addresses for, bounded, and looks servers up in the catalogue.

    `categories`: those that count; names that the user added always do.
    """

    def __init__(self, catalogue: Catalogue, categories: Collection[str]) -> None:
        self._catalogue = catalogue
        self._categories = frozenset(categories)
        self._names: BoundedMap[bytes, frozenset[str]] = BoundedMap(ADDRESSES, ADDRESS_AGE)

    def learn(self, answer: DnsMessage) -> None:
        """Note the addresses that a response gives for the name that was asked for, aliases or not."""
        if not answer.response or not answer.questions:
            return
        asked = answer.questions[0].name
        for record in answer.answers:
            if record.type in (_A, _AAAA) and isinstance(record.data, bytes):
                names = self._names.get(record.data, answer.tick) or frozenset()
                if len(names) < NAMES_PER_ADDRESS:
                    names |= {asked}
                self._names.put(record.data, names, answer.tick)

    def names(self, address: bytes, tick: float) -> tuple[str, ...]:
        """The names that the address was lately given for, sorted; none where they are too many to tell anything."""
        names = self._names.get(address, tick) or frozenset()
        return tuple(sorted(names)) if len(names) < NAMES_PER_ADDRESS else ()

    def listing(self, name: str) -> Listing | None:
        """What the catalogue says of a name, in the categories that count."""
        found = self._catalogue.lookup(name)
        if found is None or (found.certainty != "user" and found.category not in self._categories):
            return None
        return found

    def sole_listing(self, names: Collection[str]) -> Listing | None:
        """The one institution that all of these names belong to; None where there is another's among them."""
        found = [self.listing(name) for name in names]
        first = found[0] if found else None
        if first is None or any(each is None or each.registrable != first.registrable for each in found):
            return None
        return first
