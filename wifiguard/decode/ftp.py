"""FTP's control connection (RFC 959; TLS by RFC 4217)."""

from __future__ import annotations

from typing import Final

from wifiguard.decode.dialogue import Dialogue, Said, preamble

# RFC 1635: the password of these is an address that the server asks for out of politeness.
_ANONYMOUS: Final = frozenset({b"anonymous", b"ftp"})
_PREAMBLE: Final = frozenset({b"AUTH", b"FEAT", b"PBSZ", b"PROT", b"CLNT", b"OPTS", b"HOST", b"SYST", b"NOOP", b"QUIT"})


class Ftp(Dialogue):
    """USER, then PASS, which may also be seen alone."""

    def __init__(self) -> None:
        self._anonymous: bool | None = None  # None: USER was not seen

    def client(self, line: bytes) -> Said:
        verb, _, argument = line.strip().partition(b" ")
        verb = verb.upper()
        if verb == b"USER":
            self._anonymous = argument.strip().lower() in _ANONYMOUS
        elif verb == b"PASS" and argument and not self._anonymous:
            # An address is more likely an anonymous guest's.
            return Said.CONTENT if self._anonymous is None and b"@" in argument else Said.PASSWORD
        return preamble(line, _PREAMBLE)
