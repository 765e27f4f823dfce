"""What every protocol's reader of a connection does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifiguard.core.observation import Seen

if TYPE_CHECKING:
    from wifiguard.streams.connection import Connection
    from wifiguard.streams.side import Side


class Talk:
    """Reads both directions of one connection in one protocol. `held`: bytes that it keeps itself.

    A reader may hush a side (nothing more is wanted of it), set `side.skip` (bytes to pass over), or hand the connection on with
    `conn.become` or `conn.restart`, returning what the next reader shall read.
    """

    __slots__ = ("conn", "held")

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.held = 0

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        """Read what came on a side, all that is unread; returns the rest that is not whole yet. Raises Bad."""
        raise NotImplementedError

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        """`size` bytes are missing on a side, and what was unread before them is gone."""
        side.hush()

    def fail(self, side: Side) -> None:
        """`read` raised Bad."""
        side.hush()

    def resume(self, side: Side) -> None:
        """A response begins among bytes that were passed over."""

    def overdue(self, seen: Seen) -> None:
        """Nothing came for a while: tell what is half-read."""

    def end(self, side: Side, seen: Seen) -> None:
        """A side will send nothing more: tell what is half-read."""
