"""TLS in a connection: the hellos of both sides, then nothing more can be told."""

from __future__ import annotations

from wifiguard.core.messages import TlsHello
from wifiguard.core.observation import Seen
from wifiguard.decode import tls
from wifiguard.decode.bad import Bad, Reason
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk

_HANDSHAKE = 22
_SSL2 = 0x80


class Tls(Talk):
    """A ClientHello and a ServerHello are told once each; a HelloRetryRequest is passed over, the ServerHello follows it."""

    __slots__ = ()

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        while data and not side.quiet:
            if data[0] & _SSL2:
                hello = tls.ssl2_hello(data)
                if hello is None:
                    return data
                self._told(side, hello, seen)
                side.hush()
            elif tls.settled(data):
                side.hush()  # application data or an alert: its hello was missed, or will not come
            else:
                message = tls.handshake(data)
                if message is None:
                    if len(data) > 2 * tls.MAX_HELLO:
                        raise Bad("tls", Reason.TOO_LONG)
                    return data
                data = data[message.after :]
                if message.kind == tls.CLIENT_HELLO:
                    self._told(side, tls.client_hello(message.body), seen)
                    side.hush()
                elif message.kind == tls.SERVER_HELLO:
                    hello = tls.server_hello(message.body)
                    if not hello.retry:
                        self._told(side, hello, seen)
                        side.hush()
                elif message.kind:  # 0: HelloRequest, which a server may send at any time (RFC 5246, 7.4.1.1)
                    side.hush()
        return b""

    def _told(self, side: Side, hello: tls.ClientHello | tls.ServerHello, seen: Seen) -> None:
        conn = self.conn
        if isinstance(hello, tls.ClientHello):
            conn.asks(side)
            conn.outlet.tell(TlsHello(seen, conn.flow, False, hello.versions, hello.server_name, hello.ciphers), "tls")
        else:
            conn.asks(side.peer)
            conn.outlet.count(hello.version.lower())
            conn.outlet.tell(TlsHello(seen, conn.flow, True, (hello.version,), None, (hello.cipher,)), "tls")
            # What the client says from here on is encrypted.
            side.peer.hush()
