"""aioquic's server or client on a machine of the lab: `server CERTIFICATE KEY HOST` or `client HOST NAME VERSION`."""

import asyncio
import ssl
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent


class Pages(QuicConnectionProtocol):
    """Answers every request of HTTP/3 with the same page."""

    http: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        if self.http is None:
            return
        for told in self.http.handle_event(event):
            if isinstance(told, HeadersReceived):
                self.http.send_headers(told.stream_id, [(b":status", b"200"), (b"content-type", b"text/html")])
                self.http.send_data(told.stream_id, b"<title>over QUIC</title>", end_stream=True)
                self.transmit()


async def server(certificate: str, key: str, host: str) -> None:
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(certificate, key)
    await serve(host, 443, configuration=configuration, create_protocol=Pages)
    print("ready", flush=True)
    await asyncio.Event().wait()


async def client(host: str, name: str, version: str) -> None:
    wanted = int(version, 16)
    configuration = QuicConfiguration(
        is_client=True,
        alpn_protocols=H3_ALPN,
        server_name=name,
        verify_mode=ssl.CERT_NONE,
        supported_versions=[wanted],
        original_version=wanted,
    )
    async with connect(host, 443, configuration=configuration) as connection:
        await connection.ping()
    print("connected", flush=True)


if __name__ == "__main__":
    asyncio.run({"server": server, "client": client}[sys.argv[1]](*sys.argv[2:]))
