"""Send bytes over TCP in segments of our choosing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from tests.net.rig.lab import Namespace

CLIENT = Path(__file__).with_name("pieces_client.py")


class Exchange(Struct, frozen=True):
    """What came back, and how many segments with payload went out."""

    answer: bytes
    data_segments: int


def form_post(host: str, path: str, fields: Mapping[str, str]) -> list[bytes]:
    """A form as two pieces: the head of the request, its body."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: pieces\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return [head.encode(), body]


def send_pieces(
    namespace: Namespace, host: str, pieces: Sequence[bytes], *, port: int = 80, family: Literal[4, 6] = 4
) -> Exchange:
    """Send each piece in a segment of its own, once the one before was acknowledged; read until the server closes."""
    order = {"host": host, "port": port, "family": family, "pieces": [piece.hex() for piece in pieces]}
    done = json.loads(namespace.run(sys.executable, "-I", str(CLIENT), stdin=json.dumps(order)).stdout)
    return Exchange(bytes.fromhex(done["answer"]), done["data_segments"])
