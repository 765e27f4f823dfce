"""SASL mechanisms that send the password itself: PLAIN (RFC 4616), LOGIN; OAUTHBEARER (RFC 7628) and XOAUTH2 send a token."""

from __future__ import annotations

import binascii
import re
from typing import Final

from wifiguard.decode.dialogue import Dialogue, Said

# Mechanism → how many answers of the client it takes, of which the last holds the secret.
_IN_CLEAR: Final = {b"PLAIN": 1, b"LOGIN": 2, b"XOAUTH2": 1, b"OAUTHBEARER": 1}
# Commands that a client gives when the server refused: in the alphabet of base64, but no answers.
_COMMANDS: Final = frozenset({b"QUIT", b"RSET", b"NOOP", b"STLS", b"CAPA", b"HELP", b"DATA", b"STARTTLS"})
_base64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}").fullmatch
_bearer = re.compile(rb"(?i)auth=bearer\s+\S").search


class Exchange:
    """The client's answers to a command that names a mechanism. `over`: what it says next is no answer."""

    __slots__ = ("_left", "_mechanism", "over")

    def __init__(self, mechanism: bytes) -> None:
        self._mechanism = mechanism.upper().strip(b'"')
        self._left = _IN_CLEAR.get(self._mechanism, 0)
        self.over = not self._left

    def answer(self, response: bytes) -> bool:
        """Take an answer, as base64; whether a password crossed. One that is none ends the exchange."""
        if response.upper() in _COMMANDS or (response != b"=" and _base64(response) is None):
            self.over = True
            return False
        self._left -= 1
        self.over = self._left <= 0
        return self.over and carries_secret(self._mechanism, response)


class SaslDialogue(Dialogue):
    """A protocol whose clients authenticate with a command, and with answers on lines of their own."""

    _exchange: Exchange | None = None

    def _begin(self, argument: bytes) -> Said:
        """The command's argument: a mechanism and perhaps the first answer (RFC 4954, 4; RFC 4959)."""
        mechanism, _, initial = argument.strip().partition(b" ")
        if not mechanism:
            return Said.PREAMBLE  # it asks for the list
        exchange = Exchange(mechanism)
        password = bool(initial) and not exchange.over and exchange.answer(initial.strip())
        self._exchange = None if exchange.over else exchange
        return Said.PASSWORD if password else Said.CONTENT

    def _answer(self, line: bytes) -> Said | None:
        """What a line gives away as an answer; None: it is a command."""
        exchange = self._exchange
        if exchange is None:
            return None
        password = exchange.answer(line.strip())
        if not exchange.over:
            return Said.CONTENT
        self._exchange = None
        return Said.PASSWORD if password else None


def carries_secret(mechanism: bytes, response: bytes) -> bool:
    """Whether the last answer of a mechanism, as base64, holds a password or token."""
    try:
        clear = binascii.a2b_base64(response.rstrip(b"=") + b"==")
    except binascii.Error:
        return False
    if mechanism == b"PLAIN":  # whom to act as, NUL, who, NUL, password
        return len(parts := clear.split(b"\0")) >= 3 and bool(parts[2])
    if mechanism == b"LOGIN":
        return bool(clear)
    return mechanism in _IN_CLEAR and _bearer(clear) is not None
