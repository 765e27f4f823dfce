"""One TCP connection: two sides, one reader, one place in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from wifiguard.core.messages import Flow
from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk

if TYPE_CHECKING:
    from wifiguard.streams.connections import Connections

# How often a connection may turn out to speak something else (tunnels in tunnels).
_MAX_RESTARTS = 8


class Connection:
    """`client`: who opened it (`opened`), or seems to. `closed`: nothing more is read.

    `seen`: its last packet; `queued`: the last when it was queued. `told`: that it is a cleartext session, which is told once.
    """

    __slots__ = (
        "_flow",
        "_restarts",
        "client",
        "closed",
        "held",
        "limits",
        "opened",
        "outlet",
        "queued",
        "seen",
        "sides",
        "table",
        "talk",
        "told",
    )

    def __init__(self, table: Connections, seen: Seen) -> None:
        self.table = table
        self.limits = table.limits
        self.outlet = table.outlet
        self.seen = self.queued = seen
        self.held = 0
        self.closed = False
        self.opened = False
        self.told = False
        self.talk: Talk = table.begin(self)
        self._flow: Flow | None = None
        self._restarts = 0

    sides: tuple[Side, Side]
    client: Side

    @property
    def flow(self) -> Flow:
        """Who talks to whom, as far as it is known."""
        if self._flow is None:
            client, server = self.client, self.client.peer
            self._flow = Flow(client.address, client.port, server.address, server.port, "tcp", self.table.tunnelled)
        return self._flow

    def part(self) -> None:
        """Nobody knows it any more. Its parts hold each other in circles, which would stay until a full collection of garbage."""
        for side in self.sides:
            del side.peer, side.conn
        del self.sides, self.client, self.talk

    def asks(self, side: Side) -> None:
        """What a side says makes it the client, unless it was seen who opened the connection."""
        if not self.opened and self.client is not side:
            self.client = side
            self._flow = None

    def deliver(self, side: Side, chunk: bytes, seen: Seen) -> None:
        """Bytes in order, for the reader."""
        side.buffer = side.buffer + chunk if side.buffer else chunk
        unread = [side]
        while unread:
            if self._read(unread.pop(), seen):
                # Another reader took over, and begins with what the former one left: a client speaks before it is answered.
                unread = [each for each in (self.client.peer, self.client) if each.buffer]

    def _read(self, side: Side, seen: Seen) -> bool:
        """Let the reader read a side; returns whether another one is to read on."""
        talk = self.talk
        try:
            side.buffer = talk.read(side, side.buffer, seen)
        except Bad as bad:
            side.buffer = b""
            self.outlet.malformed(bad, seen)
            talk.fail(side)
        if side.quiet or len(side.buffer) > self.limits.flow:
            side.hush()
        return self.talk is not talk

    def become(self, talk: Talk) -> None:
        """Another reader takes over."""
        self.talk = talk

    def restart(self) -> bool:
        """Find out anew what is spoken, as inside a tunnel; False (and nothing more is read) where that happened too often."""
        self._restarts += 1
        if self._restarts > _MAX_RESTARTS:
            self.settle()
            return False
        self.talk = self.table.begin(self)
        return True

    def settle(self) -> None:
        """Nothing more is wanted of either side."""
        for side in self.sides:
            side.hush()

    def ignore(self, side: Side, size: int, seen: Seen) -> None:
        """Bytes came in vain. A client that may ask more is never called heavy."""
        side.ignored += size
        if side.ignored >= side.mark and (side.quiet or side is not self.client):
            side.mark = side.ignored * 2
            side.shunted = True
            self.table.heavy(side, seen.tick)

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """Bytes are missing for good."""
        self.talk.lose(side, size, seen)
        side.buffer = b""

    def wait(self, tick: float, *, again: bool) -> None:
        """Be called when nothing more came for a while; `again`: counted from now, even if it is waited already."""
        self.table.wait(self, tick, again=again)

    def overdue(self, seen: Seen, tick: float) -> None:
        """That while is over."""
        for side in self.sides:
            if side.pending:
                if side.since <= tick < side.since + self.limits.wait:
                    self.wait(tick, again=False)
                else:
                    side.pass_gap(seen)
                    if side.pending:
                        self.wait(tick, again=False)
        self.talk.overdue(seen)
        self.account()

    def end(self, side: Side, seen: Seen) -> None:
        """A side has said its last byte."""
        side.closed = True
        self.talk.end(side, seen)
        if side.peer.closed:
            self.finish(seen)

    def finish(self, seen: Seen) -> None:
        """Tell what is half-read, then want nothing more."""
        if self.closed:
            return
        self.closed = True
        try:
            for side in self.sides:
                while side.pending:
                    side.pass_gap(seen)
            for side in (self.client, self.client.peer):
                if not side.closed:
                    side.closed = True
                    self.talk.end(side, seen)
        finally:
            # The table counts on it that whatever is closed is over. It is known for a minute more, for what comes late: what was
            # read of it is free at once.
            self.settle()
            self.talk = Talk(self)
            self._flow = None
            self.account()
            self.table.over(self)

    def account(self) -> None:
        """Tell the table what this connection holds."""
        first, second = self.sides
        held = len(first.buffer) + len(second.buffer) + first.pending_size + second.pending_size + self.talk.held
        if held != self.held:
            change = held - self.held
            self.held = held
            self.table.account(self, change)


Begin: TypeAlias = Callable[[Connection], Talk]
