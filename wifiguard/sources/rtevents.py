"""Word from the kernel that its tables of links, addresses, routes or neighbours changed; what changed is then read from them."""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Collection
from enum import Flag, auto

from wifiguard.sources import netlink
from wifiguard.sources.rtnetlink import DELETE_NEIGHBOUR, DELETE_ROUTE, NEW_NEIGHBOUR, NEW_ROUTE

# Messages taken at once: more than the socket's buffer holds.
TURN = 4096

# rtnetlink(7): links, neighbours; addresses, routes and rules of IPv4; those of IPv6.
_GROUPS = 0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x40000
_NDA_DST = 1
_SO_ATTACH_FILTER = 26
_BPF = struct.Struct("=HBBI")
_LD_W, _LD_H, _LD_B, _JEQ, _JGT, _JA, _RET = 0x20, 0x28, 0x30, 0x15, 0x25, 0x05, 0x06
_PASS, _DROP = (_RET, 0, 0, 0xFFFFFFFF), (_RET, 0, 0, 0)


class Change(Flag):
    """What a look at the events found."""

    NOTHING = 0
    NEIGHBOURS = auto()
    TABLES = auto()


class Events:
    """Word from the kernel that something changed. Neighbours count only if they are among the `watch`ed addresses."""

    def __init__(self) -> None:
        self._socket = netlink.listening(netlink.ROUTE, _GROUPS)
        self._socket.setblocking(False)
        self.watch(())

    def fileno(self) -> int:
        """Readable when something changed."""
        return self._socket.fileno()

    def watch(self, gateways: Collection[bytes]) -> None:
        """From now on the kernel wakes us for these neighbours only, and for no route but default routes."""
        program = event_filter(gateways)
        code = ctypes.create_string_buffer(program, len(program))
        attach = struct.pack("HL", len(program) // _BPF.size, ctypes.addressof(code))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, attach)

    def changes(self) -> Change:
        """Take what has come since the last call, a bounded part of it, and say what it was about."""
        found = Change.NOTHING
        for _ in range(TURN):
            try:
                datagram = self._socket.recv(netlink.CHUNK)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                # More came than the kernel could queue: something changed, whatever it was.
                return Change.NEIGHBOURS | Change.TABLES
            for message in netlink.messages(datagram):
                neighbour = message.kind in (NEW_NEIGHBOUR, DELETE_NEIGHBOUR)
                found |= Change.NEIGHBOURS if neighbour else Change.TABLES
        return found

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def event_filter(gateways: Collection[bytes]) -> bytes:
    """A classic BPF program over rtnetlink messages: passes links, addresses, rules, default routes, these neighbours.

    Without it every host of a busy network would wake us. IPv6 addresses are compared by their last four bytes: a
    stranger that passes costs one look at the table.
    """
    # Netlink is in host order, BPF loads in network order.
    new_route, del_route = socket.htons(NEW_ROUTE), socket.htons(DELETE_ROUTE)
    new_neighbour, del_neighbour = socket.htons(NEW_NEIGHBOUR), socket.htons(DELETE_NEIGHBOUR)
    body = netlink.HEADER.size  # rtmsg: family, dst_len, ...; ndmsg: family, ...; 12 bytes, then attributes
    out = [
        (_LD_H, 0, 0, 4),  # nlmsg_type
        (_JEQ, 3, 0, new_route),
        (_JEQ, 2, 0, del_route),
        (_JEQ, 5, 0, new_neighbour),
        (_JEQ, 4, 2, del_neighbour),
        (_LD_B, 0, 0, body + 1),  # the length of the destination's prefix: 0, or 1 for a half
        (_JGT, 1, 0, 1),
        _PASS,
        _DROP,
        (_LD_B, 0, 0, body),  # bridges report the MAC addresses that they learn here too
        (_JEQ, 2, 0, socket.AF_INET),
        (_JEQ, 1, 0, socket.AF_INET6),
        _DROP,
        (_LD_H, 0, 0, body + 14),  # the first attribute has always been the address; if not, let it pass
        (_JEQ, 1, 0, socket.htons(_NDA_DST)),
        _PASS,
        (_LD_B, 0, 0, body),
        (_JEQ, 2, 0, socket.AF_INET6),
        (_LD_W, 0, 0, body + 16),
        (_JA, 0, 0, 1),
        (_LD_W, 0, 0, body + 28),
    ]
    for word in sorted({int.from_bytes(address[-4:]) for address in gateways}):
        out += [(_JEQ, 0, 1, word), _PASS]
    out.append(_DROP)
    return b"".join(_BPF.pack(*instruction) for instruction in out)
