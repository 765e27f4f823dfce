"""Photos that say where they were taken: JPEG and HEIC with a GPS position in their Exif or XMP metadata."""

from __future__ import annotations

import re
import struct
from typing import Final

# Metadata stands at the beginning of a JPEG file (JEITA CP-3451, 4.5.4: before everything else, in at most this much), and
# at the beginning or the end of a HEIC file, which is searched piece by piece, each beginning with the end of the one before.
MAX_HEAD: Final = 65536
OVERLAP: Final = 16384
# Enough of a file to know that it is no photo.
MAGIC: Final = 12

_HEIC_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"))
_heic = re.compile(rb"ftyp(?:" + b"|".join(_HEIC_BRANDS) + rb")").search
# CIPA DC-008 (Exif 2.32), 4.7.2: the identifier, then a TIFF header. HEIC keeps the same bytes in an item of its own.
_exif = re.compile(rb"Exif\0\0(?=II\x2a\0|MM\0\x2a)").finditer
_MOST_EXIF: Final = 4
_MOST_ENTRIES: Final = 512
_GPS_IFD: Final = 0x8825
_LATITUDE, _LONGITUDE, _STATUS = 2, 4, 9
_RATIONAL, _LONG = 5, 4
_xmp = re.compile(rb"exif:GPSLatitude(?:>|\s*=\s*[\"'])\s*\d").search


def is_photo(data: bytes) -> bool:
    """Whether `data` begins like a JPEG or HEIC file."""
    return data[:3] == b"\xff\xd8\xff" or (data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS)


def ends_with_metadata(data: bytes) -> bool:
    """Whether an upload that begins so is, or carries, a file whose metadata may come at its end."""
    return _heic(data, 0, MAX_HEAD) is not None


def has_position(data: bytes) -> bool:
    """Whether a photo, or the piece of it that is here, holds a latitude and a longitude."""
    found = [match.end() for match, _ in zip(_exif(data), range(_MOST_EXIF), strict=False)]
    return any(_tiff(data[at:]) for at in found) or _xmp(data) is not None


def _tiff(data: bytes) -> bool:
    """TIFF 6.0, section 2: a header, then directories of 12-byte entries."""
    order = "<" if data[:2] == b"II" else ">"
    entry = struct.Struct(order + "HHII").unpack_from
    try:
        gps = _directory(data, struct.unpack_from(order + "I", data, 4)[0], order).get(_GPS_IFD)
        if gps is None:
            return False
        place = _directory(data, entry(data, gps)[3], order)
        # A receiver that had no fix says "V", in the entry's own four bytes.
        if _STATUS in place and data[place[_STATUS] + 8 : place[_STATUS] + 9] == b"V":
            return False
        return all(tag in place and _is_angle(data, entry(data, place[tag]), order) for tag in (_LATITUDE, _LONGITUDE))
    except struct.error:
        return False  # cut, or pointing beyond its end


def _directory(data: bytes, at: int, order: str) -> dict[int, int]:
    """Tag → offset of its entry."""
    (count,) = struct.unpack_from(order + "H", data, at)
    tag = struct.Struct(order + "H").unpack_from
    places = range(at + 2, at + 2 + 12 * min(count, _MOST_ENTRIES), 12)
    return {tag(data, place)[0]: place for place in places if place + 12 <= len(data)}


def _is_angle(data: bytes, entry: tuple[int, int, int, int], order: str) -> bool:
    """Three rationals, of which degrees say something: a camera without a position writes zeros."""
    _, kind, count, at = entry
    if kind != _RATIONAL or count != 3:
        return False
    numbers = struct.unpack_from(order + "6I", data, at)
    return numbers[1] != 0 and any(numbers[0::2])
