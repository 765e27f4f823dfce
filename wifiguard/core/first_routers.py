"""The IPv4 routers of one link, each by who was the first to have its address."""

from __future__ import annotations

from wifiguard.core.lan import DhcpMessage

# Addresses that servers name as routers, and hardware addresses that are kept of them.
_ADDRESSES = 64
_OWNERS = 16


class FirstRouters:
    """Fed with what a rule observes on the link. Who claims a router's address later may be an impostor, and does not count."""

    __slots__ = ("_addresses", "_owners")

    def __init__(self) -> None:
        self._addresses: set[bytes] = set()
        self._owners: dict[bytes, bytes] = {}

    def __bool__(self) -> bool:
        """Whether a router is known, if only by its address."""
        return bool(self._addresses or self._owners)

    @property
    def macs(self) -> frozenset[bytes]:
        """The routers' hardware addresses, as far as they showed themselves."""
        return frozenset(self._owners.values())

    def leased(self, obs: DhcpMessage) -> None:
        """A server names routers."""
        if len(self._addresses) < _ADDRESSES:
            self._addresses.update(obs.routers[:4])

    def claimed(self, address: bytes, mac: bytes) -> None:
        """Somebody says that `address` is his."""
        if address in self._addresses:
            self._owners.setdefault(address, mac)

    def bound(self, address: bytes, mac: bytes) -> None:
        """The kernel's neighbour table holds this; it tells of routers only."""
        if len(address) == 4 and len(self._owners) < _OWNERS:
            self._owners.setdefault(address, mac)
