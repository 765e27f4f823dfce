"""Terminals: Telnet's commands (RFC 854, 855, 857) taken out, and passwords told by how they are asked for and typed."""

from __future__ import annotations

import re
from typing import Final

from wifiguard.decode.dialogue import Said
from wifiguard.decode.meanings import MAYBE_PASSWORD, PASSWORD, meanings

_IAC, _SB, _WILL, _WONT, _DONT = 0xFF, 0xFA, 0xFB, 0xFC, 0xFE
_ECHO = 1
# A command that is longer is none.
_MAX_COMMAND: Final = 1024
_MAX_LINE: Final = 256
# Words and line ends of one segment: more than anybody types.
_MOST_PIECES: Final = 4096
# A login is among the first things typed; later a full-screen program may keep silent for other reasons.
_LOGIN_LINES: Final = 4
_MAX_HEARD: Final = 1024
# Shorter words are answers to menus.
_SHORTEST: Final = 4
_escape = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0e-\x1f\x7f]").sub
_name = re.compile(
    rb"(?i)(?:log ?in|user(?: ?name)?|account|usuario|usu.{1,2}rio|benutzer|utilisateur|utente|"
    + "|".join(("пользователь", "логин", "用户名", "用戶名", "ユーザー名")).encode()
    + rb")[^\r\n]{0,16}(?:[:?]|\xef\xbc\x9a)\s*$"
).search
# What ends a prompt; perhaps a star stands for every character typed.
_open_end = re.compile(rb"(?::|\xef\xbc\x9a)[\s*]*$").search
# What a shell's prompt or a question holds, and a bare word that asks does not.
_more = re.compile(rb"[\\/~@$#%\d]|\s\S+\?").search
_BARE: Final = 24
# The end of a prompt that is looked at.
_ASKING: Final = 120
_line_ends = re.compile(rb"[^\r\n]+|\r|\n").findall


def plain(data: bytes) -> tuple[bytes, bool | None, bytes]:
    """What a side says without its commands; whether it turned its echo on or off; the begin of a command that is not whole."""
    if _IAC not in data:
        return data, None, b""
    said = []
    echo: bool | None = None
    at, size = 0, len(data)
    while (command := data.find(b"\xff", at)) >= 0:
        said.append(data[at:command])
        if command + 1 == size:
            return b"".join(said), echo, data[command:]
        code = data[command + 1]
        at = command + 2
        if code == _IAC:
            said.append(b"\xff")
        elif _WILL <= code <= _DONT:
            if at == size:
                return b"".join(said), echo, data[command:]
            if data[at] == _ECHO and code in (_WILL, _WONT):
                echo = code == _WILL
            at += 1
        elif code == _SB:
            end = data.find(b"\xff\xf0", at)
            if end < 0:
                return b"".join(said), echo, data[command:] if size - command <= _MAX_COMMAND else b""
            at = end + 2
    said.append(data[at:])
    return b"".join(said), echo, b""


def asks_password(prompt: bytes) -> bool:
    """Whether a line that waits at its end asks for a password, in any of the languages of forms."""
    words = _escape(b"", prompt)
    try:
        name = words.decode()
    except UnicodeDecodeError:
        name = words.decode("latin-1")
    if not {PASSWORD, MAYBE_PASSWORD} & meanings(name.encode()[-_ASKING:]):
        return False
    return _open_end(words) is not None or (len(words.strip()) <= _BARE and _more(words) is None)


def asks_name(prompt: bytes) -> bool:
    """Whether a line that waits at its end asks who somebody is."""
    return _name(_escape(b"", prompt)) is not None


class Terminal:
    """Both sides of a terminal's session, whether Telnet's commands stand between the words or not.

    A password is told by its prompt, or in the first lines by this: the server echoes what is typed, but not this line. `login`:
    the server asked who the client is.
    """

    def __init__(self) -> None:
        self.login = False
        self._prompt = b""
        self._typed = b""
        self._heard = b""  # from the server since this line was begun
        self._echoes = False
        self._lines = 0
        self._unjudged = b""  # a line that ended and whose echo may still come

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return len(self._prompt) + len(self._typed) + len(self._heard) + len(self._unjudged)

    def server(self, data: bytes) -> tuple[Said, bytes]:
        """What these bytes show of the client's words; and the rest that is not whole."""
        text, echo, rest = plain(data)
        said = _given(text, data)
        if text:
            self._prompt = (self._prompt + text).rpartition(b"\n")[2][-_MAX_LINE:]
            self._heard = (self._heard + text)[:_MAX_HEARD]
            if self._unjudged and b"\n" in self._heard:
                if self._unjudged not in self._heard.lower():
                    said = Said.PASSWORD
                self._unjudged = b""
        if echo is not None:
            self._echoes = echo
        return said, rest

    def client(self, data: bytes) -> tuple[Said, bytes]:
        """What these bytes give away; and the rest that is not whole."""
        text, _, rest = plain(data)
        said = _given(b"", data)
        for piece in _line_ends(text)[:_MOST_PIECES]:
            if piece in (b"\r", b"\n"):
                if self._entered():
                    said = Said.PASSWORD
            elif word := piece.replace(b"\0", b""):
                if not self._typed:
                    self._heard = self._unjudged = b""
                    self.login = self.login or asks_name(self._prompt) or asks_password(self._prompt)
                self._typed = (self._typed + word)[:_MAX_LINE]
                said = max(said, Said.CONTENT)
        return said, rest

    def _entered(self) -> bool:
        """A line was ended; whether it is known already to be a password."""
        typed, self._typed = self._typed, b""
        if not typed:
            return False
        self._lines += 1
        # What is typed next answers what the server says next.
        prompt, self._prompt = self._prompt, b""
        if prompt and asks_password(prompt):
            return True
        # What was corrected while it was typed is not echoed as it is.
        if self._echoes and len(typed) >= _SHORTEST and self._lines <= _LOGIN_LINES and _escape(b"", typed) == typed:
            self._unjudged = typed.lower()
        return False


def _given(text: bytes, data: bytes) -> Said:
    if text:
        return Said.CONTENT
    return Said.PREAMBLE if _IAC in data else Said.NOTHING
