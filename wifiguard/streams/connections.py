"""All TCP connections: found by their packets, bounded in number, memory and time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from wifiguard.core.observation import Seen
from wifiguard.decode.frames import FIN, RST, SYN
from wifiguard.streams.connection import Begin, Connection
from wifiguard.streams.limits import Limits
from wifiguard.streams.outlet import Outlet
from wifiguard.streams.settled import Settled
from wifiguard.streams.shunts import Shunt, Shunts
from wifiguard.streams.side import Side

_ACK = 16
_MASK = 0xFFFFFFFF
# A reset further from what is expected was forged (RFC 5961, 3.2 asks for the exact number; captures lose segments).
_RESET_WINDOW = 65536

_Key = tuple[bytes, int, bytes, int]


class Connections:
    """Connections begin with their first payload: openings that carry none are kept apart, so that a flood of them costs little.

    `held`: bytes that all of them keep. One that is over stays known for `Limits.linger`, for what comes late or twice.
    """

    def __init__(self, outlet: Outlet, begin: Begin, limits: Limits, settled: Settled, *, tunnelled: bool) -> None:
        self.outlet = outlet
        self.begin = begin
        self.limits = limits
        self.tunnelled = tunnelled
        # Told source and destination of every segment that begins something.
        self.opening: Callable[[bytes, bytes, Seen], None] = lambda *_: None
        self.held = 0
        self.shunts = Shunts()
        self._settled = settled
        self._sides: dict[_Key, Side] = {}
        self._queue: OrderedDict[Connection, None] = OrderedDict()
        self._over: OrderedDict[Connection, float] = OrderedDict()  # → when it ended
        # Client's direction → first sequence numbers of both.
        self._openings: OrderedDict[_Key, tuple[int | None, int | None]] = OrderedDict()
        # Who waits for time to pass → until when, the soonest first; and who holds bytes, the longest first.
        self.waiting: OrderedDict[Connection, float] = OrderedDict()
        self._holding: OrderedDict[Connection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._queue) + len(self._over)

    def tcp(
        self,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        sequence: int,
        flags: int,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """Take one segment with payload, SYN, FIN or RST."""
        key = (source, source_port, destination, destination_port)
        side = self._sides.get(key)
        if flags & (SYN | RST):
            if flags & RST:
                if side is not None:
                    self._reset(side, sequence, seen)
                return
            sequence = sequence + 1 & _MASK
            side = self._synchronise(key, side, sequence, flags, seen)
            if start == end:
                return
        if side is None:
            if start >= end:
                return
            side = self._open(key, seen)
        conn = side.conn
        conn.seen = seen
        if side.quiet:
            self._settled.add(side)
            conn.ignore(side, end - start, seen)
            if flags & FIN and not side.closed:
                conn.end(side, seen)
            return
        side.receive(sequence, data, start, end, bool(flags & FIN), seen)
        if conn.held or side.buffer or side.pending or conn.talk.held:
            conn.account()

    def deadline(self) -> float | None:
        """When the first wait ends."""
        return next(iter(self.waiting.values()), None)

    def advance(self, tick: float) -> None:
        """End the waits that are over at `tick`, and let connections go that were idle too long."""
        while self.waiting:
            conn, due = next(iter(self.waiting.items()))
            if due > tick:
                break
            del self.waiting[conn]
            conn.overdue(conn.seen, tick)
        self._let_go(tick, len(self))
        self.shunts.expire(tick)

    def rewind(self) -> None:
        """Time went back: nothing can be waited for."""
        for conn in list(self.waiting):
            del self.waiting[conn]
            conn.overdue(conn.seen, conn.seen.tick + self.limits.wait)

    def finish(self) -> None:
        """Tell what is half-read, everywhere."""
        for conn in tuple(self._queue):
            conn.finish(conn.seen)

    # For connections.

    def wait(self, conn: Connection, tick: float, *, again: bool) -> None:
        """Call `conn.overdue` once `Limits.wait` seconds have passed."""
        if again:
            self.waiting.pop(conn, None)
        if conn not in self.waiting:
            self.waiting[conn] = tick + self.limits.wait

    def heavy(self, side: Side, tick: float) -> None:
        """A settled side sends much."""
        self.shunts.add(_shunt(side), side.ignored, tick)

    def over(self, conn: Connection) -> None:
        """A connection has ended."""
        self.waiting.pop(conn, None)
        del self._queue[conn]
        self._over[conn] = conn.seen.tick
        for side in conn.sides:
            if side.shunted:
                self.shunts.drop(_shunt(side))

    def account(self, conn: Connection, change: int) -> None:
        """A connection holds so many bytes more; where all hold too many, those that hold longest give theirs up."""
        self.held += change
        if conn.held:
            self._holding.setdefault(conn)
        else:
            self._holding.pop(conn, None)
        while self.held > self.limits.held and self._holding:
            oldest, _ = self._holding.popitem(last=False)
            oldest.finish(oldest.seen)

    # Beginning and end.

    def _synchronise(self, key: _Key, side: Side | None, first: int, flags: int, seen: Seen) -> Side | None:
        """A SYN. Returns the side if its connection goes on, None if a new one may begin."""
        self.opening(key[0], key[2], seen)
        if side is not None:
            if side.next is None:
                side.next = side.start = first
            if side.start == first:
                return side
            self._remove(side.conn)
        if flags & _ACK:
            mine = (key[2], key[3], key[0], key[1])
            numbers: tuple[int | None, int | None] = (self._openings.pop(mine, (None, None))[0], first)
        else:
            mine = key
            numbers = (first, None)
            self._openings.pop(mine, None)
        if len(self._openings) >= self.limits.openings:
            self._openings.popitem(last=False)
        self._openings[mine] = numbers
        return None

    def _open(self, key: _Key, seen: Seen) -> Side:
        source, source_port, destination, destination_port = key
        self.opening(source, destination, seen)
        back = (destination, destination_port, source, source_port)
        tick = seen.tick
        self._let_go(tick, 2)
        if len(self) >= self.limits.flows:
            self._make_room()
        conn = Connection(self, seen)
        mine = theirs = None
        opener = None
        if (numbers := self._openings.pop(key, None)) is not None:
            mine, theirs = numbers
            opener = True
        elif (numbers := self._openings.pop(back, None)) is not None:
            theirs, mine = numbers
            opener = False
        side = Side(conn, source, source_port, mine, self.limits.heavy)
        peer = Side(conn, destination, destination_port, theirs, self.limits.heavy)
        side.peer, peer.peer = peer, side
        conn.sides = (side, peer)
        conn.opened = opener is not None
        if opener is None:
            opener = source_port >= destination_port
        conn.client = side if opener else peer
        self._sides[key] = side
        self._sides[back] = peer
        self._queue[conn] = None
        return side

    def _reset(self, side: Side, sequence: int, seen: Seen) -> None:
        if side.next is not None and not side.quiet:
            distance = sequence - side.next & _MASK
            if _RESET_WINDOW < distance < _MASK + 1 - _RESET_WINDOW:
                return
        side.conn.finish(seen)

    def _let_go(self, tick: float, most: int) -> None:
        """Look at the `most` that ended first, and at the `most` that were queued first."""
        for _ in range(min(most, len(self._over))):
            conn, ended = next(iter(self._over.items()))
            if tick < ended + self.limits.linger:
                break
            self._remove(conn)
        for _ in range(min(most, len(self._queue))):
            conn = next(iter(self._queue))
            if tick < conn.queued.tick + self.limits.idle:
                return
            if tick < conn.seen.tick + self.limits.idle:
                self._queue_again(conn)
            else:
                self._remove(conn)

    def _make_room(self) -> None:
        """Take out the one that ended first, else that was queued first and not active since (second chance, as for memory)."""
        if self._over:
            self._remove(next(iter(self._over)))
            return
        for _ in range(len(self._queue)):
            conn = next(iter(self._queue))
            if conn.seen is conn.queued:
                break
            self._queue_again(conn)
        self._remove(next(iter(self._queue)))

    def _queue_again(self, conn: Connection) -> None:
        conn.queued = conn.seen
        self._queue.move_to_end(conn)

    def _remove(self, conn: Connection) -> None:
        conn.finish(conn.seen)
        del self._over[conn]
        side, peer = conn.sides
        self._settled.drop(side)
        self._settled.drop(peer)
        del self._sides[side.address, side.port, peer.address, peer.port]
        # Both directions of a connection to itself are one key.
        self._sides.pop((peer.address, peer.port, side.address, side.port), None)
        conn.part()


def _shunt(side: Side) -> Shunt:
    return Shunt(side.address, side.port, side.peer.port, "tcp")
