"""What a person pastes, taken apart as a browser would: a link, a bare host name, a mail address, with whatever clings to it.

https://url.spec.whatwg.org/ (basic URL parser, host parser, IPv4 parser), as far as it decides which host is reached.
"""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

MOST_CHARS: Final = 8192  # of a longer text, the beginning is read
LONG: Final = 400  # characters from which a link is too long for a person to read
MOST_TARGETS: Final = 8
MOST_DECODINGS: Final = 3  # times that a hidden link may be percent-encoded

_SPECIAL: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_TURNING: Final = "\u202d\u202e"  # left-to-right and right-to-left override
_PROGRAMS: Final = frozenset({"javascript", "vbscript", "data", "blob", "file"})
_CLINGING: Final = "<>()[]{}\"'`“”‘’„«»‹›|*_ \t\r\n"
_PUNCTUATION: Final = ".,;:!?…"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?![0-9]{1,5}(?:[/?#]|$))", re.IGNORECASE | re.ASCII)
# How people write links so that nobody follows them by mistake, or to see what they hold.
_DEFANGED: Final = (
    (re.compile(r"^(?:view-source:)+", re.IGNORECASE), ""),
    (re.compile(r"^h(?:xx|XX|\*\*|tt)p(s?)(?=\W)", re.IGNORECASE), r"http\1"),
    (re.compile(r"\[(?::|://)\]"), ":"),
    (re.compile(r"\[[./]\]|\([.]\)|\{[.]\}|\[dot\]|\(dot\)|\{dot\}|\s+dot\s+", re.IGNORECASE), "."),
    (re.compile(r"\[at\]|\(at\)|\[@\]", re.IGNORECASE), "@"),
)
_EMBEDDED = re.compile(r"(?<=[=/?&#_;])(?=((?:https?:)?//[^\s&#]+))", re.IGNORECASE)
_EMBEDDED_NAME = re.compile(r"/amp/(?:s/)?([^\s&#]+)", re.IGNORECASE)
_ENCODED_WHOLE = re.compile(r"[a-z]{3,6}%(?:25)*3a", re.IGNORECASE)
# In a text: where a link begins behind other letters, and where what is no part of it begins.
_BEGINS = re.compile(r"(?<=[^a-z0-9+.-])(?:https?|ftp)://", re.IGNORECASE)
_BEHIND = re.compile(r"[，、；：！？（）【】《》「」『』“”‘’]|(?<=[a-z0-9/])。(?=[^a-z0-9]|$)", re.IGNORECASE)
_ENCODED = re.compile(r"(?:%[0-9a-fA-F]{2})+", re.ASCII)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)


class Link(Struct, frozen=True):
    """One link. `scheme`: in lower case, None where none is written. `host`: undecoded names as typed, None where there is none.

    `address`: what the host is, where it is an address in any notation; `odd`: that notation hides it (hexadecimal, one number).
    `user`: what stands before the @. `targets`: links inside this one. `hidden`: invisible characters were in it; `turned`: some
    of them turn the direction of reading. `mail`: what stands before the @ of a mail address. `shown`: the host that the text
    names, which need not be this one.
    """

    scheme: str | None
    host: str | None
    address: IPv4Address | IPv6Address | None = None
    odd: bool = False
    user: str | None = None
    port: int | None = None
    targets: tuple[str, ...] = ()
    hidden: bool = False
    long: bool = False
    mail: str | None = None
    turned: bool = False
    shown: str | None = None

    @property
    def runs(self) -> bool:
        """Whether it opens no site but a program, a page written into the link itself, or a file."""
        return self.scheme in _PROGRAMS


def parse_link(text: str) -> Link:
    """The link in a text. Never raises; what cannot be one has neither host nor scheme."""
    text = text[:MOST_CHARS].strip("\ufeff \t\r\n")
    hidden = any(unicodedata.category(char) in ("Cf", "Cc") for char in text)
    link = _parsed(_tidied(text), hidden)
    return replace(link, turned=True) if hidden and any(char in text for char in _TURNING) else link


def _parsed(text: str, hidden: bool) -> Link:
    scheme = None
    if text[:1] == "/" and text[:2] == "//":
        text = text[2:]
    elif (match := _SCHEME.match(text)) is not None and "." not in match[1]:
        scheme, text = match[1].lower(), text[match.end() :]
        if scheme in _PROGRAMS:
            return Link(scheme, None, hidden=hidden, targets=_targets(text), long=len(text) > LONG)
        if scheme == "mailto":
            local, _, server = text.partition("?")[0].rpartition("@")
            return Link(scheme, _host(server), hidden=hidden, mail=local)
        if scheme in _SPECIAL:
            text = text.replace("\\", "/")
        text = text.lstrip("/")
    elif "\\" in text:
        text = text.replace("\\", "/")
    authority = re.split(r"[/?#]", text, maxsplit=1)[0]
    rest = text[len(authority) :]
    user, at, server = authority.rpartition("@")
    name, port = _port(server)
    host = _host(name)
    if host is None:
        return Link(scheme, None, hidden=hidden)
    mail = bool(at) and scheme is None and not rest and ":" not in user
    address, odd = _address(host)
    if "." not in host and scheme is not None and scheme not in _SPECIAL:  # a telephone, or a program's own link
        return Link(None, None, hidden=hidden, targets=_targets(rest))
    if scheme is None and _no_link(host, address, rest):
        return Link(None, None, hidden=hidden)
    return Link(
        scheme,
        host,
        address,
        odd,
        _unquoted(user) if at and not mail else None,
        port if port != _SPECIAL.get(scheme or "") else None,
        _targets(rest),
        hidden,
        len(text) > LONG,
        user if mail else None,
    )


def _tidied(text: str) -> str:
    # Browsers take control characters out, and what is invisible is no part of what the person meant to paste.
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char in "\t\n ")
    text = text.strip(_CLINGING).rstrip(_PUNCTUATION).strip(_CLINGING)
    for pattern, true in _DEFANGED:
        text = pattern.sub(true, text)
    for _ in range(MOST_DECODINGS):
        if not _ENCODED_WHOLE.match(text):
            break
        text = _unquoted(text)
    begins = _BEGINS.search(text)
    if begins is not None and "://" not in text[: begins.start()] and text[begins.start() - 1] not in "=/?&#@":
        text = text[begins.start() :]
    behind = _BEHIND.search(text)
    if behind is not None and behind.start():
        text = text[: behind.start()].strip(_CLINGING)
    words = text.split()
    if len(words) > 1:  # a sentence around a link
        return next((word for word in words if "://" in word or "." in word[1:-1]), words[0]).strip(_CLINGING)
    return words[0] if words else ""


def _port(server: str) -> tuple[str, int | None]:
    name, colon, port = server.rpartition(":")
    if not colon or server.endswith("]"):
        return server, None
    if port.isascii() and port.isdigit() and len(port) <= 5:
        # Browsers refuse what is no port.
        return (name, int(port)) if int(port) < 65536 else (server, None)
    return (server, None) if ":" in name else (name, None)


def _host(name: str) -> str | None:
    """The host as it will be looked up: percent-decoded, full-width forms and other dots made plain, no final dots."""
    for _ in range(MOST_DECODINGS):
        if "%" not in name:
            break
        name = _unquoted(name)
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).replace("。", ".")
    name = name.rstrip(".").strip()
    return name if name and not any(char in name for char in " /\\@") else None


def _address(host: str) -> tuple[IPv4Address | IPv6Address | None, bool]:
    """The address that a host is, and whether its notation hides that."""
    if host.startswith("[") and host.endswith("]"):
        try:
            return ip_address(host[1:-1].partition("%")[0]), False
        except ValueError:
            return None, False
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) and len(part) <= 16 for part in parts):
        return None, False
    numbers = [_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(parts)):
        return None, False
    value = numbers[-1] + sum(number << (24 - 8 * at) for at, number in enumerate(numbers[:-1]))
    address = IPv4Address(value)
    return address, host != str(address)


def _no_link(host: str, address: IPv4Address | IPv6Address | None, rest: str) -> bool:
    """Whether what no scheme calls a link is a word, a number, a date or a price."""
    if "." not in host:
        return address is None or len(host) < 8
    return address is not None and not rest and host.count(".") < 3 and "x" not in host.lower()


def _number(part: str) -> int:
    """A part of an IPv4 address: hexadecimal after 0x, octal after 0, else decimal."""
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part[0] == "0" and all(digit in "01234567" for digit in part):
        return int(part, 8)
    return int(part)


def _unquoted(text: str) -> str:
    """Percent-encoded bytes as the UTF-8 text that they are; what is none becomes U+FFFD."""
    if "%" not in text:
        return text
    return _ENCODED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


def _targets(rest: str) -> tuple[str, ...]:
    """Links inside the path and query of a link: where a redirector would lead."""
    found: list[str] = []
    for _ in range(MOST_DECODINGS):
        inner = [*_EMBEDDED.findall(rest), *_EMBEDDED_NAME.findall(rest)]
        found += [target for target in inner if target not in found]
        if "%" not in rest or len(found) >= MOST_TARGETS:
            break
        rest = _unquoted(rest)
    return tuple(found[:MOST_TARGETS])
