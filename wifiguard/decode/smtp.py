"""SMTP (RFC 5321; AUTH by RFC 4954, TLS by RFC 3207, BDAT by RFC 3030)."""

from __future__ import annotations

from typing import Final

from wifiguard.decode.dialogue import Said, preamble
from wifiguard.decode.sasl import SaslDialogue

_PREAMBLE: Final = frozenset({b"EHLO", b"HELO", b"LHLO", b"STARTTLS", b"NOOP", b"RSET", b"QUIT"})
_MAX_CHUNK: Final = 1 << 40


class Smtp(SaslDialogue):
    """AUTH and its answers; what a message says is none of it."""

    _message = False

    def client(self, line: bytes) -> Said:
        if self._message:
            self._message = line.rstrip(b"\r") != b"."
            return Said.CONTENT
        if (said := self._answer(line)) is not None:
            return said
        verb, _, argument = line.strip().partition(b" ")
        verb = verb.upper()
        if verb == b"AUTH":
            return self._begin(argument)
        if verb == b"DATA":
            self._message = True
        elif verb == b"BDAT" and (size := argument.split(b" ", 1)[0]).isdigit() and len(size) < 12:
            self.skip = min(int(size), _MAX_CHUNK)
        return preamble(line, _PREAMBLE)

    def server(self, line: bytes) -> bool:
        code = line[:1]
        if code in b"45":
            # What was announced is refused; with pipelining (RFC 2920) the recipient may be, and DATA granted after all.
            self._exchange = None
            self._message = False
        elif line[:3] == b"354":
            self._message = True
        return False
