"""Text that came from the network, made fit for a person's eyes."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator

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


def still_visible(text: str, limit: int = WIDTH) -> str:
    """The same for text that should be visible already, such as a finding's evidence: its backslashes do not double again."""
    shown = "\\".join(visible(part, 10 * limit + 10) for part in text[: limit + 1].split("\\"))
    return shown if len(shown) <= limit + 1 else f"{shown[:limit]}…"


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


# Scripts whose characters fill two cells of a terminal, and whose lines may end between any two of them.
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3"
    "\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
)
# Punctuation that no line begins with, and that no line ends with (Requirements for Chinese Text Layout, 3.1.3).
_CLOSING, _OPENING = "，。；：、！？）》」』】”’…", "（《「『【“‘"
_PIECES = re.compile(
    f" +|[{_OPENING}]*(?:[^ {_WIDE}{_OPENING}{_CLOSING}]+|[{_WIDE}])[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+"
)


def cells(text: str) -> int:
    """How many cells of a terminal `text` fills: two for a Chinese character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int) -> str:
    """`text` with spaces after it, so that it fills at least `width` cells."""
    return text + " " * (width - cells(text))


def folded(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """`text` in lines of at most `width` cells, indented by `first` and `rest`; at least one line."""
    if cells(text) == len(text):
        made = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
        return made or [first]
    lines, now, room, begun = [], first, width - cells(first), False
    for piece in _pieces(" ".join(text.splitlines()), width - cells(rest)):
        size = cells(piece)
        if begun and size > room:
            lines.append(now.rstrip())
            now, room, begun = rest, width - cells(rest), False
        if begun or piece.strip():
            now, room, begun = now + piece, room - size, True
    return [*lines, now.rstrip() if begun else now]


def _pieces(text: str, width: int) -> Iterator[str]:
    """Parts between which a line may end; a word longer than a line is cut."""
    for piece in _PIECES.findall(text):
        while cells(piece) > width > 1:
            cut = width if piece.isascii() else width // 2
            yield piece[:cut]
            piece = piece[cut:]
        yield piece
