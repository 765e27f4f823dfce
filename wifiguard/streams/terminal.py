"""A terminal's session: Telnet, or text of a protocol that nobody knows, which may ask for a password just so."""

from __future__ import annotations

from wifiguard.core.observation import Seen
from wifiguard.decode import http, tls
from wifiguard.decode.telnet import Terminal
from wifiguard.streams.cleartext import Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side


class TerminalTalk(Cleartext):
    """`protocol`: telnet or text. A password that is typed at a prompt is Telnet's either way."""

    __slots__ = ("_terminal",)

    def __init__(self, conn: Connection, protocol: str) -> None:
        super().__init__(conn, protocol, "telnet")
        self._terminal = Terminal()
        if protocol == "telnet":
            conn.outlet.count(protocol)

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        # The first bytes were looked at before they came here.
        if side.position > len(data) and (tls.is_hello(data) or http.opens(data)):
            return data if self.conn.restart() else b""
        said, rest = (self._terminal.client if side is self.conn.client else self._terminal.server)(data)
        self.said(said, seen)
        self.bound(side)
        return rest
