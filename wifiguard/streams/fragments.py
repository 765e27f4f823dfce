"""IP packets put together from fragments, bounded, as Linux does it: of a packet whose pieces overlap nothing is used."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.decode.bad import Bad, Reason

_MAX_PIECES = 64
_MAX_PACKET = 65535

# Source, destination, protocol and identification.
_Key = tuple[bytes, bytes, int, int]


class _Packet:
    """`pieces`: offset → bytes; `size` of the whole, once the last piece told it."""

    __slots__ = ("held", "pieces", "size")

    def __init__(self) -> None:
        self.pieces: dict[int, bytes] = {}
        self.held = 0
        self.size = _MAX_PACKET

    def takes(self, offset: int, end: int, *, last: bool) -> bool:
        """Whether a piece fits beside those that are there (RFC 8200, 4.5; RFC 5722, 4)."""
        if last and (self.size < _MAX_PACKET or any(at + len(text) > end for at, text in self.pieces.items())):
            return False
        if end > self.size or len(self.pieces) >= _MAX_PIECES:
            return False
        return all(end <= at or at + len(text) <= offset for at, text in self.pieces.items())


class Fragments:
    """At most `size` packets of at most 64 KiB and 64 pieces each; those not complete within `age` seconds are dropped."""

    def __init__(self, size: int, age: float) -> None:
        self._packets: BoundedMap[_Key, _Packet] = BoundedMap(size, age)

    def add(self, key: _Key, offset: int, more: bool, piece: bytes, tick: float) -> bytes | None:
        """Take one piece; returns the whole when it is complete. Raises Bad where pieces overlap or reach too far."""
        end = offset + len(piece)
        if end > _MAX_PACKET or not piece:
            self._packets.pop(key)
            raise Bad("ip", Reason.LENGTH)
        packet = self._packets.get(key, tick)
        if packet is None:
            packet = _Packet()
            self._packets.put(key, packet, tick)
        if packet.pieces.get(offset) == piece:
            return None  # sent, or captured, twice
        if not packet.takes(offset, end, last=not more):
            self._packets.pop(key)
            raise Bad("ip", Reason.OVERLAP)
        packet.pieces[offset] = piece
        packet.held += len(piece)
        if not more:
            packet.size = end
        if packet.held < packet.size:
            return None
        self._packets.pop(key)
        return b"".join(packet.pieces[at] for at in sorted(packet.pieces))
