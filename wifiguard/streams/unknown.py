"""Bytes of a protocol that we do not read, which may still turn into one that we do."""

from __future__ import annotations

from wifiguard.core.observation import Seen
from wifiguard.decode import http, tls
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk


class Unknown(Talk):
    """Watches for the begin of HTTP or TLS, as behind a proxy's greeting, for a bounded number of bytes a side."""

    __slots__ = ()

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        # The first bytes were looked at before they came here.
        if side.position > len(data) and (tls.is_hello(data) or http.opens(data)):
            return data if self.conn.restart() else b""
        if side.position >= self.conn.limits.unknown:
            side.hush()
        return b""

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """What comes after the gap is looked at like all else."""
