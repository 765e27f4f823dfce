"""What the line protocols have in common: a client's lines, and how much each gives away."""

from __future__ import annotations

from enum import IntEnum


class Said(IntEnum):
    """What a client's words give away, worst last."""

    NOTHING = 0
    PREAMBLE = 1  # it found out what the server can do, or asked for TLS
    CONTENT = 2
    PASSWORD = 3  # or what serves as one


class Dialogue:
    """The state of one conversation. Lines come without their ends. It keeps no password.

    `skip`: bytes of the client that follow its last line and are no lines (a literal, a message of announced size).
    """

    skip = 0

    def client(self, line: bytes) -> Said:
        """Take a line of the client."""
        raise NotImplementedError

    def server(self, line: bytes) -> bool:
        """Take a line of the server; whether it tells the client not to send what `skip` announced."""
        return False


def preamble(line: bytes, verbs: frozenset[bytes]) -> Said:
    """What a command gives away that is judged by its verb alone."""
    verb = line.split(None, 1)[:1]
    if not verb:
        return Said.NOTHING
    return Said.PREAMBLE if verb[0].upper() in verbs else Said.CONTENT
