"""IMAP (RFC 9051; SASL-IR by RFC 4959, literals without waiting by RFC 7888)."""

from __future__ import annotations

import re
from typing import Final

from wifiguard.decode.dialogue import Said
from wifiguard.decode.sasl import SaslDialogue

_MAX_COMMAND: Final = 1024
_MAX_LITERAL: Final = 16  # ~{12345678901+}
_PREAMBLE: Final = frozenset({b"CAPABILITY", b"STARTTLS", b"ID", b"NOOP", b"LOGOUT"})
# At the end of a line: so many bytes follow, and then the line goes on.
_literal = re.compile(rb"~?\{(\d{1,11})(\+?)\}$").search
_login = re.compile(rb'\s*(?:"(?:[^"\\]|\\.)*"|[^\s"]+)\s+(?:"((?:[^"\\]|\\.)+)"|([^\s"]+))').match


class Imap(SaslDialogue):
    """LOGIN with quoted words, bare words or literals, or AUTHENTICATE and its answers."""

    def __init__(self) -> None:
        self._begun = b""  # a command whose literal comes next, in words
        self._waits = False

    def client(self, line: bytes) -> Said:
        if not self._begun and (said := self._answer(line)) is not None:
            return said
        line = line.rstrip(b"\r")
        literal = _literal(line, max(0, len(line) - _MAX_LITERAL))
        line, cut = self._begun + line, len(self._begun)
        self._begun = b""
        if literal is not None:
            size = int(literal[1])
            self.skip = size
            self._waits = not literal[2]
            # The words themselves are not needed: that there is one is.
            self._begun = (line[: cut + literal.start()] + (b"x" if size else b'""'))[:_MAX_COMMAND]
            return Said.NOTHING
        _tag, _, command = line.partition(b" ")
        verb, _, argument = command.strip().partition(b" ")
        verb = verb.upper()
        if verb == b"LOGIN" and _login(argument) is not None:
            return Said.PASSWORD
        if verb == b"AUTHENTICATE":
            return self._begin(argument)
        if not line.strip():
            return Said.NOTHING
        return Said.PREAMBLE if verb in _PREAMBLE else Said.CONTENT

    def server(self, line: bytes) -> bool:
        tag, _, answer = line.partition(b" ")
        if tag in (b"*", b"+") or answer[:2].upper() not in (b"NO", b"BA"):
            return False
        self._exchange = None
        refused = self._waits and self._begun.split(b" ", 1)[0] == tag
        if refused:
            self._begun = b""
        return refused
