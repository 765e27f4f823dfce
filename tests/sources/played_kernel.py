"""A kernel with one radio that has heard as many access points as the test wants: real netlink, from a thread."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.decode.air_frames import rsn
from wifiguard.sources import netlink
from wifiguard.sources.netlink import DONE, DUMP, HEADER, attribute

FAMILY = 30
_GET_FAMILY, _GET_INTERFACE = 3, 5
_RSN = bytes(rsn(2))
# A dump comes in datagrams of about this size.
_DATAGRAM = 30_000


def name(number: int) -> bytes:
    """The name of one access point."""
    return b"%05d" % number + b"x" * 27


def bssid(number: int) -> bytes:
    """Its address."""
    return b"\x02\0" + number.to_bytes(4, "big")


@contextmanager
def kernel_that_heard(points: int) -> Iterator[None]:
    """Every netlink socket that is opened meanwhile leads to it."""
    real = netlink.listening
    theirs: list[socket.socket] = []

    def opened(protocol: int, groups: int = 0) -> socket.socket:
        ours, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        theirs.append(far)
        threading.Thread(target=_serve, args=(far, points), daemon=True).start()
        return ours

    netlink.listening = opened
    try:
        yield
    finally:
        netlink.listening = real
        for each in theirs:
            each.close()


def _serve(far: socket.socket, points: int) -> None:
    try:
        while question := far.recv(1 << 16):
            _, _, flags, sequence, _ = HEADER.unpack_from(question)
            for datagram in _answers(question[HEADER.size], points, sequence):
                far.send(datagram)
            if flags & DUMP == DUMP:
                far.send(_message(DONE, sequence, bytes(4)))
    except OSError:
        pass  # the test is over


def _answers(command: int, points: int, sequence: int) -> Iterator[bytes]:
    if command == _GET_FAMILY:
        yield _message(16, sequence, _body(1, attribute(1, struct.pack("=H", FAMILY))))
    elif command == _GET_INTERFACE:
        told = attribute(3, struct.pack("=I", 3)) + attribute(4, b"wlan0\0") + attribute(5, struct.pack("=I", 2))
        yield _message(FAMILY, sequence, _body(7, told))
    else:
        pending = b""
        for number in range(points):
            pending += _message(FAMILY, sequence, _body(34, attribute(47, _point(number))))
            if len(pending) > _DATAGRAM:
                yield pending
                pending = b""
        if pending:
            yield pending


def _point(number: int) -> bytes:
    return (
        attribute(1, bssid(number))
        + attribute(2, struct.pack("=I", 2412))
        + attribute(5, struct.pack("=H", 0x0411))
        + attribute(6, bytes((0, len(name(number)))) + name(number) + _RSN)
        + attribute(7, struct.pack("=i", -100 * number))
    )


def _body(command: int, told: bytes) -> bytes:
    return struct.pack("=BBxx", command, 1) + told


def _message(kind: int, sequence: int, body: bytes) -> bytes:
    raw = HEADER.pack(HEADER.size + len(body), kind, 0, sequence, 0) + body
    return raw + bytes(-len(raw) % 4)


__all__ = ["bssid", "kernel_that_heard", "name"]
