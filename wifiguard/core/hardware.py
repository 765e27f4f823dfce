"""What a hardware address says by itself."""

from __future__ import annotations

# Addresses that routers share on purpose, by their first bytes: VRRP and CARP for both families (RFC 9568, 7.3), HSRP versions
# 1 and 2 and for IPv6 (RFC 2281, Cisco), GLBP (Cisco).
_SHARED = (
    b"\x00\x00\x5e\x00\x01",
    b"\x00\x00\x5e\x00\x02",
    b"\x00\x00\x0c\x07\xac",
    b"\x00\x00\x0c\x9f",
    b"\x00\x05\x73\xa0",
    b"\x00\x07\xb4\x00",
)


def is_shared(mac: bytes) -> bool:
    """Whether several routers may speak with this address: a redundancy protocol's, or a multicast group's."""
    return mac.startswith(_SHARED) or bool(mac[0] & 1)


def are_siblings(one: bytes, other: bytes) -> bool:
    """Whether both may be one device: ports and bonds count up their last byte, extenders rewrite the maker and keep the rest."""
    return one[:5] == other[:5] or one[3:] == other[3:]
