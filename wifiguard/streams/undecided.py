"""Which protocol speaks: told by the first bytes of either direction, never by the port alone."""

from __future__ import annotations

from wifiguard.core.observation import Seen
from wifiguard.decode import cleartext, dns, http, tls
from wifiguard.streams.http import Http
from wifiguard.streams.lines import Lines
from wifiguard.streams.messages import DnsOverTcp
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk
from wifiguard.streams.tls import Tls
from wifiguard.streams.unknown import Unknown

# Lines of one direction that are looked at before the port has to help.
_MAX_LINES = 32
_DNS_PORT = 53
# Among protocols whose words are the same only the port tells; the first is the most usual.
_USUAL_PORTS = {"ftp": 21, "smtp": 25, "pop3": 110, "irc": 6667, "imap": 143}


class Undecided(Talk):
    """Keeps what was said until it is known who reads it."""

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
        if self._is_dns(data):
            conn.become(DnsOverTcp(conn))
        elif name := cleartext.binary(data):
            conn.become(Lines(conn, name))
        else:
            return self._lines(side, data, seen)
        return data

    def end(self, side: Side, seen: Seen) -> None:
        names = self._candidates()
        if names:
            self._choose(names)
        else:
            text = any(cleartext.is_text(each.buffer) for each in self.conn.sides)
            self.conn.become(Unknown(self.conn, text=text))
        for each in (self.conn.client, self.conn.client.peer):
            if each.buffer:
                data, each.buffer = each.buffer, b""
                self.conn.deliver(each, data, seen)
        self.conn.talk.end(side, seen)

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """What comes after the gap is a new beginning."""

    def fail(self, side: Side) -> None:
        """Nothing here raises Bad."""

    def _is_dns(self, data: bytes) -> bool:
        size = int.from_bytes(data[:2], "big")
        if size <= 12 or data[4:5] not in (b"\0", b"\1", b"\x80", b"\x81", b"\x84", b"\x85"):
            return False
        if _DNS_PORT in (self.conn.client.port, self.conn.client.peer.port):
            return True
        return len(data) >= 2 + size and dns.looks_like_message(data[2 : 2 + size])

    def _lines(self, side: Side, data: bytes, seen: Seen) -> bytes:
        text = cleartext.is_text(data)
        if text is False:
            self.conn.become(Unknown(self.conn))
            return data
        line_ends = b"\n" in data
        if text is None or (not line_ends and len(data) < cleartext.MAX_LINE):
            return data
        names = self._names(side, data)
        other = self._names(side.peer, side.peer.buffer)
        both = names & other if names and other else names or other
        if len(both) == 1:
            self._choose(both)
        elif not both or data.count(b"\n") >= _MAX_LINES or len(data) > 4 * cleartext.MAX_LINE:
            if both:
                self._choose(both)
            else:
                self.conn.become(Unknown(self.conn, text=True))
        return data

    def _candidates(self) -> frozenset[str]:
        first, second = (self._names(side, side.buffer) for side in self.conn.sides)
        return first & second if first and second else first or second

    def _names(self, side: Side, data: bytes) -> frozenset[str]:
        """The protocols that all known lines of a side fit. A side that may be either is tried as server, then as client."""
        roles = [cleartext.from_client] if side is self.conn.client else [cleartext.from_server]
        if not self.conn.opened:
            roles = [cleartext.from_server, cleartext.from_client]
        for role in roles:
            names: frozenset[str] = frozenset()
            for line in data.split(b"\n", _MAX_LINES)[:_MAX_LINES]:
                said = role(line)
                names = names & said or names if names else said
                if not names:
                    break  # a first line that nobody says: text that happens to hold such words later
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
