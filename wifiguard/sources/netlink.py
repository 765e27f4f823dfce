"""Netlink in the little that asking and listening take: headers, attributes, questions and dumps (RFC 3549, netlink(7)).

A library for it costs 13 MB in a service that runs for weeks, and takes apart what nobody asked for.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

ROUTE, SOCK_DIAG, GENERIC = 0, 4, 16
REQUEST, DUMP_INTERRUPTED, DUMP = 0x1, 0x10, 0x300
ERROR, DONE = 2, 3
# Larger than any datagram of the kernel's: none is cut.
CHUNK = 1 << 17
# A dump during which the table changed is repeated this often; after that its follower, the next event, mends it.
ATTEMPTS = 3
# The kernel answers at once; while others change its tables it may take a second.
SECONDS = 10.0

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")
_INT = struct.Struct("=i")
_TYPE = 0x3FFF  # the two bits above say "nested" and "network byte order"

Attributes = Mapping[int, bytes]


class Message(NamedTuple):
    """One message; `body` is what follows the netlink header."""

    kind: int
    flags: int
    sequence: int
    body: bytes


def messages(datagram: bytes) -> Iterator[Message]:
    """Those in a datagram; what is cut ends it."""
    at = 0
    while at + HEADER.size <= len(datagram):
        length, kind, flags, sequence, _ = HEADER.unpack_from(datagram, at)
        if length < HEADER.size or at + length > len(datagram):
            return
        yield Message(kind, flags, sequence, datagram[at + HEADER.size : at + length])
        at += length + 3 & ~3


def attributes(data: bytes) -> dict[int, bytes]:
    """Type → value of the attributes in `data`; the first of a type counts, and what is cut ends the list."""
    out: dict[int, bytes] = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size or at + length > len(data):
            break
        out.setdefault(kind & _TYPE, data[at + _ATTRIBUTE.size : at + length])
        at += length + 3 & ~3
    return out


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute as bytes."""
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def number(found: Attributes, kind: int) -> int | None:
    """An unsigned number of any width; None where there is none."""
    value = found.get(kind)
    return int.from_bytes(value, sys.byteorder) if value else None


def text(found: Attributes, kind: int) -> str:
    """A C string, as file names are read: it may be no UTF-8. Empty where there is none."""
    return os.fsdecode(found.get(kind, b"").partition(b"\0")[0])


def refusal(body: bytes) -> OSError | None:
    """What an ERROR message says; None for an acknowledgement."""
    code = -_INT.unpack_from(body)[0] if len(body) >= _INT.size else errno.EBADMSG
    return OSError(code, os.strerror(code)) if code else None


class Conversation:
    """Questions to one protocol of the kernel's. OSError where there is no such socket."""

    def __init__(self, protocol: int) -> None:
        self.socket = listening(protocol)
        self.socket.settimeout(SECONDS)
        self._sequence = 0

    def ask(self, kind: int, question: bytes) -> Message | None:
        """The one message that answers; None where the kernel says that there is none. Raises OSError, TimeoutError."""
        sequence = self._send(kind, REQUEST, question)
        while True:
            for message in messages(self.socket.recv(CHUNK)):
                if message.sequence == sequence:
                    return None if message.kind == ERROR else message

    def dump(self, kind: int, question: bytes, wanted: Callable[[Message, int], bool]) -> list[Message]:
        """The whole table, as far as each message is `wanted`, given how many were before it. Raises OSError, TimeoutError."""
        found: list[Message] = []
        for _ in range(ATTEMPTS):
            found, interrupted = self._dump(self._send(kind, REQUEST | DUMP, question), wanted)
            if not interrupted:
                break
        return found

    def _dump(self, sequence: int, wanted: Callable[[Message, int], bool]) -> tuple[list[Message], bool]:
        found: list[Message] = []
        interrupted = False
        while True:
            for message in messages(self.socket.recv(CHUNK)):
                if message.sequence != sequence:
                    continue
                interrupted |= bool(message.flags & DUMP_INTERRUPTED)
                if message.kind == ERROR and (error := refusal(message.body)):
                    raise error
                if message.kind in (DONE, ERROR):
                    return found, interrupted
                if wanted(message, len(found)):
                    found.append(message)

    def _send(self, kind: int, flags: int, question: bytes) -> int:
        self._sequence += 1
        self.socket.send(HEADER.pack(HEADER.size + len(question), kind, flags, self._sequence, 0) + question)
        return self._sequence

    def close(self) -> None:
        """End it."""
        self.socket.close()


def listening(protocol: int, groups: int = 0) -> socket.socket:
    """A socket that hears these multicast groups. Raises OSError."""
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        opened.bind((0, groups))
    except BaseException:
        opened.close()
        raise
    return opened
