"""What the receiving radio noted beside an 802.11 frame: frequency, signal, whether a check sum follows the frame."""

from __future__ import annotations

from typing import NamedTuple

from wifiguard.decode.bad import Bad, Reason

_RADIOTAP, _PPI = 127, 192
_MORE = 0x80000000
# Radiotap's first fields (radiotap.org): bit → (size, alignment). Signal is the last that matters.
_FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 1), (1, 1))
_FLAGS, _CHANNEL, _SIGNAL = 1, 3, 5
_FCS = 0x10
_AVS_MAGIC = 0x80211


class Reception(NamedTuple):
    """`frequency` in MHz and `signal` in dBm, None where they were not noted. `checksum`: the frame ends in its FCS."""

    frequency: int | None = None
    signal: int | None = None
    checksum: bool = False


def reception(data: bytes, end: int, link_type: int) -> Reception:
    """Read the capture header in `data[:end]` of a frame of `link_type` (libpcap's DLT number). Raises Bad."""
    if link_type == _RADIOTAP:
        return _radiotap(data, end)
    if link_type == _PPI:
        return _ppi(data, end)
    if end >= 64 and int.from_bytes(data[:4], "big") >> 12 == _AVS_MAGIC:
        return _avs(data)
    return Reception()


def _radiotap(data: bytes, end: int) -> Reception:
    present = word = int.from_bytes(data[4:8], "little")
    at = 8
    while word & _MORE:
        if at + 4 > end:
            raise Bad("wifi", Reason.LENGTH)
        word = int.from_bytes(data[at : at + 4], "little")
        at += 4
    frequency = signal = None
    checksum = False
    for bit, (size, alignment) in enumerate(_FIELDS):
        if not present >> bit & 1:
            continue
        at = at + alignment - 1 & -alignment
        if at + size > end:
            raise Bad("wifi", Reason.LENGTH)
        if bit == _FLAGS:
            checksum = bool(data[at] & _FCS)
        elif bit == _CHANNEL:
            frequency = int.from_bytes(data[at : at + 2], "little") or None
        elif bit == _SIGNAL:
            signal = int.from_bytes(data[at : at + 1], "little", signed=True)
        at += size
    return Reception(frequency, signal, checksum)


def _ppi(data: bytes, end: int) -> Reception:
    """The "802.11-Common" field among the per-packet information (PPI 1.0.10, 4.1.2)."""
    at = 8
    while at + 4 <= end:
        kind, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        at += 4
        if at + length > end:
            raise Bad("wifi", Reason.LENGTH)
        if kind == 2 and length >= 20:
            flags = int.from_bytes(data[at + 8 : at + 10], "little")
            frequency = int.from_bytes(data[at + 12 : at + 14], "little") or None
            signal = int.from_bytes(data[at + 18 : at + 19], "little", signed=True)
            return Reception(frequency, signal or None, bool(flags & 1))
        at += length
    return Reception()


def _avs(data: bytes) -> Reception:
    """AVS capture header, version 1 or 2: the signal counts as dBm only where it says so."""
    dbm = int.from_bytes(data[44:48], "big") == 2
    signal = int.from_bytes(data[48:52], "big", signed=True) if dbm else 0
    return Reception(signal=signal if -127 <= signal < 0 else None)
