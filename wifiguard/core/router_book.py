"""The IPv6 routers and settings of each link, as their advertisements told them."""

from __future__ import annotations

from msgspec import Struct

from wifiguard.core.lan import Prefix, RouterAdvertisement

# Unique local addresses (RFC 4193): of this site alone.
_LOCAL = 0xFC


class Advertised(Struct, frozen=True):
    """What one router says: who it is, whether it offers itself as default, and what it hands out."""

    source: bytes
    mac: bytes
    default: bool
    preference: int
    managed: bool
    prefixes: frozenset[tuple[bytes, int]]
    dns: frozenset[bytes]

    @classmethod
    def of(cls, ra: RouterAdvertisement) -> Advertised:
        """Withdrawn prefixes and name servers (lifetime 0) are not handed out."""
        return cls(
            source=ra.source,
            mac=ra.delivery.mac,
            default=ra.lifetime > 0,
            preference=ra.preference,
            managed=ra.managed or ra.other,
            prefixes=frozenset((p.address, p.length) for p in ra.prefixes if _given(p)),
            dns=frozenset(ra.dns if ra.dns_lifetime else ()),
        )

    def agrees(self, other: Advertised) -> bool:
        """Whether it hands out nothing that the other does not, and does not ask to be preferred: one of a pair."""
        return self.prefixes <= other.prefixes and self.dns <= other.dns and self.preference <= other.preference

    def serves_itself(self, address: bytes) -> bool:
        """Whether a name server is the router's own affair: link-local, this site's own, or in a prefix that it hands out."""
        if address[0] & 0xFE == _LOCAL or address[:2] == b"\xfe\x80":
            return True
        return any(address[: length // 8] == prefix[: length // 8] for prefix, length in self.prefixes)


def is_local(prefix: tuple[bytes, int]) -> bool:
    """A prefix that leads nowhere beyond this site."""
    return prefix[0][0] & 0xFE == _LOCAL


def _given(prefix: Prefix) -> bool:
    return prefix.valid > 0 and prefix.preferred > 0
