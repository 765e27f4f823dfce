"""A conversation in one of the old cleartext protocols: whether anything was said that others should not hear."""

from __future__ import annotations

from wifiguard.core.messages import CleartextSession
from wifiguard.core.observation import Seen
from wifiguard.decode import cleartext, tls
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk
from wifiguard.streams.tls import Tls

_USUAL_PORTS = {"ftp": 21}
_WHOLE = frozenset({"telnet", "ldap"})  # no lines
# What a server says alone before it counts, where only its direction is seen.
_ALONE = 512


class Lines(Talk):
    """Tells the session once: when the client says more than the preamble, or a server whose client is not seen talks on."""

    __slots__ = ("_protocol",)

    def __init__(self, conn: Connection, protocol: str) -> None:
        super().__init__(conn)
        self._protocol = protocol
        conn.outlet.count(protocol)
        if (port := _USUAL_PORTS.get(protocol)) is not None:
            conn.outlet.on_port(protocol, conn.client.peer.port, port)

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        if tls.is_hello(data):
            self.conn.become(Tls(self.conn))  # STARTTLS was asked for and granted
            return data
        rest = b""
        if not self.conn.told:
            if side is self.conn.client or self._protocol in _WHOLE:
                rest = self._said(data, seen)
            elif side.peer.next is None and side.position > _ALONE:
                self._tell(seen)
        if side.position >= self.conn.limits.unknown:
            side.hush()
        return rest

    def end(self, side: Side, seen: Seen) -> None:
        if not self.conn.told and side.buffer and side is self.conn.client:
            self._said(side.buffer + b"\n", seen)

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """The lines after the gap count like any other."""

    def _said(self, data: bytes, seen: Seen) -> bytes:
        if self._protocol in _WHOLE:
            lines, rest = [data], b""
        else:
            *lines, rest = data.split(b"\n")
            if len(rest) > cleartext.MAX_LINE:
                lines, rest = [*lines, rest], b""
        if any(cleartext.says_something(self._protocol, line) for line in lines):
            self._tell(seen)
            return b""
        return rest

    def _tell(self, seen: Seen) -> None:
        self.conn.told = True
        self.conn.outlet.emit(CleartextSession(seen, self.conn.flow, self._protocol))
