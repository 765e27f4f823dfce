"""The links in a text that a person pastes: of a message, in Markdown or HTML, or glued to letters that need no blanks."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from wifiguard.names.links import MOST_CHARS, Link, parse_link
from wifiguard.names.registrable import listed_suffixes

MOST_LINKS: Final = 16  # of a text that are read

_MARKDOWN = re.compile(r"\[([^\[\]]{0,300})\]\(\s*<?([^\s()<>]+)>?[^()]{0,200}\)")
_ANCHOR = re.compile(
    r"""<a\s[^<>]{0,300}?href\s*=\s*["']?(?P<target>[^\s"'<>]+)[^<>]{0,300}>(?P<shown>[^<>]{0,300})""", re.IGNORECASE
)
# Where a link begins behind another, and not inside one.
_BEGINS = re.compile(r"(?<=[\s,;|<>()\[\]{}\"'，、；：。！？（）【】《》])(?=(?:https?|ftp)://)", re.IGNORECASE)
# Only where a run of letters begins, or a long one would be read again from each of its letters.
_NAME = re.compile(
    r"(?<![a-z0-9-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII
)
_FULL_WIDTH = re.compile("[Ａ-Ｚａ-ｚ]{2,6}：／／")
_WIDE: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
_IN_A_LINK: Final = "@/=&?%_.-#+\\"


def parse_links(text: str) -> list[Link]:
    """The links in a text, at most MOST_LINKS, at least one; what cannot be a link has neither host nor scheme."""
    text = text[:MOST_CHARS]
    if _FULL_WIDTH.search(text) is not None:
        text = unicodedata.normalize("NFKC", text)[:MOST_CHARS]
    written, rest = _named(text)
    words = list(dict.fromkeys(word for part in rest.split() for word in _BEGINS.sub(" ", part).split()))
    linked = [word for word in words if "://" in word or "www." in word.lower()]
    bare = dict.fromkeys(link for word in words if word not in linked for link in _names(word))
    # Two words may be a link with a blank in it, or defanged ("example dot com").
    if not written and not bare and len(linked) <= 1:
        return [parse_link(text)]
    return [*written, *map(parse_link, linked), *bare][:MOST_LINKS]


def _named(text: str) -> tuple[list[Link], str]:
    """Links that a text gives another name, and the text without them."""
    found = [
        replace(parse_link(target), shown=_shown(shown))
        for shown, target in [
            *((match[1], match[2]) for match in _MARKDOWN.finditer(text)),
            *((match["shown"], match["target"]) for match in _ANCHOR.finditer(text)),
        ]
    ]
    return found, _ANCHOR.sub(" ", _MARKDOWN.sub(" ", text))


def _shown(text: str) -> str | None:
    """The host that a text claims to lead to."""
    return next((parse_link(word).host for word in text.split() if "." in word[1:-1]), None)


def _names(word: str) -> Iterator[Link]:
    """The links in a word that says nowhere that it is one: names that end in a suffix that exists."""
    whole = parse_link(word)
    if whole.host is not None and (whole.mail or _is_listed(whole.host)):
        yield whole
    for match in _NAME.finditer(word):
        before, behind = word[: match.start()][-1:], word[match.end() :][:1]
        if match[0] != word and _divides(before) and (behind == "." or _divides(behind)):
            link = parse_link(match[0])
            if link.host is not None and _is_listed(link.host) and link.host != whole.host:
                yield link


def _divides(char: str) -> bool:
    """Whether a name may begin behind or end before this; what is invisible may stand inside one."""
    if not char or _is_wide(char):
        return True
    return char.isprintable() and not char.isalnum() and char not in _IN_A_LINK


def _is_listed(host: str) -> bool:
    return host.rpartition(".")[2].lower() in listed_suffixes()


def _is_wide(letter: str) -> bool:
    """A letter of a script whose words are written without blanks."""
    return letter != "" and unicodedata.name(letter, "").startswith(_WIDE)
