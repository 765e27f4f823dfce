"""IP packets put together from fragments, bounded."""

from __future__ import annotations

from typing import NamedTuple

from wifiguard.core.bounded import BoundedMap
from wifiguard.decode.bad import Bad, Reason

_MAX_PIECES = 64
_MAX_PACKET = 65535


class _Packet(NamedTuple):
    pieces: dict[int, bytes]  # offset → bytes
    size: list[int]  # of the whole, once the last piece told it


class Fragments:
    """At most `size` packets of at most 64 KiB and 64 pieces each; those not complete within `age` seconds are dropped."""

    def __init__(self, size: int, age: float) -> None:
        self._packets: BoundedMap[tuple[bytes, bytes, int, int], _Packet] = BoundedMap(size, age)

    def add(
        self, key: tuple[bytes, bytes, int, int], offset: int, more: bool, piece: bytes, tick: float
    ) -> bytes | None:
        """Take one piece; returns the whole when it is complete. Raises Bad where pieces overlap (RFC 5722) or reach too far."""
        end = offset + len(piece)
        if end > _MAX_PACKET or not piece:
            self._packets.pop(key)
            raise Bad("ip", Reason.LENGTH)
        packet = self._packets.get(key, tick)
        if packet is None:
            packet = _Packet({}, [])
            self._packets.put(key, packet, tick)
        if packet.pieces.get(offset) == piece:
            return None  # sent, or captured, twice
        if len(packet.pieces) >= _MAX_PIECES or any(
            offset < other + len(text) and other < end for other, text in packet.pieces.items()
        ):
            self._packets.pop(key)
            raise Bad("ip", Reason.OVERLAP)
        packet.pieces[offset] = piece
        if not more:
            packet.size.append(end)
        if packet.size and sum(map(len, packet.pieces.values())) == max(packet.size):
            self._packets.pop(key)
            return b"".join(packet.pieces[at] for at in sorted(packet.pieces))
        return None
