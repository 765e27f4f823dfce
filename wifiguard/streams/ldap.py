"""LDAP in a connection: its messages up to a bind with a password, or up to TLS."""

from __future__ import annotations

from typing import Final

from wifiguard.core.observation import Seen
from wifiguard.decode import ldap
from wifiguard.decode.dialogue import Said
from wifiguard.streams.cleartext import MOST, Cleartext
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side

# Enough for a message's id, operation and lengths.
_HEAD: Final = 20
# Binds that are longer hold tickets, not passwords.
_MAX_BIND: Final = 8192


class LdapTalk(Cleartext):
    """Reads requests; what the server answers is content by itself."""

    __slots__ = ()

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn, "ldap")
        conn.outlet.count("ldap")

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        at = 0
        for _ in range(MOST):
            if at >= len(data) or side.quiet:
                break
            if self.secured(data, at) is not False:
                return data[at:]
            head = ldap.head(data[at : at + _HEAD])
            if head is ldap.Begin.SHORT:
                break
            if not isinstance(head, ldap.Head):
                return b""  # wrapped by what a bind agreed on, or torn by a gap: the next segment may begin a message
            self.conn.asks(side if head.operation in ldap.REQUESTS else side.peer)
            end = at + head.end
            said = Said.PREAMBLE if head.operation in ldap.EXTENDED else Said.CONTENT
            if head.operation == ldap.BIND_REQUEST and head.end <= _MAX_BIND:
                if end > len(data):
                    break
                if ldap.carries_password(data[at + head.content : end]):
                    said = Said.PASSWORD
            self.said(said, seen)
            side.skip = max(0, end - len(data))
            at = min(end, len(data))
        else:
            at = len(data)
        self.bound(side)
        return data[at:]
