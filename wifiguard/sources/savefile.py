"""Capture files read block by block: pcapng with several interfaces, compressed files and pipes, which libpcap refuses.

Formats: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng). No file is trusted: every length is checked against
what is left and against a bound before anything is read.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast

# libpcap's own bounds (savefile.c, sf-pcapng.c).
MAX_PACKET = 262_144
MAX_BLOCK = 16 << 20
MAX_INTERFACES = 4096

NOT_A_CAPTURE = "this is not a capture file (pcap or pcapng)"
DAMAGED = "the file is damaged; what comes before was read"
TRUNCATED = "the file is cut off in the middle of a packet; what comes before was read"

GZIP_MAGIC = b"\x1f\x8b"
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
# First four bytes → (byte order, units a second, bytes of a packet's header).
_PCAP_MAGICS = {
    struct.pack(order + "I", magic): (order, units, size)
    for order in "<>"
    for magic, units, size in ((0xA1B2C3D4, 10**6, 16), (0xA1B23C4D, 10**9, 16), (0xA1B2CD34, 10**6, 24))
}
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_RESOLUTION, _OFFSET = 9, 14  # options of an interface: if_tsresol, if_tsoffset
_RAW_IP = {101: 12}  # the number in a file → libpcap's, where they differ for what is decoded


class CaptureError(Exception):
    """Why a capture file can not be read, or not to its end: one sentence for people."""


class Packet(NamedTuple):
    """One packet of a file. `at`: seconds since the epoch; `link_type`: libpcap's DLT number."""

    data: bytes
    wire_length: int
    at: float
    link_type: int


class _Interface(NamedTuple):
    link_type: int
    snaplen: int
    units: int
    offset: int


def packets(source: io.BufferedReader, *, resume: bool = False) -> Iterator[Packet]:
    """Every packet of a pcap or pcapng stream, compressed with gzip or not. Raises CaptureError where it breaks.

    `resume`: only those from where libpcap gave up, which is the first interface that differs from the file's first one; where
    there is none, the file breaks in a way that only libpcap saw.
    """
    magic = source.peek(4)[:4]
    try:
        if magic.startswith(GZIP_MAGIC):
            plain = gzip.GzipFile(fileobj=source)
            with io.BufferedReader(cast(io.RawIOBase, plain), 1 << 20) as inner:
                yield from _uncompressed(inner, inner.peek(4)[:4], resume)
        else:
            yield from _uncompressed(source, magic, resume)
    except EOFError:
        raise CaptureError(TRUNCATED) from None
    except (zlib.error, gzip.BadGzipFile):
        raise CaptureError("the compressed file is damaged; what comes before was read") from None


def _uncompressed(source: BinaryIO, magic: bytes, resume: bool) -> Iterator[Packet]:
    if not magic:
        raise CaptureError("the file is empty")
    if magic == PCAPNG_MAGIC:
        return _pcapng(source, resume)
    if magic not in _PCAP_MAGICS:
        raise CaptureError(NOT_A_CAPTURE)
    return _pcap(source, resume, *_PCAP_MAGICS[magic])


def _pcap(source: BinaryIO, resume: bool, order: str, units: int, header_size: int) -> Iterator[Packet]:
    link_type = _unpack(order + "20xI", _exactly(source, 24))[0] & 0x03FFFFFF  # the upper bits tell of a checksum
    link_type = _RAW_IP.get(link_type, link_type)
    layout = struct.Struct(order + "IIII")
    while header := source.read(header_size):
        if len(header) < header_size:
            raise CaptureError(TRUNCATED)
        seconds, fraction, size, wire_length = layout.unpack_from(header)
        data = _data(source, size)
        if not resume:
            yield Packet(data, wire_length, seconds + fraction / units, link_type)
    if resume:
        raise CaptureError(DAMAGED)


def _pcapng(source: BinaryIO, resume: bool) -> Iterator[Packet]:
    order = "<"
    interfaces: list[_Interface] = []
    first: tuple[str, int, int] | None = None
    while head := source.read(8):
        if len(head) < 8:
            raise CaptureError(TRUNCATED)
        if head.startswith(PCAPNG_MAGIC):
            order, interfaces = _section(source, head), []
            continue
        kind, total = _unpack(order + "II", head)
        if total < 12 or total % 4 or total > MAX_BLOCK:
            raise CaptureError(f"the file is damaged: a block of {total} bytes")
        body = _exactly(source, total - 8)[:-4]
        if kind == _INTERFACE:
            if len(interfaces) >= MAX_INTERFACES:
                raise CaptureError(f"the file describes more than {MAX_INTERFACES} interfaces")
            interfaces.append(_interface(body, order))
            character = order, interfaces[-1].link_type, interfaces[-1].snaplen
            first = first or character
            resume = resume and character == first
            continue
        if kind == _PACKET:
            packet = _packet(body, order, "IIIII", interfaces)
        elif kind == _SIMPLE_PACKET:
            packet = _simple_packet(body, order, interfaces)
        elif kind == _OLD_PACKET:
            packet = _packet(body, order, "HxxIIII", interfaces)
        else:
            continue
        if not resume:
            yield packet
    if resume:
        raise CaptureError(DAMAGED)


def _section(source: BinaryIO, head: bytes) -> str:
    """Read the rest of a section header block; returns the section's byte order."""
    mark = _exactly(source, 4)
    if mark not in (b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"):
        raise CaptureError(NOT_A_CAPTURE)
    order = "<" if mark[0] == 0x4D else ">"
    total = _unpack(order + "4xI", head)[0]
    if total < 28 or total % 4 or total > MAX_BLOCK:
        raise CaptureError(f"the file is damaged: a block of {total} bytes")
    if _unpack(order + "H", _exactly(source, total - 12))[0] != 1:
        raise CaptureError("the file is pcapng of a later version than 1")
    return order


def _interface(body: bytes, order: str) -> _Interface:
    if len(body) < 8:
        raise CaptureError("the file is damaged: an interface without a link type")
    link_type, snaplen = _unpack(order + "HxxI", body)
    units, offset = 10**6, 0
    at = 8
    while at + 4 <= len(body):
        code, size = _unpack(order + "HH", body[at : at + 4])
        value = body[at + 4 : at + 4 + size]
        if code == 0:
            break
        if code == _RESOLUTION and len(value) == 1:
            units = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == _OFFSET and len(value) == 8:
            offset = _unpack(order + "q", value)[0]
        at += 4 + size + -size % 4
    return _Interface(_RAW_IP.get(link_type, link_type), snaplen, units, offset)


def _packet(body: bytes, order: str, layout: str, interfaces: list[_Interface]) -> Packet:
    if len(body) < 20:
        raise CaptureError("the file is damaged: a packet block that is too short")
    number, high, low, size, wire_length = struct.unpack_from(order + layout, body)
    if number >= len(interfaces):
        raise CaptureError("the file is damaged: a packet of an interface that was not described")
    if size > len(body) - 20 or size > MAX_PACKET:
        raise CaptureError(f"the file is damaged: a packet of {size} bytes")
    interface = interfaces[number]
    at = (high << 32 | low) / interface.units + interface.offset
    return Packet(body[20 : 20 + size], wire_length, at, interface.link_type)


def _simple_packet(body: bytes, order: str, interfaces: list[_Interface]) -> Packet:
    """A packet without a time; it belongs to the first interface."""
    if len(body) < 4 or not interfaces:
        raise CaptureError("the file is damaged: a packet of an interface that was not described")
    wire_length = _unpack(order + "I", body)[0]
    size = min(wire_length, interfaces[0].snaplen or MAX_PACKET, len(body) - 4, MAX_PACKET)
    return Packet(body[4 : 4 + size], wire_length, 0.0, interfaces[0].link_type)


def _data(source: BinaryIO, size: int) -> bytes:
    if size > MAX_PACKET:
        raise CaptureError(f"the file is damaged: a packet of {size} bytes")
    return _exactly(source, size)


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise CaptureError(TRUNCATED)
    return data


def _unpack(layout: str, data: bytes) -> tuple[int, ...]:
    """The first fields of `data`."""
    return struct.unpack_from(layout, data)
