"""QUIC: the client's hello, put together from the first packets of a connection."""

from __future__ import annotations

from msgspec import Struct, field

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import Flow, TlsHello
from wifiguard.core.observation import Seen
from wifiguard.decode import quic, tls
from wifiguard.decode.bad import Bad
from wifiguard.streams.outlet import Outlet

_CONNECTIONS = 256
_AGE = 10.0
# Of one connection: packets that are decrypted (a hello with a post-quantum key takes 2), pieces and bytes that are kept.
_PACKETS = 16
_PIECES = 128
_BYTES = 16384
# Connections begun within a second of tick that are looked at; each costs a tenth of a millisecond.
_BEGIN = 256


class _Connection(Struct):
    """A hello on its way. `keys` None: nothing more is wanted, or nothing can be had."""

    keys: quic.Keys | None
    packets: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int = 0


class Quic:
    """Tells each connection's ClientHello once. What a server answers is TLS 1.3 always, and nothing of it is told."""

    def __init__(self, outlet: Outlet, *, tunnelled: bool) -> None:
        self._outlet = outlet
        self._tunnelled = tunnelled
        self._connections: BoundedMap[tuple[bytes, int, bytes, int], _Connection] = BoundedMap(_CONNECTIONS, _AGE)
        self._second = float("-inf")
        self._begun = 0

    def datagram(
        self,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """Take one datagram that may hold Initial packets. Raises Bad."""
        back = destination, destination_port, source, source_port
        if end > len(data) or self._connections.get(back, seen.tick) is not None:
            return  # cut short, or the server's answer
        flow = Flow(source, source_port, destination, destination_port, "udp", self._tunnelled)
        for packet in quic.initials(data, start, end):
            connection = self._connection(flow, packet, end - start, seen.tick)
            if connection is None or connection.keys is None:
                return
            connection.packets += 1
            if connection.packets > _PACKETS:
                connection.keys = None
                return
            frames = quic.opened(data, packet, connection.keys)
            if frames is None:
                # After a Retry the keys come from the id that the server chose (RFC 9001, 5.2).
                again = quic.client_keys(packet.version, packet.destination)
                frames = None if again is None else quic.opened(data, packet, again)
                if frames is None:
                    return
                connection.keys = again
                connection.pieces.clear()
                connection.size = 0
            self._gather(connection, frames, flow, seen)

    def _connection(self, flow: Flow, packet: quic.Initial, size: int, tick: float) -> _Connection | None:
        key = flow.client, flow.client_port, flow.server, flow.server_port
        connection = self._connections.get(key, tick)
        if connection is not None:
            return connection
        if size < quic.LEAST:
            return None
        if not self._second <= tick < self._second + 1.0:
            self._second, self._begun = tick, 0
        self._begun += 1
        if self._begun > _BEGIN:
            return None
        connection = _Connection(quic.client_keys(packet.version, packet.destination))
        self._connections.put(key, connection, tick)
        return connection

    def _gather(self, connection: _Connection, frames: bytes, flow: Flow, seen: Seen) -> None:
        pieces = connection.pieces
        for offset, piece in quic.crypto(frames):
            if offset in pieces or not piece:
                continue
            connection.size += len(piece)
            if len(pieces) >= _PIECES or connection.size > _BYTES or offset > _BYTES:
                self._done(connection)
                return
            pieces[offset] = piece
        try:
            message = tls.message(_beginning(pieces))
            if message is None:
                return
            hello = tls.client_hello(message.body) if message.kind == tls.CLIENT_HELLO else None
        except Bad:
            self._done(connection)
            raise
        self._done(connection)
        if hello is not None:
            said = TlsHello(seen, flow, False, hello.versions, hello.server_name, hello.ciphers, quic=True)
            self._outlet.tell(said, "tls")

    @staticmethod
    def _done(connection: _Connection) -> None:
        connection.keys = None
        connection.pieces.clear()


def _beginning(pieces: dict[int, bytes]) -> bytes:
    """The bytes from the start to the first gap; of bytes that came twice the first copy counts."""
    whole = b""
    for offset, piece in sorted(pieces.items()):
        if offset > len(whole):
            break
        whole += piece[len(whole) - offset :]
    return whole
