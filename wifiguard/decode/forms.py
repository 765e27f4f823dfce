"""Bodies that carry fields: whether one whose name says password has a value. Names and values never leave here."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

# A login form takes a few hundred bytes; what comes after this is an upload.
MAX_BODY = 16384
_MAX_FIELDS = 1024
_MAX_NAME = 128


class Kind(Enum):
    """How the body writes its fields. GUESSED: no type was announced."""

    URLENCODED = "urlencoded"
    MULTIPART = "multipart"
    TEXT = "text"
    JSON = "json"
    GUESSED = "guessed"


class Form(NamedTuple):
    """A body's kind. `announced`: the type is one that HTML forms use (HTML, 4.10.21.3)."""

    kind: Kind
    announced: bool


URLENCODED = Kind.URLENCODED
_FORMS = {
    b"application/x-www-form-urlencoded": Form(Kind.URLENCODED, True),
    b"multipart/form-data": Form(Kind.MULTIPART, True),
    b"text/plain": Form(Kind.TEXT, True),
    b"application/json": Form(Kind.JSON, False),
    b"": Form(Kind.GUESSED, False),
}

# Words that name a password wherever they stand in a field's name, in the languages that forms are written in.
_long = re.compile(
    "password|passwd|passwort|passphrase|passcode|kennwort|contrasena|contraseña|motdepasse|wachtwoord|lozinka|losenord"
    "|lösenord|salasana|adgangskode|geslo|heslo|jelszo|jelszó|hasło|parola|пароль|парола|şifre|гасло|密码|密碼|口令"
    "|パスワード|비밀번호|รหัสผ่าน|mậtkhẩu|matkhau|katasandi|पासवर्ड|סיסמה|كلمةالمرور|كلمةالسر|κωδικός"
).search
# And those that must be a word of the name by themselves: "pass" is a password, "passenger" is not.
_short = re.compile(
    "pass|pwd|pswd|psw|pw|passw|passwrd|userpass|userpwd|loginpass|loginpwd|senha|clave|mdp|haslo|sifre|sandi|mima|parol"
    "|pin|pincode|otp|tan|geheim",
    re.IGNORECASE,
).fullmatch
# Words of a name: by punctuation and digits, and by a capital in the middle.
_words = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+").findall
_urlencoded = re.compile(rb"[\w.%+*\[\]$:-]{1,128}=[^\s<>\"{}]*").match
_json_field = re.compile(rb'"([^"\\]{1,128})"\s{0,8}:\s{0,8}(?:"[^"]|\d)').finditer
_percent = re.compile(rb"%([0-9A-Fa-f]{2})").sub
_part_name = re.compile(rb"(?i)\bname=(?:\"([^\"]*)\"|([^;\s]*))").search


def of_type(content_type: bytes) -> Form | None:
    """The form that a Content-Type announces; None: a type that carries no fields."""
    media = content_type.partition(b";")[0].strip().lower()
    found = _FORMS.get(media)
    return Form(Kind.JSON, False) if found is None and media.endswith(b"+json") else found


def is_form(body: bytes, form: Form) -> bool:
    """Whether the body is a form's: announced as one, or written as one."""
    return form.announced or (form.kind is Kind.GUESSED and _urlencoded(body) is not None)


def has_password(body: bytes, kind: Kind) -> bool:
    """Whether a field that is named like a password has a value in `body` (or in the part of it that is known)."""
    if kind is Kind.MULTIPART:
        return _multipart(body)
    if kind is Kind.JSON or (kind is Kind.GUESSED and body[:1] in (b"{", b"[")):
        return any(says_password(found[1]) for found in _json_field(body))
    separator = b"\n" if kind is Kind.TEXT and b"\n" in body else b"&"
    for field in body.split(separator, _MAX_FIELDS)[:_MAX_FIELDS]:
        name, _, value = field.partition(b"=")
        if value.strip() and len(name) <= _MAX_NAME * 3 and says_password(_unquoted(name)):
            return True
    return False


def says_password(name: bytes) -> bool:
    """Whether a field's name says that its value is a password."""
    text = name[:_MAX_NAME].decode("utf-8", "replace")
    if _long(text.lower().replace("_", "").replace("-", "").replace(" ", "")):
        return True
    return any(map(_short, _words(text)))


def _unquoted(name: bytes) -> bytes:
    name = name.replace(b"+", b" ")
    return _percent(lambda found: bytes([int(found[1], 16)]), name) if b"%" in name else name


def _multipart(body: bytes) -> bool:
    """RFC 7578: parts behind a boundary line, each with header lines, an empty line, and the value."""
    boundary = body.partition(b"\n")[0].strip()
    if not boundary.startswith(b"--"):
        return False
    for part in body.split(boundary, _MAX_FIELDS)[1 : _MAX_FIELDS + 1]:
        head, _, value = part.replace(b"\r\n", b"\n").partition(b"\n\n")
        found = _part_name(head)
        if found is not None and value.strip() and says_password(found[1] or found[2] or b""):
            return True
    return False
