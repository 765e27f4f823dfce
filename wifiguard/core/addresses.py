"""Addresses as the packets carry them (bytes) and as people read them (text)."""

from __future__ import annotations

import ipaddress


def address_text(address: bytes) -> str:
    """An IPv4 (4 bytes) or IPv6 (16 bytes) address in its usual notation; other lengths as hexadecimal."""
    if len(address) in (4, 16):
        return str(ipaddress.ip_address(address))
    return address.hex()


def address_bytes(text: str) -> bytes | None:
    """The bytes of an IPv4 or IPv6 address in its usual notation; None for anything else, such as a name."""
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        return None


def mac_text(mac: bytes) -> str:
    """A hardware address in colon notation, lower case."""
    return mac.hex(":")


def mac_bytes(text: str) -> bytes:
    """The six bytes of a colon or dash separated MAC address. Raises ValueError on anything else."""
    raw = bytes.fromhex(text.replace(":", "").replace("-", ""))
    if len(raw) != 6:
        raise ValueError(f"not a MAC address: {visible_repr(text)}")
    return raw


def visible_repr(text: str) -> str:
    """`text` as a short ASCII literal for an error message."""
    return ascii(text[:64])


def is_private(address: bytes) -> bool:
    """Whether the address belongs to no public network (RFC 1918, 4193, link-local, loopback, shared 100.64/10)."""
    if len(address) not in (4, 16):
        return False
    parsed = ipaddress.ip_address(address)
    return not parsed.is_global and not parsed.is_multicast
