"""One direction of a TCP connection: segments in, bytes in order out.

Of bytes that came twice the first copy counts, in whatever order the copies came. What is missing is waited for, for a bounded
time and within a bounded memory, and then passed over as a gap of known size.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from wifiguard.core.observation import Seen

if TYPE_CHECKING:
    from wifiguard.streams.connection import Connection

_MASK = 0xFFFFFFFF
_HALF = 0x80000000
# What a piece that waits costs beside its bytes.
_PIECE = 100
UNTIL_CLOSE = 1 << 62
# Segments further ahead are not believed, until so many in a row are.
_WINDOW = 1 << 22
_STRAYS = 3


class Side:
    """`next`: the sequence number that comes next, None before the first segment; `position`: bytes since the start.

    `buffer`: bytes in order that the reader left for later. `skip`: bytes to come that nobody wants. `quiet`: nobody wants any
    more. `ignored`: bytes that came in vain so far.
    """

    __slots__ = (
        "address",
        "buffer",
        "closed",
        "conn",
        "fin",
        "ignored",
        "mark",
        "next",
        "peer",
        "pending",
        "pending_size",
        "port",
        "position",
        "quiet",
        "shunted",
        "since",
        "skip",
        "start",
        "strays",
    )

    peer: Side

    def __init__(self, conn: Connection, address: bytes, port: int, first: int | None, mark: int) -> None:
        self.conn = conn
        self.address = address
        self.port = port
        self.next = self.start = first
        self.position = 0
        self.buffer = b""
        self.pending: list[tuple[int, bytes]] = []
        self.pending_size = 0
        self.skip = 0
        self.quiet = False
        self.closed = False
        self.shunted = False
        self.fin: int | None = None
        self.since = 0.0
        self.strays = 0
        self.ignored = 0
        self.mark = mark

    def receive(self, sequence: int, data: bytes, start: int, end: int, fin: bool, seen: Seen) -> None:
        """Take one segment, `data[start:end]`; `data` may be shorter where the capture cut it."""
        if self.next is None:
            self.next = self.start = sequence
        length = end - start
        offset = (sequence - self.next) & _MASK
        if offset or self.shunted:
            place = self._place(offset, sequence, length, data[start : start + 7], seen)
            if place is None:
                return
            offset = place
        if fin:
            self.fin = self.position + offset + length
        if offset < 0:
            start -= offset
            length += offset
            offset = 0
        if self.skip and length > 0 and offset <= self.skip:
            # Nothing of these bytes is wanted, so their order does not matter.
            passed = min(self.skip, offset + length)
            self._advance(passed)
            self.skip -= passed
            self.conn.ignore(self, passed - offset, seen)
            start += passed - offset
            length -= passed - offset
            offset = 0
        if length > 0:
            if offset == 0 and not self.pending:
                self._advance(length)
                chunk = data[start:end]
                if chunk:
                    self.conn.deliver(self, chunk, seen)
                if len(chunk) < length and not self.quiet:
                    self._lose(length - len(chunk), seen)
            elif not self.quiet:
                self._keep(self.position + offset, data[start:end], seen)
        if self.pending:
            self._drain(seen)
        if self.fin is not None and self.position >= self.fin and not self.closed:
            self.conn.end(self, seen)

    def pass_gap(self, seen: Seen) -> None:
        """Stop waiting for what is missing before the first piece that waits."""
        if self.pending:
            self._jump(self.pending[0][0], seen)
            self._drain(seen)
            if self.fin is not None and self.position >= self.fin and not self.closed:
                self.conn.end(self, seen)

    def hush(self) -> None:
        """Want nothing more of this direction."""
        self.quiet = True
        self.buffer = b""
        self.skip = 0
        self._forget_pending()

    def _place(self, offset: int, sequence: int, length: int, first: bytes, seen: Seen) -> int | None:
        """How far from the next byte a segment begins; None: it is old, or not to be believed."""
        if self.shunted and self.skip and first == b"HTTP/1.":
            # The kernel's filter dropped more than sequence numbers can tell apart: here the next response begins.
            self.skip = 0
            self.next = sequence
            self._forget_pending()
            self.conn.talk.resume(self)
            return 0
        if offset >= _HALF:
            offset -= _MASK + 1
            return offset if offset + length >= 0 else None
        if offset <= _WINDOW or offset <= self.skip:
            self.strays = 0
            return offset
        # No receiver's window is that wide: a forged segment, unless all that follow lie there too.
        self.strays += 1
        if self.strays < _STRAYS:
            return None
        self.strays = 0
        self._forget_pending()
        self._jump(self.position + offset, seen)
        return None if self.quiet else 0

    def _advance(self, length: int) -> None:
        assert self.next is not None
        self.next = (self.next + length) & _MASK
        self.position += length

    def _jump(self, position: int, seen: Seen) -> None:
        """Pass over what is missing before `position`."""
        missing = position - self.position
        if missing > 0:
            self._advance(missing)
            self._lose(missing, seen)

    def _lose(self, size: int, seen: Seen) -> None:
        if size <= self.skip:
            self.skip -= size
            return
        size -= self.skip
        self.skip = 0
        self.conn.lose(self, size, seen)

    def _forget_pending(self) -> None:
        self.pending = []
        self.pending_size = 0

    def _keep(self, at: int, chunk: bytes, seen: Seen) -> None:
        """Put a piece in its place, without the parts that are there already."""
        while self.pending and self.pending_size + len(chunk) > self.conn.limits.flow:
            self.pass_gap(seen)  # more than we wait for: what is missing was lost
        if self.quiet:
            return
        pending = self.pending
        if not pending:
            self.since = seen.tick
            self.conn.wait(seen.tick, again=False)
        if at < self.position:
            chunk = chunk[self.position - at :]
            at = self.position
        index = bisect_left(pending, (at,))
        if index:
            before, piece = pending[index - 1]
            covered = before + len(piece) - at
            if covered > 0:
                chunk = chunk[covered:]
                at += covered
        while chunk:
            room, covered = len(chunk), 0
            if index < len(pending):
                room, covered = pending[index][0] - at, len(pending[index][1])
            if room > 0:
                pending.insert(index, (at, chunk[:room]))
                self.pending_size += min(room, len(chunk)) + _PIECE
                index += 1
            index += 1
            at += room + covered
            chunk = chunk[room + covered :]

    def _drain(self, seen: Seen) -> None:
        """Deliver the pieces whose turn has come."""
        while self.pending and self.pending[0][0] <= self.position:
            at, piece = self.pending.pop(0)
            self.pending_size -= len(piece) + _PIECE
            self.since = seen.tick
            piece = piece[self.position - at :]
            self._advance(len(piece))
            if self.skip:
                passed = min(self.skip, len(piece))
                self.skip -= passed
                self.conn.ignore(self, passed, seen)
                piece = piece[passed:]
            if piece:
                self.conn.deliver(self, piece, seen)
