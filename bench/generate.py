"""Writes a capture of N packets for measuring: `python bench/generate.py bulk|pages|small N FILE` (FILE.pcap or FILE.pcapng).

bulk: TLS 1.2 downloads, eight at a time, of 0.3 MB to 90 MB, most of them small (Pareto, 1.1), every other segment
acknowledged. pages: the same one after the other, 0.35 MB each. small: cleartext transactions, each a DNS lookup, a connection,
one HTTP request with a cookie and its answer. All with a tenth of IPv6. The same arguments give the same bytes. Addresses and
names are those reserved for documentation (RFC 5737, 3849, 2606).
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

CLIENT_MAC, ROUTER_MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
SYN, ACK, PSH, FIN = 2, 16, 8, 1
SEGMENT = 1448
TIMESTAMPS = bytes.fromhex("0101080a0000000100000002")


class Host:
    """The two ends of one conversation, with their sequence numbers."""

    def __init__(self, rng: random.Random, port: int) -> None:
        self.six = rng.random() < 0.1
        tail = rng.randrange(1, 255)
        if self.six:
            self.client = bytes.fromhex("20010db8000000000000000000000010")
            self.server = bytes.fromhex("20010db8000100000000000000000000")[:15] + bytes([tail])
        else:
            self.client, self.server = bytes([192, 0, 2, 10]), bytes([198, 51, 100, tail])
        self.client_port, self.server_port = rng.randrange(32768, 61000), port
        self.sequence = {True: rng.randrange(1 << 32), False: rng.randrange(1 << 32)}

    def tcp(self, up: bool, flags: int, payload: bytes = b"") -> bytes:
        """One segment, upwards (from the client) or downwards."""
        ports = (self.client_port, self.server_port) if up else (self.server_port, self.client_port)
        header = struct.pack("!HHIIBBHHH", *ports, self.sequence[up], self.sequence[not up], 0x80, flags, 512, 0, 0)
        size = len(payload) + bool(flags & (SYN | FIN))
        self.sequence[up] = (self.sequence[up] + size) & 0xFFFFFFFF
        return self._frame(up, 6, header + TIMESTAMPS + payload)

    def udp(self, up: bool, port: int, payload: bytes) -> bytes:
        """One datagram to or from the server's `port`."""
        ports = (self.client_port, port) if up else (port, self.client_port)
        return self._frame(up, 17, struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload)

    def _frame(self, up: bool, protocol: int, body: bytes) -> bytes:
        ends = (self.client, self.server) if up else (self.server, self.client)
        macs = ROUTER_MAC + CLIENT_MAC if up else CLIENT_MAC + ROUTER_MAC
        if self.six:
            return (
                macs + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + ends[0] + ends[1] + body
            )
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, protocol, 0)
        return macs + b"\x08\x00" + head + ends[0] + ends[1] + body


def hello(name: bytes, rng: random.Random) -> bytes:
    """A TLS 1.2 ClientHello with a server name."""
    sni = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    body = (
        b"\x03\x03"
        + rng.randbytes(32)
        + b"\x00"
        + b"\x00\x04\xc0\x2f\xc0\x30"
        + b"\x01\x00"
        + struct.pack("!H", len(sni))
        + sni
    )
    return record(22, b"\x01" + len(body).to_bytes(3, "big") + body)


def server_flight(rng: random.Random) -> bytes:
    """ServerHello, a certificate of noise and ServerHelloDone."""
    parts = b"\x03\x03" + rng.randbytes(32) + b"\x00\xc0\x2f\x00"
    certificate = rng.randbytes(2500)
    listed = len(certificate).to_bytes(3, "big") + certificate
    chain = len(listed).to_bytes(3, "big") + listed
    messages = ((2, parts), (11, chain), (14, b""))
    return b"".join(record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body) for kind, body in messages)


def record(kind: int, body: bytes) -> bytes:
    """One TLS record."""
    return struct.pack("!BHH", kind, 0x0303, len(body)) + body


def name_lookup(host: Host, name: bytes, rng: random.Random) -> Iterator[bytes]:
    """A query and its answer."""
    query = (
        rng.randbytes(2),
        b"".join(bytes([len(label)]) + label for label in name.split(b".")) + b"\x00\x00\x01\x00\x01",
    )
    yield host.udp(True, 53, query[0] + bytes.fromhex("01000001000000000000") + query[1])
    answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + bytes([198, 51, 100, 1])
    yield host.udp(False, 53, query[0] + bytes.fromhex("81800001000100000000") + query[1] + answer)


def handshake(host: Host) -> Iterator[bytes]:
    """The three packets that open a connection."""
    yield host.tcp(True, SYN)
    yield host.tcp(False, SYN | ACK)
    yield host.tcp(True, ACK)


def download(rng: random.Random, segments: int, noise: bytes) -> Iterator[bytes]:
    """One download over TLS."""
    host = Host(rng, 443)
    name = b"cdn%d.example.com" % rng.randrange(1000)
    yield from name_lookup(host, name, rng)
    yield from handshake(host)
    yield host.tcp(True, ACK | PSH, hello(name, rng))
    flight = server_flight(rng)
    for at in range(0, len(flight), SEGMENT):
        yield host.tcp(False, ACK, flight[at : at + SEGMENT])
    yield host.tcp(True, ACK | PSH, record(20, b"\x01") + record(22, noise[:40]))
    yield host.tcp(False, ACK | PSH, record(20, b"\x01") + record(22, noise[40:80]))
    yield host.tcp(True, ACK | PSH, record(23, noise[:200]))
    left = b""
    for segment in range(segments):
        while len(left) < SEGMENT:
            start = rng.randrange(1 << 15)
            left += record(23, noise[start : start + 16384])
        yield host.tcp(False, ACK, left[:SEGMENT])
        left = left[SEGMENT:]
        if segment % 2:
            yield host.tcp(True, ACK)
    yield host.tcp(True, ACK | FIN)
    yield host.tcp(False, ACK | FIN)
    yield host.tcp(True, ACK)


def bulk(rng: random.Random) -> Iterator[bytes]:
    """Downloads of all sizes, a few at a time, for ever."""
    noise = rng.randbytes(1 << 16)

    def another() -> Iterator[bytes]:
        return download(rng, min(int(200 * rng.paretovariate(1.1)), 60_000), noise)

    running = [another() for _ in range(8)]
    while True:
        number = rng.randrange(len(running))
        burst = list(islice(running[number], rng.randrange(1, 30)))
        if not burst:
            running[number] = another()
        yield from burst


def pages(rng: random.Random) -> Iterator[bytes]:
    """Small downloads, one after the other, for ever."""
    noise = rng.randbytes(1 << 16)
    while True:
        yield from download(rng, 240, noise)


def small(rng: random.Random) -> Iterator[bytes]:
    """Cleartext transactions for ever."""
    while True:
        host = Host(rng, 80)
        name = b"www%d.example.net" % rng.randrange(1000)
        yield from name_lookup(host, name, rng)
        yield from handshake(host)
        request = b"GET /page HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nCookie: id=1\r\n\r\n" % name
        yield host.tcp(True, ACK | PSH, request)
        yield host.tcp(False, ACK)
        yield host.tcp(
            False, ACK | PSH, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 400\r\n\r\n" + b"x" * 400
        )
        yield host.tcp(True, ACK)
        yield host.tcp(True, ACK | FIN)
        yield host.tcp(False, ACK | FIN)
        yield host.tcp(True, ACK)


def write_pcap(out: BinaryIO, frames: Iterator[bytes]) -> None:
    """Microsecond pcap, one packet every 50 µs."""
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, frame in enumerate(frames):
        seconds, micros = divmod(number * 50, 1_000_000)
        out.write(struct.pack("<IIII", 1_700_000_000 + seconds, micros, len(frame), len(frame)) + frame)


def write_pcapng(out: BinaryIO, frames: Iterator[bytes]) -> None:
    """The same as pcapng with one interface."""
    out.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
    out.write(struct.pack("<IIHHII", 1, 20, 1, 0, 65535, 20))
    for number, frame in enumerate(frames):
        at = 1_700_000_000_000_000 + number * 50
        padded = frame + bytes(-len(frame) % 4)
        size = 32 + len(padded)
        out.write(
            struct.pack("<IIIIIII", 6, size, 0, at >> 32, at & 0xFFFFFFFF, len(frame), len(frame))
            + padded
            + struct.pack("<I", size)
        )


def main(kind: str, count: str, path: str) -> None:
    """Write the file."""
    frames = islice({"bulk": bulk, "pages": pages, "small": small}[kind](random.Random(1)), int(count))
    with Path(path).open("wb") as out:
        (write_pcapng if path.endswith(".pcapng") else write_pcap)(out, frames)


if __name__ == "__main__":
    main(*sys.argv[1:])
