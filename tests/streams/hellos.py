"""TLS hellos, built by hand."""

from __future__ import annotations

import struct

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def record(kind: int, body: bytes, version: int = 0x0301) -> bytes:
    return struct.pack("!BHH", kind, version, len(body)) + body


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def client_hello(
    name: str | None = None,
    version: int = 0x0303,
    offered: tuple[int, ...] = (),
    ciphers: tuple[int, ...] = (0xC02F,),
) -> bytes:
    extensions = b""
    if name is not None:
        host = b"\0" + struct.pack("!H", len(name)) + name.encode()
        extensions += extension(0, struct.pack("!H", len(host)) + host)
    if offered:
        extensions += extension(43, bytes([2 * len(offered)]) + struct.pack(f"!{len(offered)}H", *offered))
    body = struct.pack("!H", version) + bytes(32) + b"\0"
    body += struct.pack(f"!H{len(ciphers)}H", 2 * len(ciphers), *ciphers) + b"\1\0"
    if extensions:
        body += struct.pack("!H", len(extensions)) + extensions
    return record(22, handshake(1, body))


def server_hello(
    version: int = 0x0303, chosen: int | None = None, cipher: int = 0xC02F, random: bytes = bytes(32)
) -> bytes:
    body = struct.pack("!H", version) + random + b"\0" + struct.pack("!HB", cipher, 0)
    if chosen is not None:
        extensions = extension(43, struct.pack("!H", chosen))
        body += struct.pack("!H", len(extensions)) + extensions
    return record(22, handshake(2, body), min(version, 0x0303))
