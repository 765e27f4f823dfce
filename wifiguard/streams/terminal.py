"""A terminal's session: Telnet, or text of a protocol that nobody knows, which may ask for a name and a password just so."""

from __future__ import annotations

from typing import Final

from wifiguard.core.observation import Seen
from wifiguard.decode import http, tls
from wifiguard.decode.dialogue import Said
from wifiguard.decode.telnet import Terminal
from wifiguard.streams.cleartext import Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side

# What a server says before its client's first word is waited for: until then it may be anything.
_GREETING: Final = 2048


class TerminalTalk(Cleartext):
    """`protocol`: telnet or text. Where a name or password is asked for, it is Telnet's kind of session either way."""

    __slots__ = ("_greeted", "_terminal")

    def __init__(self, conn: Connection, protocol: str) -> None:
        super().__init__(conn, protocol)
        self._terminal = Terminal()
        self._greeted = False
        if protocol == "telnet":
            conn.outlet.count(protocol)

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        # The first bytes were looked at before they came here.
        if side.position > len(data) and (tls.is_hello(data) or http.opens(data)):
            return data if self.conn.restart() else b""
        upwards = side is self.conn.client
        said, rest = (self._terminal.client if upwards else self._terminal.server)(data)
        self.held = self._terminal.held
        if self._terminal.login and self._protocol != "telnet":
            self._protocol = "telnet"
            self.conn.outlet.count("telnet")
        if said is Said.CONTENT and not upwards and side.position <= _GREETING:
            self._greeted = True
        else:
            self.said(said, seen)
        self.bound(side)
        return rest

    def end(self, side: Side, seen: Seen) -> None:
        if self._greeted:
            self.said(Said.CONTENT, seen)
        super().end(side, seen)
