"""Tunnels of noise are seen as such; what others carry in clear is read like all else (tests/decode/test_frames.py)."""

from __future__ import annotations

import pytest

from tests.streams.talking import ME, RAW, SERVER, Ears, datagram


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (b"\1\0\0\0" + bytes(144), 1),
        (b"\2\0\0\0" + bytes(88), 1),
        (b"\3\0\0\0" + bytes(60), 1),
        (b"\4\0\0\0" + bytes(28), 0),
        (b"\1\0\0\0" + bytes(145), 0),
        (b"\1\0\0\1" + bytes(144), 0),
        (b"\1", 0),
        (b"", 0),
    ],
)
def test_a_handshake_of_wireguard_on_any_port(said: bytes, counted: int) -> None:
    ears = Ears(RAW).hear(datagram(ME, 40000, SERVER, 443, said), datagram(SERVER, 51820, ME, 40000, said))
    assert ears.finish() == []
    assert ears.streams.counts.protocols["wireguard"] == 2 * counted
    assert ears.streams.counts.malformed == 0
