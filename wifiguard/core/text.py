"""Text that came from the network, made fit for a person's eyes."""

from __future__ import annotations

import unicodedata

# Categories that a terminal or a notification would obey instead of show: control, format (the bidirectional
# overrides live here), surrogate, private use, unassigned, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
WIDTH = 64


def N_(message: str) -> str:  # noqa: N802 - the field's own name (gettext)
    """Mark `message` for translation; it is translated where it is shown."""
    return message


def visible(raw: bytes | str, limit: int = WIDTH) -> str:
    r"""`raw` with every invisible or undecodable character spelled out, at most `limit` characters.

    Bytes that are not UTF-8 become \xNN; control, format and bidirectional characters \uNNNN; a backslash doubles, so
    that nobody can fake an escape. Longer text ends in an ellipsis.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw[: limit + 1]
    out: list[str] = []
    width = marks = 0
    for char in text:
        # Scripts such as Devanagari need a mark or two on a letter; a stack of them climbs over the lines around it.
        marks = marks + 1 if unicodedata.combining(char) else 0
        shown = _shown(char) if marks <= 2 else _escaped(char)
        width += len(shown)
        if width > limit:
            out.append("…")
            break
        out.append(shown)
    return "".join(out)


def _shown(char: str) -> str:
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return "\\\\" if char == "\\" else char
    if 0xDC80 <= code <= 0xDCFF:  # a byte that surrogateescape carried
        return f"\\x{code - 0xDC00:02x}"
    if code == 0xA0 or unicodedata.category(char) in _INVISIBLE:
        return _escaped(char)
    return char


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
