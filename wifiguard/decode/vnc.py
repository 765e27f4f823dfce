"""VNC's first messages (RFC 6143, 7.1; VeNCrypt by its registered description)."""

from __future__ import annotations

import re
from typing import Final

VERSION_SIZE: Final = 12
# Security types after which the screen and the keys travel in clear: none, VNC's challenge, RA2ne, Tight, Ultra, xvp, Apple's.
IN_CLEAR: Final = frozenset({1, 2, 6, 16, 17, 22, 30})
VENCRYPT: Final = 19
# VeNCrypt's subtypes without TLS: 256 sends user and password as they are.
PLAIN: Final = 256
_version = re.compile(rb"RFB (\d{3})\.(\d{3})\n").match


def begins(data: bytes) -> bool | None:
    """Whether a direction begins with a protocol version; None: too short to tell."""
    if len(data) < VERSION_SIZE:
        return None if data[:4] == b"RFB "[: len(data)] else False
    return _version(data) is not None


def server_decides(data: bytes) -> bool:
    """Whether the security type is the server's to choose: before version 3.7."""
    found = _version(data)
    return found is not None and int(found[1]) <= 3 and int(found[2]) < 7
