"""Which protocol speaks: told by the first bytes of either direction, never by the port alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wifiguard.core.observation import Seen
from wifiguard.decode import cleartext, dns, http, tls
from wifiguard.streams.connection import Connection
from wifiguard.streams.http import Http
from wifiguard.streams.ldap import LdapTalk
from wifiguard.streams.lines import Lines
from wifiguard.streams.messages import DnsOverTcp
from wifiguard.streams.side import Side
from wifiguard.streams.socks import Socks
from wifiguard.streams.talk import Talk
from wifiguard.streams.terminal import TerminalTalk
from wifiguard.streams.tls import Tls
from wifiguard.streams.unknown import Unknown
from wifiguard.streams.vnc import Vnc
from wifiguard.streams.xmpp import XmppTalk

# Lines of one direction that are looked at before the port has to help.
_MAX_LINES = 32
_DNS_PORT = 53
# A longer message would be waited for too long only to find that it is none.
_MAX_DNS = 4096
# Among protocols whose words are the same only the port tells; the first is the most usual.
_USUAL_PORTS = {"ftp": 21, "smtp": 25, "pop3": 110, "irc": 6667, "imap": 143}
_BY_FIRST_BYTES: Final[dict[str, Callable[[Connection], Talk]]] = {
    "telnet": lambda conn: TerminalTalk(conn, "telnet"),
    "ldap": LdapTalk,
    "socks": Socks,
    "vnc": Vnc,
    "xmpp": XmppTalk,
}


class Undecided(Talk):
    """Keeps what was said until it is known who reads it. However it is cut, the decision is the same."""

    __slots__ = ()

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        conn = self.conn
        request = http.is_request(data)
        if request:
            conn.asks(side)
            conn.become(Http(conn))
            return data
        secure = tls.begins(data)
        if secure:
            conn.become(Tls(conn))
            return data
        response = http.is_response(data)
        if response:
            conn.asks(side.peer)
            conn.become(Http(conn))
            return data
        if request is None or secure is None or response is None:
            return data
        if cleartext.is_ssh(data):
            conn.outlet.count("ssh")
            conn.settle()
            return b""
        if _DNS_PORT in (conn.client.port, conn.client.peer.port) and (queries := self._is_dns(data)) is not False:
            if queries:
                conn.become(DnsOverTcp(conn))
            return data
        name = cleartext.by_first_bytes(data)
        if isinstance(name, str):
            if name == "socks":
                conn.asks(side)
            conn.become(_BY_FIRST_BYTES[name](conn))
        elif name is False:
            queries = self._is_dns(data)
            if queries:
                conn.become(DnsOverTcp(conn))
            elif queries is False:
                self._lines(side, data)
        return data

    def end(self, side: Side, seen: Seen) -> None:
        """What is here has to do."""
        first, second = (self._names(each, each.buffer, whole=True) for each in self.conn.sides)
        names = first & second if first and second else first or second
        if names:
            self._choose(names)
        elif any(cleartext.is_text(each.buffer) for each in self.conn.sides):
            self.conn.become(TerminalTalk(self.conn, "text"))
        else:
            self.conn.become(Unknown(self.conn))
        for each in (self.conn.client, self.conn.client.peer):
            if each.buffer:
                data, each.buffer = each.buffer, b""
                self.conn.deliver(each, data, seen)
        self.conn.talk.end(side, seen)

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """What comes after the gap is a new beginning."""

    def fail(self, side: Side) -> None:
        """Nothing here raises Bad."""

    def _is_dns(self, data: bytes) -> bool | None:
        """None: too short to tell."""
        if len(data) < 5:
            return None if data[0] < _MAX_DNS >> 8 else False
        size = int.from_bytes(data[:2], "big")
        if size <= 12 or data[4] not in (0, 1, 0x80, 0x81, 0x84, 0x85):
            return False
        if _DNS_PORT in (self.conn.client.port, self.conn.client.peer.port):
            return True
        if size > _MAX_DNS:
            return False
        return dns.looks_like_message(data[2 : 2 + size]) if len(data) >= 2 + size else None

    def _lines(self, side: Side, data: bytes) -> None:
        if cleartext.is_binary(data):
            self.conn.become(Unknown(self.conn))
            return
        if side is not self.conn.client and cleartext.waits_for_password(data):
            self.conn.become(TerminalTalk(self.conn, "text"))
            return
        line = cleartext.first_line(data)
        if line is None:
            return
        names = self._names(side, data)
        other = self._names(side.peer, side.peer.buffer)
        both = names & other if names and other else names or other
        enough = data.count(b"\n") >= _MAX_LINES or len(data) > 4 * cleartext.MAX_LINE
        if len(both) == 1 or (both and enough):
            self._choose(both)
        elif not both and (self.conn.opened or enough):
            readable = cleartext.is_text(line)
            self.conn.become(TerminalTalk(self.conn, "text") if readable else Unknown(self.conn))

    def _names(self, side: Side, data: bytes, *, whole: bool = False) -> frozenset[str]:
        """The protocols that all known lines of a side fit. A side that may be either is tried as server, then as client.

        A last line without its end counts only where it is `whole`. The first one is passed over where its begin was not seen.
        """
        lines = data.split(b"\n", _MAX_LINES)[:_MAX_LINES]
        if not whole and len(lines) < _MAX_LINES:
            lines.pop()
        roles = [cleartext.from_client] if side is self.conn.client else [cleartext.from_server]
        if not self.conn.opened:
            roles = [cleartext.from_server, cleartext.from_client]
        for role in roles:
            names: frozenset[str] = frozenset()
            for index, line in enumerate(lines):
                said = role(line)
                names = names & said or names if names else said
                if not names and (self.conn.opened or index):
                    break  # a line that nobody says: text that happens to hold such words later
            if names:
                if not self.conn.opened:
                    self.conn.asks(side if role is cleartext.from_client else side.peer)
                return names
        return frozenset()

    def _choose(self, names: frozenset[str]) -> None:
        port = self.conn.client.peer.port
        usual = [name for name in _USUAL_PORTS if name in names]
        name = next((name for name in usual if _USUAL_PORTS[name] == port), usual[0])
        self.conn.become(Lines(self.conn, name))
