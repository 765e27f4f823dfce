"""SNMP versions 1 and 2c (RFC 1157, 1901): the community, which serves as a password and is sent with every message."""

from __future__ import annotations

from typing import Final

# Communities that devices are sold with: everyone knows them, so nothing is given away.
_DEFAULTS: Final = frozenset({b"public", b"private"})
_LONGEST: Final = 255


def secret_community(data: bytes) -> bool | None:
    """Whether a datagram holds a community that is not a device's default; None: it is no SNMP of these versions."""
    if data[:1] != b"\x30" or len(data) < 8:
        return None
    at = 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)
    # INTEGER version (0 or 1), OCTET STRING community, then a PDU (a context tag).
    if data[at : at + 3] not in (b"\x02\x01\x00", b"\x02\x01\x01") or data[at + 3 : at + 4] != b"\x04":
        return None
    size, start = data[at + 4 : at + 5], at + 5
    if size == b"\x81":
        size, start = data[start : start + 1], start + 1
    if not size or size[0] > _LONGEST:
        return None
    end = start + size[0]
    if end >= len(data) or not 0xA0 <= data[end] <= 0xA8:
        return None
    community = data[start:end]
    return bool(community) and community not in _DEFAULTS
