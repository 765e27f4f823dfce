"""LDAP's messages (RFC 4511): which operation, and whether a bind holds a password."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from wifiguard.decode.bad import Bad, Reason

BIND_REQUEST: Final = 0x60
EXTENDED: Final = frozenset({0x77, 0x78})  # StartTLS and its answer, among others
REQUESTS: Final = frozenset({0x60, 0x42, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50, 0x77})
RESPONSES: Final = frozenset({0x61, 0x64, 0x65, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x73, 0x78, 0x79})
_SIMPLE, _SASL = 0x80, 0xA3
_IN_CLEAR: Final = frozenset({b"PLAIN", b"LOGIN"})


class Begin(Enum):
    """What the first bytes of a message are."""

    SHORT = auto()
    NONE = auto()


class Head(NamedTuple):
    """A message's operation (its tag), where its content begins and where the message ends."""

    operation: int
    content: int
    end: int


def head(data: bytes) -> Head | Begin:
    """The begin of an LDAPMessage (4.1.1): SEQUENCE, INTEGER id, operation."""
    if data[:1] != b"\x30":
        return Begin.NONE if data else Begin.SHORT
    sequence = _length(data, 1)
    if not isinstance(sequence, tuple):
        return sequence
    size, at = sequence
    if at + 2 > len(data):
        return Begin.NONE if data[at : at + 1] not in (b"", b"\x02") else Begin.SHORT
    if data[at] != 0x02 or not 1 <= data[at + 1] <= 4:
        return Begin.NONE
    operation = at + 2 + data[at + 1]
    if operation >= len(data):
        return Begin.SHORT
    tag = data[operation]
    if size < 3 or (tag not in REQUESTS and tag not in RESPONSES):
        return Begin.NONE
    content = _length(data, operation + 1)
    if not isinstance(content, tuple):
        return content
    if content[1] + content[0] > at + size:
        return Begin.NONE
    return Head(tag, content[1], at + size)


def carries_password(bind: bytes) -> bool:
    """Whether a BindRequest's content (4.2) holds a password: simple and not empty, or SASL with one in clear. Raises Bad."""
    version, at = _element(bind, 0)
    name, at = _element(bind, at)
    if version[0] != 0x02 or name[0] != 0x04:
        raise Bad("ldap", Reason.HEADER)
    (choice, content), _ = _element(bind, at)
    if choice == _SIMPLE:
        return bool(content)
    if choice != _SASL:
        return False
    (_, mechanism), at = _element(content, 0)
    return mechanism.upper() in _IN_CLEAR and at < len(content) and bool(_element(content, at)[0][1])


def _element(data: bytes, at: int) -> tuple[tuple[int, bytes], int]:
    """A tag with its content, and what follows. Raises Bad."""
    length = _length(data, at + 1)
    if not isinstance(length, tuple) or length[1] + length[0] > len(data):
        raise Bad("ldap", Reason.LENGTH)
    size, start = length
    return (data[at], data[start : start + size]), start + size


def _length(data: bytes, at: int) -> tuple[int, int] | Begin:
    """A length of BER (X.690, 8.1.3) and where what it measures begins."""
    if at >= len(data):
        return Begin.SHORT
    if data[at] < 0x80:
        return data[at], at + 1
    count = data[at] & 0x7F
    if not 1 <= count <= 4:
        return Begin.NONE
    if at + 1 + count > len(data):
        return Begin.SHORT
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
