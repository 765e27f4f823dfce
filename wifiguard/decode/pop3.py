"""POP3 (RFC 1939; AUTH by RFC 5034, TLS by RFC 2595). APOP and challenge mechanisms send no password."""

from __future__ import annotations

from typing import Final

from wifiguard.decode.dialogue import Said, preamble
from wifiguard.decode.sasl import SaslDialogue

_PREAMBLE: Final = frozenset({b"CAPA", b"STLS", b"NOOP", b"QUIT", b"UTF8", b"LANG"})


class Pop3(SaslDialogue):
    """USER and PASS, or AUTH and its answers."""

    def client(self, line: bytes) -> Said:
        if (said := self._answer(line)) is not None:
            return said
        verb, _, argument = line.strip().partition(b" ")
        verb = verb.upper()
        if verb == b"PASS" and argument:
            return Said.PASSWORD
        return self._begin(argument) if verb == b"AUTH" else preamble(line, _PREAMBLE)

    def server(self, line: bytes) -> bool:
        if line[:4] == b"-ERR":
            self._exchange = None
        return False
