"""XMPP (RFC 6120; TLS, 5; SASL, 6; XEP-0388 and the older XEP-0078), tag by tag: enough to see a password, no XML is built."""

from __future__ import annotations

import re
from typing import Final

from wifiguard.decode.dialogue import Said
from wifiguard.decode.sasl import carries_secret

# Elements that only open the stream, ask for its features, or for TLS.
_preamble = re.compile(rb"\s*<(?:\?xml|/?stream:stream|starttls)\b").match
_mechanism = re.compile(rb"\s*<(?:auth|authenticate)\s[^>]*mechanism\s*=\s*[\"']([A-Z0-9_-]{1,32})[\"']").match
_answer = re.compile(rb"\s*<(?:auth|initial-response|response)(?:\s[^>]*)?(?<!/)>$").match
_legacy = re.compile(rb"\s*<password\b[^>]*>$").match
_stream = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<stream:stream\s").match
_OPENINGS: Final = (b"<?xml", b"<stream:stream ")
_MAX_BEGIN: Final = 512
MAX_TAG: Final = 4096


def begins(data: bytes) -> bool | None:
    """Whether a direction begins a stream; None: too short to tell."""
    if _stream(data[:_MAX_BEGIN]) is not None:
        return True
    if len(data) >= _MAX_BEGIN:
        return False
    begun = data.lstrip()
    return None if any(opening.startswith(begun[: len(opening)]) for opening in _OPENINGS) else False


class Xmpp:
    """A client's tags, each with the text before it."""

    def __init__(self) -> None:
        self._mechanism = b""
        self._opened = b""  # the tag that the text follows

    def tag(self, piece: bytes) -> Said:
        """Take text and the tag that ends it (`...<name ...>`)."""
        text, _, tag = piece.rpartition(b"<")
        opened, self._opened = self._opened, b"<" + tag
        text = text.strip()
        if text and _legacy(opened) is not None:
            return Said.PASSWORD
        if text and _answer(opened) is not None and carries_secret(self._mechanism, text):
            return Said.PASSWORD
        if (found := _mechanism(self._opened)) is not None:
            self._mechanism = found[1]
        return Said.PREAMBLE if _preamble(self._opened) is not None else Said.CONTENT
