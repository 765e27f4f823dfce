"""HTTP/1 heads (RFC 9112): what a request or response is about and how its body is framed. Values of secrets never leave here."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from wifiguard.decode import forms
from wifiguard.decode.bad import Bad, Reason

# Heads longer than this are no browser's; servers refuse them at 8 to 32 KiB.
MAX_HEAD = 32768
_MAX_FIELDS = 512
MAX_QUERY = forms.MAX_BODY
_MAX_LENGTH = 1 << 60
_SLASH = ord("/")

_METHODS = (
    b"GET POST PUT HEAD DELETE OPTIONS CONNECT TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT"
    b" SUBSCRIBE UNSUBSCRIBE NOTIFY M-SEARCH M-POST MERGE PURGE VIEW BPROPFIND CCM_POST BITS_POST RPC_IN_DATA RPC_OUT_DATA"
).split()
_starts = re.compile(rb"(?:" + b"|".join(re.escape(m) for m in _METHODS) + rb") ").match
# A request line of a method that we do not know still says HTTP at its end.
_request_line = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40})[ \t]+(\S(?:[^\r\n]*\S)?)[ \t]+HTTP/1\.\d[ \t]*\r?$"
).match
_status_line = re.compile(rb"(?:HTTP/1\.\d|ICY)[ \t]+(\d{3})(?!\d)").match
_head_end = re.compile(rb"\n\r?\n").search
_first_line = re.compile(rb"[^\n]*").match
_fold = re.compile(rb"\r?\n[ \t]+")
_absolute = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)").match
# A password in the target itself, as in http://name:password@host/ (RFC 3986, 3.2.1 calls it deprecated).
_in_target = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@:]*:[^/?#@]+@").match
_scheme = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*):").match
_authority = re.compile(rb"(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::\d*)?").fullmatch
_chunk_line = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\n]*)?\r\n").match
_host_letters = re.compile(rb"[^\x00-\x20\x7f]{1,255}").fullmatch
_digits = re.compile(rb"\d{1,20}").fullmatch
# RFC 7617: the name and the password, in base 64. Other schemes prove the password without telling it, or carry none.
_basic = re.compile(rb"(?i)basic[ \t]+([0-9A-Za-z+/_=-]{1,4096})").match
_pages = re.compile(rb"(?i)\s*(?:text/html|application/xhtml)").match

# Fields whose values decide something; the others are passed over.
_FIELDS = (
    b"host content-length transfer-encoding content-type cookie authorization proxy-authorization location"
    b" content-encoding x-auth-token x-api-key"
).split()
_field_lines = re.compile(rb"(?i)\n(" + b"|".join(_FIELDS) + rb")[ \t]*:([^\n]*)").findall
_CREDENTIALS = (b"authorization", b"x-auth-token", b"x-api-key")


# Some clients use the other alphabet of RFC 4648 (5).
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class Body(NamedTuple):
    """How a body is framed: `length` bytes, `chunked`, or (both None and False) up to the end of the connection."""

    length: int | None
    chunked: bool = False


NO_BODY = Body(0)


class RequestHead(NamedTuple):
    """`said`: what the query's fields say. `authorization`: for the server; `basic` and `proxy_basic`: with a password in clear.

    `form`: forms.Form where the body may hold fields, None where it holds none that we read.
    """

    method: str
    host: str | None
    said: forms.Said
    cookie: bool
    authorization: bool
    basic: bool
    proxy_basic: bool
    body: Body
    form: forms.Form | None


class ResponseHead(NamedTuple):
    """`location`: (scheme, host) of a redirect; both None in a relative one. `framing`: of a body, if there is one at all.

    `page`: the body is HTML, or of a type that is not said.
    """

    status: int
    location: tuple[str | None, str | None] | None
    framing: Body
    page: bool


def is_request(data: bytes) -> bool | None:
    """Whether a direction that begins so speaks HTTP requests. None: too short to tell."""
    line = _first_line(data).group()  # type: ignore[union-attr]
    if len(line) < len(data):
        return _request_line(line) is not None
    if len(line) > MAX_HEAD:
        return False
    if _starts(data):
        return None
    head = line.split(b" ", 1)[0]
    if len(head) == len(line):
        return None if any(m.startswith(head) for m in _METHODS) else False
    return False


def is_response(data: bytes) -> bool | None:
    """Whether a direction that begins so speaks HTTP responses. None: too short to tell."""
    if len(data) < 12:
        return None if b"HTTP/1."[: len(data)] == data[:7] else False
    return _status_line(data) is not None


def opens(data: bytes) -> bool:
    """Whether a segment in the middle of a flow begins a request or a response."""
    if data[:7] == b"HTTP/1.":
        return is_response(data) is not False
    return bool(_starts(data) and is_request(data) is not False)


def head_end(data: bytes, at: int = 0) -> int:
    """Offset behind the empty line that ends a head (bare LF accepted: RFC 9112, 2.2); -1 where it has not come."""
    found = _head_end(data, at)
    return -1 if found is None else found.end()


def request_head(head: bytes) -> RequestHead:
    """Read a request's head, whole or as far as it came. Raises Bad."""
    line, fields = _read(head)
    first = _request_line(line)
    if first is None:
        raise Bad("http", Reason.LINE)
    method = first[1].decode("ascii")
    target = first[2]
    # Proxies are given an absolute form, everybody else a path (RFC 9112, 3.2).
    absolute = _absolute(target) if target[0] != _SLASH else None
    kind = fields.get(b"content-type", b"")
    body = _framing(fields)
    if body is None:
        body = NO_BODY  # RFC 9112, 6.3: a request without a length has no body
    query = target.partition(b"?")[2]
    return RequestHead(
        method,
        _host(method, target, absolute, fields.get(b"host")),
        forms.read(query[:MAX_QUERY], forms.Kind.QUERY) if query else forms.NOTHING,
        bool(fields.get(b"cookie")),
        any(map(fields.get, _CREDENTIALS)),
        _tells_password(fields.get(b"authorization")) or (absolute is not None and _in_target(target) is not None),
        _tells_password(fields.get(b"proxy-authorization")),
        body,
        None if body == NO_BODY or b"content-encoding" in fields else forms.of_type(kind),
    )


def response_head(head: bytes) -> ResponseHead:
    """Read a response's head. Raises Bad."""
    line, fields = _read(head)
    first = _status_line(line)
    if first is None:
        raise Bad("http", Reason.LINE)
    status = int(first[1])
    framing = _framing(fields)
    location = None
    if 300 <= status < 400 and (target := fields.get(b"location")):
        location = _location(target)
    kind = fields.get(b"content-type")
    page = kind is None or _pages(kind) is not None
    return ResponseHead(status, location, framing if framing is not None else Body(None), page)


def chunk_size(line: bytes) -> int:
    """The size that a chunk's first line says (RFC 9112, 7.1), extensions ignored. Raises Bad."""
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) <= 15:
        raise Bad("http", Reason.CHUNK)
    try:
        size = int(digits, 16)
    except ValueError:
        raise Bad("http", Reason.CHUNK) from None
    if size < 0:
        raise Bad("http", Reason.CHUNK)
    return size


def whole_chunks(data: bytes, at: int) -> tuple[list[bytes], int]:
    """What the chunks hold that lie in `data` from `at` on, each with its end, and the offset behind them.

    Thousands of small ones in a segment would cost milliseconds line by line. The last one and odd ones are left to `chunk_size`.
    """
    pieces = []
    while (line := _chunk_line(data, at)) is not None:
        start = line.end()
        end = start + int(line[1], 16)
        if end == start or data[end : end + 2] != b"\r\n":
            break
        pieces.append(data[start:end])
        at = end + 2
    return pieces, at


def _read(head: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """First line and the fields that matter; repeated ones joined by commas (RFC 9110, 5.3)."""
    line, _, rest = head.partition(b"\n")
    if b"\n " in rest or b"\n\t" in rest:
        rest = _fold.sub(b" ", rest)  # obs-fold (RFC 9112, 5.2)
    fields: dict[bytes, bytes] = {}
    for name, value in _field_lines(b"\n" + rest)[:_MAX_FIELDS]:
        name, value = name.lower(), value.strip()
        fields[name] = fields[name] + b"," + value if name in fields else value
    return line, fields


def _framing(fields: dict[bytes, bytes]) -> Body | None:
    """RFC 9112, 6.3: Transfer-Encoding overrides Content-Length; lengths that contradict each other are an error."""
    coding = fields.get(b"transfer-encoding")
    if coding is not None and coding.lower().rstrip().endswith(b"chunked"):
        return Body(None, True)
    text = fields.get(b"content-length")
    if text is None or coding is not None:
        return None
    lengths = {part.strip() for part in text.split(b",")}
    if len(lengths) != 1 or not _digits(length := lengths.pop()) or int(length) > _MAX_LENGTH:
        raise Bad("http", Reason.LENGTH)
    return Body(int(length))


def _tells_password(credentials: bytes | None) -> bool:
    if credentials is None or (found := _basic(credentials)) is None:
        return False
    token = found[1].translate(_URL_SAFE).rstrip(b"=")
    try:
        return bool(binascii.a2b_base64(token + b"=" * (-len(token) % 4)).partition(b":")[2])
    except binascii.Error:
        return False


def _host(method: str, target: bytes, absolute: re.Match[bytes] | None, field: bytes | None) -> str | None:
    if absolute is not None:
        return host_name(absolute[1])
    if method == "CONNECT":
        return host_name(target)
    return host_name(field) if field is not None else None


def host_name(authority: bytes) -> str | None:
    """The host of `user@host:port`: lower case, no port, no final dot; None where it is no host that DNS or IP could mean."""
    found = _authority(authority.strip())
    if found is None:
        return None
    host = found[1].lower().rstrip(b".")
    if _host_letters(host) is None:
        return None
    try:
        return host.decode("ascii").strip("[]")
    except UnicodeDecodeError:
        return _international(host)


def _international(host: bytes) -> str | None:
    try:
        return host.decode("utf-8").encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _location(target: bytes) -> tuple[str | None, str | None]:
    scheme = _scheme(target)
    name = scheme[1].decode("ascii").lower() if scheme is not None else None
    rest = target[len(name) + 1 :] if name is not None else target
    # Browsers read backslashes as slashes (WHATWG URL, 4.4).
    if rest[:2].replace(b"\\", b"/") != b"//":
        return (name, None) if name is not None else (None, None)
    return name, host_name(re.split(rb"[/?#\\]", rest[2:], maxsplit=1)[0])
