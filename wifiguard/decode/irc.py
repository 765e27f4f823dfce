"""IRC (RFC 2812; SASL by the IRCv3 specification), and the services that keep nicknames on most networks."""

from __future__ import annotations

import re
from typing import Final

from wifiguard.decode.dialogue import Dialogue, Said, preamble
from wifiguard.decode.sasl import Exchange

_PREAMBLE: Final = frozenset({b"CAP", b"STARTTLS", b"PING", b"PONG", b"QUIT"})
# PASS password; OPER name password; IDENTIFY, which some servers take themselves.
_password = re.compile(rb"(?i)(?:PASS|OPER\s+\S+|N?IDENTIFY)\s+(?::\S|[^\s:])").match
# To a service: a message, or the short form of it that servers offer.
_to_service = re.compile(
    rb"(?i)(?:PRIVMSG\s+(?:NickServ|NS|ChanServ|UserServ|AuthServ|Q|X)(?:@\S+)?|NICKSERV|NS|CHANSERV|CS|AUTHSERV|AS)\s+:?"
    rb"(?:IDENTIFY|SIDENTIFY|ID|AUTH|LOGIN|GHOST\s+\S+|RECOVER\s+\S+|REGISTER|SET\s+PASSWORD)\s+\S"
).match


class Irc(Dialogue):
    """PASS, OPER, a service's IDENTIFY, or AUTHENTICATE."""

    def __init__(self) -> None:
        self._exchange: Exchange | None = None

    def client(self, line: bytes) -> Said:
        line = line.strip()
        if line[:1] in (b"@", b":"):  # tags (IRCv3), or a prefix that clients need not send
            line = line.partition(b" ")[2]
        if _password(line) is not None or _to_service(line) is not None:
            return Said.PASSWORD
        verb, _, argument = line.partition(b" ")
        if verb.upper() == b"AUTHENTICATE":
            return self._authenticate(argument.strip().lstrip(b":"))
        return preamble(line, _PREAMBLE)

    def _authenticate(self, argument: bytes) -> Said:
        exchange = self._exchange
        if exchange is None or exchange.over:
            self._exchange = Exchange(argument)
            return Said.CONTENT
        return Said.PASSWORD if exchange.answer(argument) else Said.CONTENT
