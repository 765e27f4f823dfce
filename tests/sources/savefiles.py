"""Capture files built byte by byte, for the tests."""

from __future__ import annotations

import struct

PCAP = {"us": (0xA1B2C3D4, 1), "ns": (0xA1B23C4D, 1000), "modified": (0xA1B2CD34, 1)}


def pcap(
    *frames: tuple[float, bytes], order: str = "<", kind: str = "us", link_type: int = 1, wire: int | None = None
) -> bytes:
    """A pcap file of (seconds, bytes) frames; `wire`: the length on the wire of each, where it is not its own."""
    magic, factor = PCAP[kind]
    out = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link_type))
    for at, data in frames:
        fraction = round(at % 1 * 1_000_000) * factor
        out += struct.pack(order + "IIII", int(at), fraction, len(data), len(data) if wire is None else wire)
        out += (bytes(8) if kind == "modified" else b"") + data
    return bytes(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """One pcapng block."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """One option of a block."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str = "<", version: int = 1) -> bytes:
    """A section header block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, version, 0, -1), order)


def interface(link_type: int = 1, order: str = "<", snaplen: int = 65535, options: bytes = b"") -> bytes:
    """An interface description block."""
    return block(1, struct.pack(order + "HHI", link_type, 0, snaplen) + options, order)


def packet(data: bytes, at: float = 0.0, number: int = 0, order: str = "<", units: int = 1_000_000) -> bytes:
    """An enhanced packet block of interface `number`."""
    time = round(at * units)
    head = struct.pack(order + "IIIII", number, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data, order)


def simple(data: bytes, order: str = "<") -> bytes:
    """A simple packet block."""
    return block(3, struct.pack(order + "I", len(data)) + data, order)


def old(data: bytes, at: float, number: int = 0, order: str = "<") -> bytes:
    """An obsolete packet block."""
    time = round(at * 1_000_000)
    head = struct.pack(order + "HHIIII", number, 0, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    return block(2, head + data, order)
