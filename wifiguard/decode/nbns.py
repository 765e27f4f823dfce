"""The NetBIOS name service (RFC 1001, 1002): a DNS header around names that are encoded once more."""

from __future__ import annotations

import struct

from wifiguard.core.lan import Delivery, NbnsMessage
from wifiguard.core.observation import Seen
from wifiguard.core.text import visible
from wifiguard.decode.bad import Bad, Reason

_header = struct.Struct("!HHHH").unpack_from
_record = struct.Struct("!HHIH").unpack_from
_RESPONSE, _OPCODE, _AUTHORITATIVE, _RECURSION, _BROADCAST = 0x8000, 0x7800, 0x0400, 0x0080, 0x0010
_NB = 0x20
_GROUP = 0x8000
_ENCODED = 32  # 16 bytes, each as two letters from A to P
_MOST = 16


def message(data: bytes, source: bytes, destination: bytes, delivery: Delivery, seen: Seen) -> NbnsMessage | None:
    """Read one query or answer for a name's address. None: a registration, a release, a status, plain DNS. Raises Bad."""
    if len(data) > 12 and data[12] != _ENCODED:
        return None
    try:
        ident, flags, asked, answered = _header(data, 0)
        response = bool(flags & _RESPONSE)
        if flags & _OPCODE or not (answered if response else asked):
            return None
        name, suffix, at = _name(data, 12)
        if not response:
            (kind,) = struct.unpack_from("!H", data, at)
            broadcast = bool(flags & _BROADCAST)
            if kind != _NB:
                return None
            return NbnsMessage(seen, delivery, source, destination, ident, False, name, suffix, broadcast)
        if asked:  # some servers repeat the question before the answer
            name, suffix, at = _name(data, at + 4)
        kind, _, _, size = _record(data, at)
    except (struct.error, IndexError):
        raise Bad("nbns", Reason.SHORT) from None
    at += 10
    if at + size > len(data):
        raise Bad("nbns", Reason.LENGTH)
    if kind != _NB:
        return None
    entries = [data[i : i + 6] for i in range(at, at + size - 5, 6)][:_MOST]
    return NbnsMessage(
        *(seen, delivery, source, destination, ident, True, name, suffix),
        broadcast=bool(flags & _BROADCAST),
        wins=bool(flags & _RECURSION),
        group=any(entry[0] & 0x80 for entry in entries),
        addresses=tuple(entry[2:] for entry in entries),
    )


def _name(data: bytes, at: int) -> tuple[str, int, int]:
    """The name at `at` without its padding, its suffix, and the offset behind it. A scope is read over."""
    if data[at] >= 0xC0:
        target = (data[at] & 0x3F) << 8 | data[at + 1]
        if target >= at or data[target] >= 0xC0:
            raise Bad("nbns", Reason.NAME)
        name, suffix, _ = _name(data, target)
        return name, suffix, at + 2
    if data[at] != _ENCODED:
        raise Bad("nbns", Reason.NAME)
    letters = data[at + 1 : at + 1 + _ENCODED]
    if len(letters) < _ENCODED:
        raise IndexError
    nibbles = [letter - 0x41 for letter in letters]
    if not all(0 <= nibble < 16 for nibble in nibbles):
        raise Bad("nbns", Reason.NAME)
    raw = bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))
    at += 1 + _ENCODED
    while length := data[at]:
        if length > 63:
            raise Bad("nbns", Reason.NAME)
        at += 1 + length
    return visible(raw[:15].rstrip(b" \0").lower()), raw[15], at + 1
