"""Who waits for packets: the kernel's own list of listening sockets (sock_diag(7)), the same for every user.

A netlink dump costs a fraction of a millisecond, tells a dual-stack socket from an IPv6-only one and a socket bound to one device
from one bound to all, and names each socket's cgroup, which /proc/net does not.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.filtering import Address

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48x")
# inet_diag_msg: family, state, sport (big endian), source, bound device, uid, inode.
_MESSAGE = struct.Struct("=BB2x2s2x16s16xI20xII")
_ATTRIBUTE = struct.Struct("=HH")
_SKV6ONLY, _CGROUP_ID = 11, 21
_LISTEN, _CLOSE = 10, 7
_KINDS = (("tcp", socket.IPPROTO_TCP, _LISTEN), ("udp", socket.IPPROTO_UDP, _CLOSE))
# Sockets that are read, at most; a laptop has fifty.
MOST = 20_000
CHUNK = 1 << 17


class Listener(Struct, frozen=True):
    """A TCP socket that listens, or a UDP socket that no peer is bound to.

    `families`: those in which it can be reached. `device`: index of the only interface that it hears, 0 for all.
    """

    transport: str
    address: Address
    port: int
    families: tuple[int, ...]
    device: int
    uid: int
    inode: int
    cgroup: int


def listeners() -> list[Listener]:
    """All of this network namespace, at most MOST. Raises OSError where the kernel does not tell."""
    found: list[Listener] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as link:
        link.settimeout(5.0)
        for family in (socket.AF_INET, socket.AF_INET6):
            for transport, protocol, state in _KINDS:
                found += _dump(link, family, transport, protocol, state)
    return found[:MOST]


def ephemeral_ports() -> range:
    """The ports that the kernel gives to whoever asks for none (ip_local_port_range)."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:  # noqa: PTH123 - one line of /proc
            first, last = file.read().split()
    except (OSError, ValueError):
        return range(32_768, 61_000)
    return range(int(first), int(last) + 1)


def _dump(link: socket.socket, family: int, transport: str, protocol: int, state: int) -> Iterator[Listener]:
    request = _REQUEST.pack(family, protocol, 0, 1 << state)
    link.send(_HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 0, 0) + request)
    while True:
        data = memoryview(link.recv(CHUNK))
        offset = 0
        while offset + _HEADER.size <= len(data):
            length, kind, *_ = _HEADER.unpack_from(data, offset)
            body = data[offset + _HEADER.size : offset + length]
            if kind == _NLMSG_DONE or length < _HEADER.size:
                return
            if kind == _NLMSG_ERROR:
                code = -int.from_bytes(body[:4], "little", signed=True)
                raise OSError(code, os.strerror(code))
            if len(body) >= _MESSAGE.size:
                yield _listener(body, transport)
            offset += (length + 3) & ~3


def _listener(body: memoryview, transport: str) -> Listener:
    family, _, port, source, device, uid, inode = _MESSAGE.unpack_from(body)
    attributes = dict(_attributes(body[_MESSAGE.size :]))
    version_6 = family == socket.AF_INET6
    address = ipaddress.ip_address(source if version_6 else source[:4])
    only = attributes.get(_SKV6ONLY, b"\0")[:1] == b"\1"
    # An IPv6 socket on all addresses takes IPv4 too, unless it said otherwise (RFC 3493, 5.3).
    dual = version_6 and not only and address.is_unspecified
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return Listener(
        transport,
        mapped or address,
        int.from_bytes(port),
        (4, 6) if dual else (4,) if mapped or not version_6 else (6,),
        device,
        uid,
        inode,
        int.from_bytes(attributes.get(_CGROUP_ID, b""), "little"),
    )


def _attributes(data: memoryview) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < _ATTRIBUTE.size:
            return
        yield kind, bytes(data[offset + _ATTRIBUTE.size : offset + length])
        offset += (length + 3) & ~3
