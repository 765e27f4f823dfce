"""WireGuard (wireguard.com/protocol) on any port: its handshake is told by type, reserved zeros and exact length."""

from __future__ import annotations

# The first four bytes of initiation, response and cookie reply → the length of the message.
_SIZES = {b"\1\0\0\0": 148, b"\2\0\0\0": 92, b"\3\0\0\0": 64}


def is_handshake(data: bytes, start: int, end: int) -> bool:
    """Whether the datagram `data[start:end]` begins or answers a handshake; what follows one can't be told from noise."""
    return _SIZES.get(data[start : start + 4]) == end - start
