"""SOCKS versions 4 and 5 (RFC 1928; user and password by RFC 1929): how long each message is, and what it asks for."""

from __future__ import annotations

from typing import Final

_METHODS: Final = frozenset({*range(10), *range(0x80, 0xFF)})
_MOST_METHODS: Final = 16
_MAX_NAME: Final = 256


def greeting(data: bytes) -> int | None:
    """The length of a client's first message, of either version; 0: it is none; None: too short to tell."""
    version = data[:1]
    if version == b"\x05":
        if len(data) < 2:
            return None
        count = data[1]
        methods = data[2 : 2 + count]
        if not 1 <= count <= _MOST_METHODS or len(set(methods)) < len(methods) or not _METHODS.issuperset(methods):
            return 0
        return 2 + count if len(methods) == count else None
    if version == b"\x04":
        return request4(data)
    return 0 if version else None


def request4(data: bytes) -> int | None:
    """The length of a version 4 or 4A request; 0: it is none; None: too short to tell."""
    if len(data) >= 2 and data[1] not in (1, 2):
        return 0
    if len(data) < 9:
        return None
    if data[2:4] == b"\0\0" or data[4:8] == bytes(4):
        return 0
    end = data.find(b"\0", 8, 8 + _MAX_NAME) + 1
    if end and data[4:7] == bytes(3):  # 4A: the name of the host follows
        end = data.find(b"\0", end, end + _MAX_NAME) + 1
    if end:
        return end
    return None if len(data) < 8 + 2 * _MAX_NAME else 0


def user_password(data: bytes) -> tuple[int, bool] | None:
    """The length of a version 1 sub-negotiation and whether its password is not empty; 0: it is none; None: too short."""
    if data[:1] != b"\x01":
        return (0, False) if data else None
    if len(data) < 2 or len(data) < 3 + data[1]:
        return None
    size = data[2 + data[1]]
    end = 3 + data[1] + size
    return (end, bool(size)) if len(data) >= end else None


def address(data: bytes) -> int | None:
    """The length of a version 5 request or reply, which hold an address; 0: it is none; None: too short to tell."""
    if len(data) < 5:
        return None
    if data[0] != 5 or data[2]:
        return 0
    size = {1: 4, 3: 1 + data[4], 4: 16}.get(data[3])
    if size is None:
        return 0
    return 6 + size if len(data) >= 6 + size else None
