"""Bodies and queries that carry fields: whether a password was among them, and which personal data. Never the values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple

from wifiguard.decode import personal, photo
from wifiguard.decode.meanings import ACCOUNT, MAYBE_PASSWORD, PASSWORD, meanings

# A login form takes a few hundred bytes; what comes after this is an upload, of which only a photo's beginning is read.
MAX_BODY = 16384
_MAX_FIELDS = 512
_MAX_NAME = 128
_MAX_KEY = 6 * _MAX_NAME  # as \uXXXX
_MAX_VALUE = 1024
_MAX_DEPTH = 32


class Kind(Enum):
    """How the fields are written. QUERY: in a URL. GUESSED: no type was announced. FILE: no fields; a photo, perhaps."""

    QUERY = "query"
    URLENCODED = "urlencoded"
    MULTIPART = "multipart"
    TEXT = "text"
    JSON = "json"
    XML = "xml"
    GUESSED = "guessed"
    FILE = "file"


class Form(NamedTuple):
    """A body's kind. `announced`: the type is one that HTML forms use (HTML, 4.10.21.3)."""

    kind: Kind
    announced: bool


class Said(NamedTuple):
    """What fields said: a password; categories of personal data."""

    password: bool = False
    personal: frozenset[str] = frozenset()


NOTHING: Final = Said()
_PASSWORD: Final = Said(True)
_PLACE: Final = Said(False, frozenset({personal.LOCATION}))
_FORMS = {
    b"application/x-www-form-urlencoded": Form(Kind.URLENCODED, True),
    b"multipart/form-data": Form(Kind.MULTIPART, True),
    b"text/plain": Form(Kind.TEXT, True),
    b"application/json": Form(Kind.JSON, False),
    b"text/xml": Form(Kind.XML, False),
    b"application/xml": Form(Kind.XML, False),
    b"application/octet-stream": Form(Kind.FILE, False),
    b"image/jpeg": Form(Kind.FILE, False),
    b"image/jpg": Form(Kind.FILE, False),
    b"image/heic": Form(Kind.FILE, False),
    b"image/heif": Form(Kind.FILE, False),
    b"": Form(Kind.GUESSED, False),
}

_urlencoded = re.compile(rb"[\w.%+*\[\]$:-]{1,128}=[^\s<>\"{}]*").match
_percent = re.compile(rb"%([0-9A-Fa-f]{2})").sub
_part_name = re.compile(rb"(?i)\bname=(?:\"([^\"]*)\"|([^;\s]*))").search
_head_end = re.compile(rb"\r?\n\r?\n").search
_element = re.compile(rb"<(?:[\w.-]{1,64}:)?([\w.-]{1,128})(?:\s[^<>]{0,256})?>([^<]{1,1024})").findall
# A string (the closing quote may be cut off), a number, or a mark. Possessive, so that no input makes it go back.
_token = re.compile(rb'"((?:[^"\\]++|\\.)*+)"?|(-?\d[\d.eE+-]*+)|([{}\[\]:,])', re.DOTALL).finditer
# What a value needs to be looked at where its name means nothing: an e-mail address, or the beginning of an IBAN.
_speaks_for_itself = re.compile(rb"[A-Za-z]{2}\d\d[ -]?[0-9A-Za-z]|[^@]{1,64}@[^@]{1,190}\.[^@]").match

_OPENS: Final = (b"{", b"[")
_Field = tuple[bytes, bytes]


def of_type(content_type: bytes) -> Form | None:
    """The form that a Content-Type announces; None: a type that carries no fields."""
    media = content_type.partition(b";")[0].strip().lower()
    if media.endswith(b"+json"):
        return Form(Kind.JSON, False)
    return Form(Kind.XML, False) if media.endswith(b"+xml") else _FORMS.get(media)


def is_form(body: bytes, form: Form) -> bool:
    """Whether the body is a form's: announced as one, or written as one."""
    return form.announced or (form.kind is Kind.GUESSED and _urlencoded(body) is not None)


def enough(body: bytes | bytearray, kind: Kind) -> bool:
    """Whether more of the body would tell no more."""
    if kind is Kind.MULTIPART or (len(body) >= photo.MAGIC and photo.is_photo(bytes(body[: photo.MAGIC]))):
        return len(body) >= photo.MAX_HEAD
    return len(body) >= (photo.MAGIC if kind is Kind.FILE else MAX_BODY)


def read(body: bytes, kind: Kind) -> Said:
    """What the fields in `body` say, or in the part of it that is known."""
    if kind is not Kind.MULTIPART and photo.is_photo(body):
        return _PLACE if photo.has_position(body[: photo.MAX_HEAD]) else NOTHING
    if kind is Kind.FILE:
        return NOTHING
    password = maybe = account = place = False
    told: list[tuple[frozenset[str], str]] = []
    for name, value in islice(_fields(body, kind), _MAX_FIELDS):
        if not value or value.isspace():
            continue
        said = meanings(name[:_MAX_NAME])
        if said:
            if PASSWORD in said:
                password = True
                continue
            maybe = maybe or MAYBE_PASSWORD in said
            account = account or ACCOUNT in said
        elif photo.is_photo(value):
            place = place or photo.has_position(value)
            continue
        elif not _speaks_for_itself(value):
            continue
        told.append((said, _text(value[:_MAX_VALUE])))
    # In URLs such words count other things too, unless they say whose it is: ?user=ann&pass=… and not ?pass=2.
    password = password or (maybe and (account or kind is not Kind.QUERY))
    if not told and not place:
        return _PASSWORD if password else NOTHING
    return Said(password, personal.categories(told) | (_PLACE.personal if place else frozenset()))


def _fields(body: bytes, kind: Kind) -> Iterator[_Field]:
    """Names and values in the order of the body; the name is empty where the writer gave none."""
    if kind is Kind.GUESSED and body[:2] == b"--":
        kind = Kind.MULTIPART
    if kind is Kind.MULTIPART:
        yield from _multipart(body)
    elif kind is Kind.JSON or (kind in (Kind.GUESSED, Kind.TEXT) and body[:1] in _OPENS):
        yield from _json(body)
    elif kind is Kind.XML or (kind in (Kind.GUESSED, Kind.TEXT) and body[:1] == b"<"):
        yield from _element(body)
    else:
        lines = kind is Kind.TEXT and b"\n" in body
        for field in body.split(b"\n" if lines else b"&", _MAX_FIELDS)[:_MAX_FIELDS]:
            name, _, value = field.partition(b"=")
            if b"%" in field or b"+" in field:
                name, value = _unquoted(name), _unquoted(value)
            if value[:1] in _OPENS:
                yield from _inner(name, value)
            else:
                yield name, value


def _inner(name: bytes, value: bytes) -> Iterator[_Field]:
    """The field; or those of the JSON that is its value."""
    if value[:1] in _OPENS and b'"' in value:
        yield from _json(value)
    else:
        yield name, value


def _unquoted(text: bytes) -> bytes:
    text = text.replace(b"+", b" ")
    return _percent(lambda found: bytes([int(found[1], 16)]), text) if b"%" in text else text


def _multipart(body: bytes) -> Iterator[_Field]:
    """RFC 7578: parts behind a boundary line, each with header lines, an empty line, and the value."""
    boundary = body.partition(b"\n")[0].strip()
    if len(boundary) < 3 or not boundary.startswith(b"--"):
        return
    for part in body.split(boundary, _MAX_FIELDS)[1 : _MAX_FIELDS + 1]:
        head = _head_end(part)
        if head is None:
            continue
        name = _part_name(part[: head.start()])
        value = part[head.end() :].removesuffix(b"\n").removesuffix(b"\r")
        yield from _inner((name[1] or name[2] or b"") if name is not None else b"", value)


def _json(body: bytes) -> Iterator[_Field]:
    """RFC 8259, whole or cut: strings and numbers, named by their key and the key that this one is under."""
    names: list[bytes] = [b""]
    key = b""
    expects_value = False
    for token in _token(body):
        string, number, mark = token.groups()
        if mark in (b"{", b"["):
            if len(names) < _MAX_DEPTH:
                names.append(key or names[-1])
            expects_value = mark == b"["
            key = b""
        elif mark in (b"}", b"]"):
            if len(names) > 1:
                names.pop()
            expects_value, key = False, b""
        elif mark == b":":
            expects_value = True
        elif mark == b",":
            # In a list the next is a value too, and its name is the list's.
            expects_value = expects_value and not key
        elif expects_value:
            value = number if string is None else _unescaped(string)
            yield b".".join(filter(None, (names[-1], key))), value
            if key:
                expects_value, key = False, b""
        elif string is not None:
            key = _unescaped(string[:_MAX_KEY])


def _unescaped(string: bytes) -> bytes:
    if b"\\" not in string:
        return string
    try:
        text: str = json.loads(b'"' + string + b'"')
    except ValueError:
        return string
    return text.encode("utf-8", "replace")


def _text(value: bytes) -> str:
    """In the encoding that it is written in: UTF-8, or that of older Chinese forms."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")
