"""Whose server it is that the laptop talks to, and by which names it is known."""

from __future__ import annotations

from collections.abc import Collection

from wifiguard.core.messages import DnsMessage
from wifiguard.core.resolutions import Resolutions
from wifiguard.names.catalogue import Catalogue, Listing


class Visited:
    """Looks servers up in the catalogue, by the names that clients or DNS have for them.

    `categories`: those that count; names that the user added always do.
    """

    def __init__(self, catalogue: Catalogue, categories: Collection[str]) -> None:
        self._catalogue = catalogue
        self._categories = frozenset(categories)
        self._resolutions = Resolutions()

    def learn(self, message: DnsMessage) -> None:
        """Note the addresses that a response gives."""
        if message.response:
            self._resolutions.learn(message)

    def names(self, server_name: str | None, address: bytes, tick: float) -> tuple[str, ...]:
        """What a server is called: as the client called it, else as DNS lately did, sorted; none where nobody said."""
        return (server_name,) if server_name else tuple(sorted(self._resolutions.names(address, tick)))

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
