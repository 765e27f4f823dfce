"""Generic netlink in the little that asking and listening take: attributes, families, dumps, notifications.

pyroute2's own reader of nl80211 takes every information element apart before anyone asked, and raises on one that lies.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from pyroute2.netlink import NETLINK_GENERIC, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR

CHUNK = 1 << 17
# Messages that one dump may have: a network of access points has hundreds.
MESSAGES = 65536
SECONDS = 5.0

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_GENERIC = struct.Struct("=BBxx")  # command, version
_ATTRIBUTE = struct.Struct("=HH")
_INT = struct.Struct("=i")
_TYPE = 0x3FFF  # the two bits above say "nested" and "network byte order"
_CONTROLLER = 16
_GET_FAMILY = 3
_FAMILY_ID, _FAMILY_NAME, _GROUPS, _GROUP_NAME, _GROUP_ID = 1, 2, 7, 1, 2
_SOL_NETLINK, _ADD_MEMBERSHIP, _RECEIVE_BUFFER = 270, 1, 1 << 20

Attributes = Mapping[int, bytes]


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


class Generic:
    """A socket to one family, such as nl80211; a context manager. OSError where the kernel has no such family."""

    def __init__(self, family: str) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        try:
            self.socket.settimeout(SECONDS)
            self.socket.bind((0, 0))
            self._sequence = 0
            self._family = _CONTROLLER
            answer = next(iter(self._ask(_GET_FAMILY, attribute(_FAMILY_NAME, family.encode() + b"\0"), 0)), None)
            if answer is None or (id := number(answer[1], _FAMILY_ID)) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._family = id
            groups = map(attributes, attributes(answer[1].get(_GROUPS, b"")).values())
            self._groups = {
                each.get(_GROUP_NAME, b"").rstrip(b"\0").decode("ascii", "replace"): each for each in groups
            }
        except BaseException:
            self.socket.close()
            raise

    def listen(self, *groups: str) -> None:
        """Hear these groups from now on; those that the kernel does not have are left out."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self.socket.setblocking(False)
        for name in groups:
            if name in self._groups and (id := number(self._groups[name], _GROUP_ID)) is not None:
                self.socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, id)

    def heard(self) -> list[tuple[int, dict[int, bytes]]]:
        """(command, attributes) of what has arrived, without waiting. OSError ENOBUFS where some was lost."""
        try:
            data = self.socket.recv(CHUNK)
        except BlockingIOError:
            return []
        return [(told[0], attributes(body)) for kind, _, told, body in _messages(data) if kind == self._family]

    def dump(self, command: int, *about: bytes) -> list[dict[int, bytes]]:
        """The attributes of every object. `about`: attributes of the question."""
        return [found for _, found in self._ask(command, b"".join(about), NLM_F_DUMP)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def _ask(self, command: int, question: bytes, flags: int) -> list[tuple[int, dict[int, bytes]]]:
        self._sequence += 1
        head = _HEADER.pack(
            _HEADER.size + _GENERIC.size + len(question), self._family, NLM_F_REQUEST | flags, self._sequence, 0
        )
        self.socket.send(head + _GENERIC.pack(command, 1) + question)
        out: list[tuple[int, dict[int, bytes]]] = []
        while len(out) < MESSAGES:
            data = self.socket.recv(CHUNK)
            for kind, sequence, told, body in _messages(data):
                if sequence != self._sequence:
                    continue
                if kind == NLMSG_DONE:
                    return out
                if kind == NLMSG_ERROR:
                    # Where others have command and version, an error has its number.
                    if code := -_INT.unpack(told)[0]:
                        raise OSError(code, os.strerror(code))
                    return out
                out.append((told[0], attributes(body)))
                if not flags:
                    return out
        return out


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """(type, sequence, command and version, attributes) of every message in a datagram."""
    at = 0
    while at + _HEADER.size + _GENERIC.size <= len(data):
        length, kind, _, sequence, _ = _HEADER.unpack_from(data, at)
        begin = at + _HEADER.size + _GENERIC.size
        if length < _HEADER.size + _GENERIC.size or at + length > len(data):
            return
        yield kind, sequence, data[begin - _GENERIC.size : begin], data[begin : at + length]
        at += length + 3 & ~3
