"""TLS in a connection: the hellos of both sides and the server's certificate, then nothing more can be told."""

from __future__ import annotations

from wifiguard.core.messages import TlsHello
from wifiguard.core.observation import Seen
from wifiguard.decode import tls
from wifiguard.decode.bad import Bad, Reason
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk

_SSL2 = 0x80


class Tls(Talk):
    """A ClientHello, a ServerHello and, up to TLS 1.2, the server's certificate are told once each.

    A HelloRetryRequest is passed over, the ServerHello follows it.
    """

    __slots__ = ("_chosen", "_left", "_name", "_parts")

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._name: str | None = None
        self._chosen: str | None = None
        # Handshake messages that are not whole yet: they may go over many records.
        self._parts: dict[Side, bytes] = {}
        self._left = 2 * conn.limits.flow  # bytes; no handshake is longer

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        at = 0
        while at < len(data) and not side.quiet:
            if data[at] & _SSL2:
                return self._ssl2(side, data[at:], seen)
            record = tls.record(data, at)
            if record is None:
                return data[at:]
            at = record.after
            self._left -= len(record.body) + 1
            if self._left < 0:
                raise Bad("tls", Reason.TOO_LONG)
            if record.kind == tls.HANDSHAKE:
                self._handshake(side, record.body, seen)
            elif record.kind == tls.ALERT and tls.is_warning(record.body):
                continue
            elif record.kind == tls.CHANGE and self._chosen is None:
                continue  # after a HelloRetryRequest, for the sake of middleboxes (RFC 8446, D.4)
            else:
                side.hush()  # what follows is encrypted, or refused: its hello was missed, or will not come
        return b""

    def fail(self, side: Side) -> None:
        self._drop(side)
        super().fail(side)

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        self._drop(side)
        super().lose(side, size, seen)

    def _handshake(self, side: Side, body: bytes, seen: Seen) -> None:
        part = self._parts.get(side, b"") + body
        while (message := tls.message(part)) is not None:
            part = part[message.after :]
            self._message(side, message, seen)
            if side.quiet:
                self._drop(side)
                return
        self._parts[side] = part
        self._account()

    def _message(self, side: Side, message: tls.Message, seen: Seen) -> None:
        match message.kind:
            case tls.CLIENT_HELLO:
                self._asked(side, tls.client_hello(message.body), seen)
            case tls.SERVER_HELLO:
                hello = tls.server_hello(message.body)
                if not hello.retry:
                    self._answered(side, hello, seen)
                    if hello.version == "TLS1.3":
                        side.hush()
            case tls.CERTIFICATE:
                # The server's hello may have been missed, and who opened the connection may answer all the same (FTP).
                if self._chosen is not None or side is not self.conn.client:
                    self._certified(tls.certificates(message.body), seen)
                side.hush()
            case tls.SERVER_HELLO_DONE:
                side.hush()
            case _:
                pass  # a HelloRequest comes at any time, a ticket or a certificate's status on the way

    def _ssl2(self, side: Side, data: bytes, seen: Seen) -> bytes:
        hello = tls.ssl2_hello(data)
        if hello is None:
            return data
        if isinstance(hello, tls.ClientHello):
            self._asked(side, hello, seen)
        else:
            self._answered(side, hello, seen)
            certificate = tls.ssl2_certificate(data)
            if certificate is not None:
                self._certified((certificate,), seen)
            side.hush()
        return b""

    def _asked(self, side: Side, hello: tls.ClientHello, seen: Seen) -> None:
        conn = self.conn
        conn.asks(side)
        self._name = hello.server_name
        conn.outlet.tell(TlsHello(seen, conn.flow, False, hello.versions, hello.server_name, hello.ciphers), "tls")
        side.hush()

    def _answered(self, side: Side, hello: tls.ServerHello, seen: Seen) -> None:
        conn = self.conn
        conn.asks(side.peer)
        self._chosen = hello.version
        ciphers = () if hello.cipher is None else (hello.cipher,)
        conn.outlet.count(hello.version.lower())
        conn.outlet.tell(TlsHello(seen, conn.flow, True, (hello.version,), self._name, ciphers), "tls")
        # What the client says from here on is encrypted.
        side.peer.hush()

    def _certified(self, chain: tuple[bytes, ...], seen: Seen) -> None:
        if chain:  # else an anonymous server's
            self.conn.outlet.certified(chain, self.conn.flow, self._name, seen)

    def _drop(self, side: Side) -> None:
        self._parts.pop(side, None)
        self._account()

    def _account(self) -> None:
        self.held = sum(map(len, self._parts.values()))
