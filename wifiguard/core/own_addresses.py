"""The addresses of this laptop itself."""

from __future__ import annotations

import ipaddress

from wifiguard.core.host import LinkState


class OwnAddresses:
    """What the interfaces were told to have. A capture file tells none: then it is empty (and false)."""

    def __init__(self) -> None:
        self._by_link: dict[int, frozenset[bytes]] = {}
        self._all: frozenset[bytes] = frozenset()

    def learn(self, link: LinkState) -> None:
        """Take an interface as it is now."""
        if link.present:
            self._by_link[link.index] = frozenset(ipaddress.ip_interface(text).packed for text in link.addresses)
        else:
            self._by_link.pop(link.index, None)
        self._all = frozenset[bytes]().union(*self._by_link.values())

    def __contains__(self, address: bytes) -> bool:
        return address in self._all

    def __bool__(self) -> bool:
        return bool(self._all)
