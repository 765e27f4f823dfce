"""SOCKS in a connection: a password for the proxy, then whatever travels behind it."""

from __future__ import annotations

from enum import Enum, auto

from wifiguard.core.messages import CleartextLogin
from wifiguard.core.observation import Seen
from wifiguard.decode import socks
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk
from wifiguard.streams.unknown import Unknown


class _Stage(Enum):
    GREETING = auto()
    REQUEST = auto()  # version 5, perhaps behind user and password
    ASKED = auto()


class Socks(Talk):
    """Both versions. Behind a request that was granted, or whose answer is not seen, reading begins anew."""

    __slots__ = ("_chosen", "_stage", "_version")

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._stage = _Stage.GREETING
        self._version = 5
        self._chosen = False
        conn.outlet.count("socks")

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        read = self._client if side is self.conn.client else self._server
        while data:
            size = read(side, data, seen)
            if size is None:
                break
            data = data[size:]
            if self.conn.talk is not self:
                break
        return data

    def _client(self, side: Side, data: bytes, seen: Seen) -> int | None:
        """The length of the message at the start; None: it is not whole, or another reads on."""
        size: int | None
        if self._stage is _Stage.GREETING:
            self._version = data[0]
            size = socks.greeting(data)
            after = _Stage.REQUEST if self._version == 5 else _Stage.ASKED
        elif self._stage is _Stage.REQUEST:
            size = socks.address(data) if data[0] == 5 else self._password(data, seen)
            after = _Stage.ASKED if data[0] == 5 else _Stage.REQUEST
        else:
            if side.peer.next is None:
                self.conn.restart()
            return None
        if size:
            self._stage = after
        elif size == 0:
            self.conn.become(Unknown(self.conn))
            return None
        return size

    def _password(self, data: bytes, seen: Seen) -> int | None:
        found = socks.user_password(data)
        if found is None:
            return None
        size, password = found
        if password:
            self.conn.outlet.emit(CleartextLogin(seen, self.conn.flow, "socks"))
        return size

    def _server(self, side: Side, data: bytes, seen: Seen) -> int | None:
        """Like `_client`. Before its reply a version 5 server chooses a method and judges a password, in two bytes each."""
        if self._version == 4:
            size, granted = (8 if len(data) >= 8 else None), data[1:2] == b"\x5a"
        elif not self._chosen or data[0] == 1:
            if len(data) < 2:
                return None
            self._chosen = True
            return 2
        else:
            size, granted = socks.address(data), data[1:2] == b"\0"
        if size == 0:
            self.conn.become(Unknown(self.conn))
            return None
        if size:
            if granted:
                self.conn.restart()
            else:
                self.conn.settle()
        return size
