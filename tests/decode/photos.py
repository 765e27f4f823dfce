"""Photos with a place in them, built by hand after CIPA DC-008 (Exif) and TIFF 6.0."""

from __future__ import annotations

import struct

# 52° 31' 12.03" N, 13° 24' 17.8" E
LATITUDE = (52, 1, 31, 1, 1203, 100)
LONGITUDE = (13, 1, 24, 1, 178, 10)
NOWHERE = (0, 1, 0, 1, 0, 1)


def tiff(
    order: str = "<",
    latitude: tuple[int, ...] = LATITUDE,
    longitude: tuple[int, ...] = LONGITUDE,
    *,
    status: bytes = b"A",
    gps: bool = True,
) -> bytes:
    """A TIFF file whose first directory points to a GPS directory."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    header = mark + struct.pack(order + "I", 8)
    if not gps:
        return header + struct.pack(order + "HHHIII", 1, 0x0112, 3, 1, 1, 0)
    first = struct.pack(order + "HHHIII", 1, 0x8825, 4, 1, 26, 0)
    values = 26 + 2 + 3 * 12 + 4
    place = struct.pack(order + "H", 3)
    place += struct.pack(order + "HHII", 2, 5, 3, values)
    place += struct.pack(order + "HHII", 4, 5, 3, values + 24)
    place += struct.pack(order + "HHI", 9, 2, 2) + status.ljust(4, b"\0") + bytes(4)
    return header + first + place + struct.pack(order + "6I", *latitude) + struct.pack(order + "6I", *longitude)


def jpeg(exif: bytes | None, *, first: bytes = b"") -> bytes:
    """The beginning of a JPEG file; `first`: segments before Exif's."""
    marker = b"" if exif is None else b"\xff\xe1" + struct.pack("!H", len(exif) + 8) + b"Exif\0\0" + exif
    return b"\xff\xd8" + (first or b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0") + marker + b"\xff\xdb\0\x43\0" + bytes(64)


def heic(exif: bytes, brand: bytes = b"heic") -> bytes:
    """The beginning of a HEIC file with its Exif item early in the media data."""
    boxes = struct.pack("!I4s4sI", 24, b"ftyp", brand, 0) + b"mif1heic"
    item = struct.pack("!I", 6) + b"Exif\0\0" + exif
    return boxes + struct.pack("!I4s", 3000, b"meta") + bytes(2992) + struct.pack("!I4s", 8 + len(item), b"mdat") + item
