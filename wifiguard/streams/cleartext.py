"""What all cleartext protocols' readers share: the session is told once, the login once, and TLS may take over."""

from __future__ import annotations

from typing import Final

from wifiguard.core.messages import CleartextLogin, CleartextSession
from wifiguard.core.observation import Seen
from wifiguard.decode import tls
from wifiguard.decode.dialogue import Said
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk
from wifiguard.streams.tls import Tls

# The types of TLS records; text never begins with one.
_RECORDS: Final = frozenset(range(20, 24))
_RECORD_BEGIN: Final = 11
# Lines, tags or messages that are read of one segment; one with more of them is made to keep us busy, and its rest is dropped.
MOST: Final = 4096


class Cleartext(Talk):
    """`protocol`: its name in messages."""

    __slots__ = ("_protocol", "_said")

    def __init__(self, conn: Connection, protocol: str) -> None:
        super().__init__(conn)
        self._protocol = protocol
        self._said = Said.NOTHING

    def said(self, said: Said, seen: Seen) -> None:
        """The client gave something away: tell what was not told yet. After a password nothing more is wanted."""
        if said <= self._said:
            return
        self._said = said
        if said >= Said.CONTENT:
            self._tell(seen, content=True)
        if said is Said.PASSWORD:
            self.conn.outlet.emit(CleartextLogin(seen, self.conn.flow, self._protocol))
            self.conn.settle()

    def secured(self, data: bytes, at: int) -> bool | None:
        """Whether TLS begins at `data[at]`, as after STARTTLS; then it reads on. None: too short to tell."""
        if data[at] not in _RECORDS:
            return False
        begins = tls.begins(data[at : at + _RECORD_BEGIN])
        if begins:
            for side in self.conn.sides:
                side.buffer = b""  # half a line of the other side
            self.conn.become(Tls(self.conn))
        return begins

    def bound(self, side: Side) -> None:
        """Want no more of a side that said so much."""
        if side.position >= self.conn.limits.unknown:
            side.hush()

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """What comes after the gap counts like all else."""

    def end(self, side: Side, seen: Seen) -> None:
        if side is self.conn.client and self._said is Said.PREAMBLE:
            self._tell(seen, content=False)

    def _tell(self, seen: Seen, *, content: bool) -> None:
        if not self.conn.told:
            self.conn.told = True
            self.conn.outlet.emit(CleartextSession(seen, self.conn.flow, self._protocol, content))
