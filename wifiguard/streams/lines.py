"""A conversation in one of the line protocols: what the client's lines give away."""

from __future__ import annotations

from typing import Final

from wifiguard.core.observation import Seen
from wifiguard.decode.dialogue import Dialogue, Said
from wifiguard.decode.ftp import Ftp
from wifiguard.decode.imap import Imap
from wifiguard.decode.irc import Irc
from wifiguard.decode.pop3 import Pop3
from wifiguard.decode.smtp import Smtp
from wifiguard.streams.cleartext import MOST, Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side

_DIALOGUES: Final[dict[str, type[Dialogue]]] = {"ftp": Ftp, "smtp": Smtp, "pop3": Pop3, "imap": Imap, "irc": Irc}
_USUAL_PORTS: Final = {"ftp": 21}
# A longer line is read in pieces of this size; the longest that standards allow hold SASL's answers (RFC 4954, 4).
_MAX_LINE: Final = 12288
# What a server says alone before it counts, where only its direction is seen.
_ALONE: Final = 512


class Lines(Cleartext):
    """`protocol`: ftp, smtp, pop3, imap or irc."""

    __slots__ = ("_dialogue",)

    def __init__(self, conn: Connection, protocol: str) -> None:
        super().__init__(conn, protocol)
        self._dialogue = _DIALOGUES[protocol]()
        conn.outlet.count(protocol)
        if (port := _USUAL_PORTS.get(protocol)) is not None:
            conn.outlet.on_port(protocol, conn.client.peer.port, port)

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        at = 0
        for _ in range(MOST):
            if at >= len(data) or side.quiet:
                break
            if self.secured(data, at) is not False:
                return data[at:]
            end = data.find(b"\n", at, at + _MAX_LINE)
            if end < 0:
                if len(data) - at < _MAX_LINE:
                    break
                line, at = data[at : at + _MAX_LINE], at + _MAX_LINE
            else:
                line, at = data[at:end], end + 1
            if side is self.conn.client:
                self.said(self._dialogue.client(line), seen)
                if self._dialogue.skip:
                    at = self._pass_over(side, len(data), at)
            elif self._dialogue.server(line):
                side.peer.skip = 0
        else:
            at = len(data)
        if side is not self.conn.client and side.peer.next is None and side.position > _ALONE:
            self.said(Said.CONTENT, seen)
        self.bound(side)
        return data[at:]

    def end(self, side: Side, seen: Seen) -> None:
        if side.buffer and side is self.conn.client:
            self.said(self._dialogue.client(side.buffer), seen)
        super().end(side, seen)

    def _pass_over(self, side: Side, size: int, at: int) -> int:
        """What the dialogue does not want to read: what is here of it, and what comes."""
        end = at + self._dialogue.skip
        self._dialogue.skip = 0
        side.skip = max(0, end - size)
        return min(end, size)
