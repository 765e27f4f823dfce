"""XMPP in a connection: the client's tags up to a password, or up to TLS."""

from __future__ import annotations

from wifiguard.core.observation import Seen
from wifiguard.decode.xmpp import MAX_TAG, Xmpp
from wifiguard.streams.cleartext import MOST, Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side


class XmppTalk(Cleartext):
    """Of the server only the begin of TLS is looked for, where the client is not seen."""

    __slots__ = ("_stream",)

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn, "xmpp")
        self._stream = Xmpp()
        conn.outlet.count("xmpp")

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        upwards = side is self.conn.client
        at = 0
        for _ in range(MOST):
            if at >= len(data) or side.quiet:
                break
            if self.secured(data, at) is not False:
                return data[at:]
            end = data.find(b">", at, at + MAX_TAG) + 1
            if not end:
                if len(data) - at < MAX_TAG:
                    break
                end = at + MAX_TAG
            if upwards:
                self.said(self._stream.tag(data[at:end]), seen)
            at = end
        else:
            at = len(data)
        self.bound(side)
        return data[at:]
