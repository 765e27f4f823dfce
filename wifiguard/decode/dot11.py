"""802.11 frames as captured in the air: where the payload of an unencrypted data frame begins."""

from __future__ import annotations

from collections.abc import Sequence

from wifiguard.decode.bad import Bad, Reason

_MAX_SUBFRAMES = 64
_DATA = 2  # frame type
_PROTECTED, _ORDER = 0x40, 0x80  # in the second byte of frame control (IEEE 802.11-2020, 9.2.4.1)
_AVS_MAGIC = 0x80211000
# Radiotap (radiotap.org): the flags field says that the header is padded to words, or that the checksum failed.
_TSFT, _FLAGS, _MORE = 1, 2, 0x80000000
_PADDED, _BAD_CHECKSUM = 0x20, 0x40
# PPI's 802.11-Common field, and its flags for a checksum that failed and an error of the radio's.
_PPI_COMMON, _PPI_DAMAGED = 2, 0x04 | 0x08


def after_radiotap(data: bytes) -> tuple[int, int]:
    """(offset of the 802.11 header, 4 if its body is aligned to words else 0); offset -1: the radio says it is damaged."""
    if len(data) < 8:
        raise Bad("wifi", Reason.SHORT)
    start = int.from_bytes(data[2:4], "little")
    if not 8 <= start <= len(data):
        raise Bad("wifi", Reason.LENGTH)
    present = word = int.from_bytes(data[4:8], "little")
    at = 8
    while word & _MORE and at + 4 <= start:
        word = int.from_bytes(data[at : at + 4], "little")
        at += 4
    if present & _FLAGS:
        if present & _TSFT:
            at = (at + 7 & ~7) + 8
        flags = data[at] if at < start else 0
        if flags & _BAD_CHECKSUM:
            return -1, 0
        return start, 4 if flags & _PADDED else 0
    return start, 0


def after_prism(data: bytes) -> int:
    """Offset of the 802.11 header behind a Prism or AVS header. Raises Bad."""
    magic = int.from_bytes(data[:4], "big")
    if magic & 0xFFFFF000 == _AVS_MAGIC:
        start = int.from_bytes(data[4:8], "big")
    else:
        start = int.from_bytes(data[4:8], "little")
        if start > 0xFFFF:
            start = int.from_bytes(data[4:8], "big")
    if not 8 <= start <= len(data):
        raise Bad("wifi", Reason.LENGTH)
    return start


def after_ppi(data: bytes) -> int:
    """Offset of the packet behind a PPI header; -1: the radio says that it is damaged (PPI 1.0.10, 4.1.2). Raises Bad."""
    if len(data) < 8:
        raise Bad("wifi", Reason.SHORT)
    start = int.from_bytes(data[2:4], "little")
    if not 8 <= start <= len(data):
        raise Bad("wifi", Reason.LENGTH)
    at = 8
    while at + 14 <= start:
        kind, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        if kind == _PPI_COMMON and data[at + 12] & _PPI_DAMAGED:
            return -1
        at += 4 + length
    return start


def is_encrypted(data: bytes, at: int) -> bool:
    """Whether the frame at `at` is a data frame whose body is protected (9.2.4.1.9)."""
    return len(data) > at + 1 and data[at] & 0x0F == _DATA << 2 and bool(data[at + 1] & _PROTECTED)


def addresses(data: bytes, at: int) -> tuple[bytes, bytes]:
    """Sender and receiver of the frame at `at`, as a wire would carry them (9.3.2.1): what lies between are access points."""
    first, second, third = (data[at + i : at + i + 6] for i in (4, 10, 16))
    match data[at + 1] & 3:  # to and from the distribution system
        case 0:
            return second, first
        case 1:
            return second, third
        case 2:
            return third, first
        case _:
            return data[at + 24 : at + 30], third


def payloads(data: bytes, at: int, padding: int) -> Sequence[int]:
    """Offsets of the LLC headers that a data frame holds: none where it is encrypted or carries nothing."""
    if at + 2 > len(data):
        raise Bad("wifi", Reason.SHORT)
    first, second = data[at], data[at + 1]
    # Type data; bit 6 of the first byte: a subtype without payload.
    if first & 3 or first >> 2 & 3 != _DATA or first & 0x40 or second & _PROTECTED:
        return ()
    length = 30 if second & 3 == 3 else 24
    if not first & 0x80:
        return (at + (length + padding - 1 & -padding if padding else length),)
    aggregated = at + length < len(data) and data[at + length] & 0x80
    length += 6 if second & _ORDER else 2
    start = at + (length + padding - 1 & -padding if padding else length)
    return _subframes(data, start) if aggregated else (start,)


def _subframes(data: bytes, at: int) -> Sequence[int]:
    """The parts of an A-MSDU (9.3.2.2): destination, source, length, payload, padded to words."""
    out: list[int] = []
    while at + 22 <= len(data) and len(out) < _MAX_SUBFRAMES:
        out.append(at + 14)
        at += 14 + int.from_bytes(data[at + 12 : at + 14], "big") + 3 & ~3
    return out
