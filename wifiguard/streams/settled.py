"""More of settled flows, told apart by a look at the packet before anything is made of it.

Most packets of a download reach us only until the kernel's filter drops them. They cost a slice and a look-up here, a tenth of
what reading them does.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from wifiguard.streams.limits import Counts

if TYPE_CHECKING:
    from wifiguard.streams.side import Side

# libpcap's link types → where the network layer begins, and where its EtherType stands: Ethernet, raw IP, Linux cooked v1 and v2.
_LINKS = {1: (14, 12), 12: (0, None), 101: (0, None), 113: (16, 14), 276: (20, 0)}
_NOWHERE = slice(0, 0)
_ports = struct.Struct("!HH").pack
_TCP = 6
# The end of the flags in the longer of the two plain headers, IPv6 and TCP.
_LEAST = 54


class Settled:
    """The senders of whom nothing more is wanted, by what names them in a packet: both addresses and both ports in a row."""

    def __init__(self, link_type: int, counts: Counts) -> None:
        at, kind = _LINKS.get(link_type, (0, None))
        self._counts = counts
        self._known: Final = link_type in _LINKS
        self._sides: dict[bytes, Side] = {}
        self._at = at
        self._least = at + _LEAST
        self._four, self._six = slice(at + 12, at + 24), slice(at + 8, at + 44)
        self._kind = _NOWHERE if kind is None else slice(kind, kind + 2)
        self._kinds = (b"", b"") if kind is None else (b"\x08\x00", b"\x86\xdd")

    def __len__(self) -> int:
        return len(self._sides)

    def add(self, side: Side) -> None:
        """Nothing more is wanted of this sender, as long as its flow lasts."""
        if self._known:
            self._sides[_name(side)] = side

    def drop(self, side: Side) -> None:
        """Its flow is over."""
        if self._sides:
            self._sides.pop(_name(side), None)

    def take(self, data: bytes, wire_length: int) -> bool:
        """Whether this is more of a settled flow: then it is counted, and all is done.

        Not where it opens or ends the flow (SYN, FIN, RST), is a fragment or has options before its ports, nor when the sender
        turns out to be heavy: those are to be read.
        """
        sides = self._sides
        if not sides or len(data) < self._least:
            return False
        at = self._at
        side = sides.get(data[self._four])
        if side is not None:
            if (
                data[self._kind] != self._kinds[0]
                or data[at] != 0x45
                or data[at + 9] != _TCP
                or data[at + 6] & 0x3F
                or data[at + 7]
                or data[at + 33] & 7
            ):
                return False
        else:
            side = sides.get(data[self._six])
            if (
                side is None
                or data[self._kind] != self._kinds[1]
                or data[at] >> 4 != 6
                or data[at + 6] != _TCP
                or data[at + 53] & 7
            ):
                return False
        side.ignored += wire_length
        if side.ignored >= side.mark:
            return False
        counts = self._counts
        counts.packets += 1
        counts.bytes += wire_length
        return True


def _name(side: Side) -> bytes:
    return side.address + side.peer.address + _ports(side.port, side.peer.port)
