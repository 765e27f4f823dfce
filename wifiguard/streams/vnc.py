"""VNC in a connection: up to the security type that both agree on."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from wifiguard.core.observation import Seen
from wifiguard.decode import vnc
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.dialogue import Said
from wifiguard.streams.cleartext import Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side

_TLS: Final = 18


class _Stage(Enum):
    VERSION = auto()
    TYPE = auto()
    VENCRYPT = auto()  # its version, then a subtype
    PLAIN = auto()  # user and password
    TLS = auto()  # begins next


class Vnc(Cleartext):
    """What counts is what the client says; of the server only the type that it sets before version 3.7."""

    __slots__ = ("_decides", "_stage")

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn, "vnc")
        self._stage = _Stage.VERSION
        self._decides = False  # the server does
        conn.outlet.count("vnc")

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        if side is not self.conn.client:
            return self._server(side, data, seen)
        while data and not side.quiet:
            if self._stage is _Stage.TLS and self.secured(data, 0) is not False:
                break
            size = self._client(data, seen)
            if size is None:
                break
            data = data[size:]
        return data

    def _client(self, data: bytes, seen: Seen) -> int | None:
        """The length of the message at the start; None: it is not whole."""
        size = {_Stage.VERSION: vnc.VERSION_SIZE, _Stage.TYPE: 1, _Stage.VENCRYPT: 6, _Stage.PLAIN: 8}.get(self._stage)
        if size is None:
            raise Bad("vnc", Reason.HEADER)
        if len(data) < size:
            return None
        if self._stage is _Stage.VERSION:
            self._decides = vnc.server_decides(data)
            self._stage = _Stage.TYPE
            if self._decides:
                self.conn.client.hush()
        elif self._stage is _Stage.TYPE:
            self._chosen(data[0], seen)
        elif self._stage is _Stage.VENCRYPT:
            subtype = int.from_bytes(data[2:6], "big")
            self._stage = _Stage.PLAIN if subtype == vnc.PLAIN else _Stage.TLS
        elif data[4:8] != bytes(4):  # the length of the password
            self.said(Said.PASSWORD, seen)
        else:
            self.conn.settle()
        return size

    def _server(self, side: Side, data: bytes, seen: Seen) -> bytes:
        if side.position - len(data) < vnc.VERSION_SIZE:
            if len(data) < vnc.VERSION_SIZE + 4:
                return data
            self._decides = self._decides or vnc.server_decides(data)
            if self._decides:
                self._chosen(int.from_bytes(data[vnc.VERSION_SIZE : vnc.VERSION_SIZE + 4], "big"), seen)
        self.bound(side)
        return b""

    def _chosen(self, kind: int, seen: Seen) -> None:
        """Both agree on a security type."""
        if kind in vnc.IN_CLEAR:
            self.said(Said.CONTENT, seen)
            self.conn.settle()
        elif kind == vnc.VENCRYPT:
            self._stage = _Stage.VENCRYPT
        elif kind == _TLS:
            self._stage = _Stage.TLS
        else:
            self.conn.settle()
