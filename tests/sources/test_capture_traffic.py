"""Real conversations between two network namespaces, captured and decoded by the real streams."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from tests.sources.cables import Ears, alone, ended, ip, links, running, until
from wifiguard.core.host import CaptureLoss
from wifiguard.core.messages import HttpRequest, HttpResponse
from wifiguard.sources.capture import Capture

pytestmark = [pytest.mark.root, pytest.mark.rig("ip", "unshare", "nsenter")]

# Answers an HTTP request, and anything else with so many bytes of nothing known.
PEER = """
import socket, sys
print("ready", flush=True)
sys.stdin.readline()
server = socket.create_server(("198.18.0.2", 8080))
print("listening", flush=True)
while True:
    client, _ = server.accept()
    with client:
        if client.recv(4096).startswith(b"GET "):
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
        else:
            for _ in range(320):
                client.sendall(bytes(range(1, 256)) * 257)
"""


def between(body: Callable[[], Awaitable[None]]) -> None:
    """Run `body` at 198.18.0.1 on v0; at the other end of the cable, 198.18.0.2 listens on port 8080."""

    async def inside() -> None:
        command = ["unshare", "-n", sys.executable, "-c", PEER]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
            assert peer.stdin is not None
            assert peer.stdout is not None
            try:
                peer.stdout.readline()
                ip(f"link set v1 netns {peer.pid}")
                for end in ("addr add 198.18.0.2/24 dev v1", "link set v1 gso_max_segs 1", "link set v1 up"):
                    there = ["nsenter", "-t", str(peer.pid), "-n", "ip", *end.split()]
                    subprocess.run(there, check=True, capture_output=True)
                ip("addr add 198.18.0.1/24 dev v0")
                peer.stdin.write("\n")
                peer.stdin.flush()
                assert peer.stdout.readline() == "listening\n"
                await body()
            finally:
                peer.kill()

    alone(inside)


async def talk(said: bytes) -> int:
    """Say something to the other end; returns how many bytes came back."""
    reader, writer = await asyncio.open_connection("198.18.0.2", 8080)
    writer.write(said)
    size = 0
    while chunk := await reader.read(1 << 16):
        size += len(chunk)
    writer.close()
    await writer.wait_closed()
    return size


def test_bulk_is_shunted_and_the_next_conversation_with_that_server_is_heard() -> None:
    async def body() -> None:
        ears, source = Ears(), Capture(["v0"])

        def heard(kind: type) -> list[str | None]:
            return [obs.host for obs in ears.heard if isinstance(obs, kind)]  # type: ignore[attr-defined]

        with running(source, ears) as task:
            source.follow(links())
            await until(ears.dones, "a capture")
            await talk(b"GET / HTTP/1.1\r\nHost: first.example\r\n\r\n")
            await until(lambda: heard(HttpResponse), "the first answer")
            size = await talk(b"\x01\x02\x03\x04")
            assert size == 320 * 255 * 257
            await asyncio.sleep(0.3)
            # Full segments of 1448 bytes; the filter let through only the first of them.
            assert source.status()["v0"]["packets"] < size / 1448 / 4
            await talk(b"GET / HTTP/1.1\r\nHost: second.example\r\n\r\n")
            await until(lambda: len(heard(HttpResponse)) == 2, "the second answer")
            await ended(task)
        assert heard(HttpRequest) == ["first.example", "second.example"]
        assert heard(HttpResponse) == ["first.example", "second.example"]
        assert [obs for obs in ears.heard if isinstance(obs, CaptureLoss)] == []
        first = next(obs for obs in ears.heard if isinstance(obs, HttpRequest))
        assert (first.interface, first.flow.server_port, first.flow.tunnelled) == ("v0", 8080, False)

    between(body)
