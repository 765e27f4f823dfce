"""What forms say: passwords and categories of personal data, in every way that a body is written."""

from __future__ import annotations

import json
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decode.photos import jpeg, tiff
from wifiguard.decode.forms import MAX_BODY, NOTHING, Form, Kind, Said, enough, is_form, of_type, read
from wifiguard.decode.personal import CATEGORIES

FIELDS = {"user": "ann", "password": "s3cret", "email": "ann@example.com", "card": "4111 1111 1111 1111"}
SAID = Said(True, frozenset({"e-mail", "payment-card"}))


def multipart(fields: dict[str, str], *files: tuple[str, bytes]) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        b'Content-Disposition: form-data; name="%s"; filename="a"\r\nContent-Type: image/jpeg\r\n\r\n%s'
        % (name.encode(), data)
        for name, data in files
    ]
    return b"".join(b"--xYzZy\r\n%s\r\n" % part for part in parts) + b"--xYzZy--\r\n"


def xml(fields: dict[str, str]) -> bytes:
    inner = "".join(f'<ns:{name} type="x">{value}</ns:{name}>\n' for name, value in fields.items())
    return f'<?xml version="1.0"?>\n<a xmlns:ns="urn:x"><b>{inner}</b></a>'.encode()


WRITTEN = [
    (urlencode(FIELDS).encode(), Kind.URLENCODED),
    (urlencode(FIELDS).encode(), Kind.GUESSED),
    (multipart(FIELDS), Kind.MULTIPART),
    (multipart(FIELDS).replace(b"\r\n", b"\n"), Kind.MULTIPART),
    (multipart(FIELDS), Kind.GUESSED),
    (json.dumps(FIELDS).encode(), Kind.JSON),
    (json.dumps({"a": [1, {"b": FIELDS}]}, indent=1).encode(), Kind.JSON),
    (json.dumps(FIELDS).encode(), Kind.GUESSED),
    (urlencode({"payload": json.dumps(FIELDS)}).encode(), Kind.URLENCODED),
    (multipart({"payload": json.dumps(FIELDS)}), Kind.MULTIPART),
    ("".join(f"{name}={value}\r\n" for name, value in FIELDS.items()).encode(), Kind.TEXT),
    (json.dumps(FIELDS).encode(), Kind.TEXT),
    (xml(FIELDS), Kind.XML),
    (xml(FIELDS), Kind.GUESSED),
]


@pytest.mark.parametrize(("body", "kind"), WRITTEN)
def test_however_it_is_written(body: bytes, kind: Kind) -> None:
    assert read(body, kind) == SAID


@pytest.mark.parametrize(("body", "kind"), WRITTEN)
def test_the_known_part_of_a_body_is_read(body: bytes, kind: Kind) -> None:
    # The card stands last: before it, all but the card is known.
    assert read(body[: body.index(b"4111")], kind) == Said(True, frozenset({"e-mail"}))


@pytest.mark.parametrize(
    ("fields", "password"),
    [
        ({"password": "x"}, True),
        ({"password": ""}, False),
        ({"password": " "}, False),
        ({"user[password]": "x"}, True),
        ({"loginPwd": "x"}, True),
        ({"txtPassword1": "x"}, True),
        ({"contraseña": "x"}, True),
        ({"mot_de_passe": "x"}, True),
        ({"密码": "x"}, True),
        ({"पासवर्ड": "x"}, True),
        ({"pass": "x"}, True),
        ({"tfUPass": "x"}, True),
        ({"MD5PASS": "x"}, True),
        ({"md5Pass": "x"}, True),
        ({"passenger": "x"}, False),
        ({"compass": "x"}, False),
        ({"shipping": "x"}, False),
        ({"tank": "x"}, False),
        ({"q": "password"}, False),
    ],
)
def test_passwords_by_their_name(fields: dict[str, str], password: bool) -> None:
    for body, kind in (
        (urlencode(fields).encode(), Kind.URLENCODED),
        (json.dumps(fields).encode(), Kind.JSON),
        (json.dumps(fields, ensure_ascii=False).encode(), Kind.JSON),
        (multipart(fields), Kind.MULTIPART),
    ):
        assert read(body, kind).password is password, kind


@pytest.mark.parametrize(
    ("query", "password"),
    [
        (b"user=ann&pass=x", True),
        (b"pin=1234&login=ann", True),
        (b"pwd=x", True),
        (b"pass=2&page=3", False),
        (b"lat=1&pin=7", False),
        (b"user=ann&pass=", False),
    ],
)
def test_in_a_url_short_words_need_somebody_whose_password_it_is(query: bytes, password: bool) -> None:
    assert read(query, Kind.QUERY).password is password
    assert read(query, Kind.URLENCODED).password is not query.endswith(b"pass=")


def test_a_photo_with_a_place_alone_or_in_a_form() -> None:
    place = Said(False, frozenset({"location"}))
    photo = jpeg(tiff())
    assert read(photo, Kind.FILE) == read(photo, Kind.URLENCODED) == read(photo, Kind.GUESSED) == place
    assert read(multipart({"title": "x"}, ("picture", photo)), Kind.MULTIPART) == place
    assert read(multipart({"password": "x"}, ("p", jpeg(None)), ("q", photo)), Kind.MULTIPART) == Said(
        True, place.personal
    )
    assert read(multipart({"title": "x"}, ("picture", jpeg(None))), Kind.MULTIPART) == NOTHING
    assert read(b"GIF89a" + photo, Kind.FILE) == NOTHING


def test_types() -> None:
    assert of_type(b"application/x-www-form-urlencoded; charset=UTF-8") == Form(Kind.URLENCODED, True)
    assert of_type(b"Multipart/Form-Data; boundary=x") == Form(Kind.MULTIPART, True)
    assert of_type(b"application/vnd.api+json") == Form(Kind.JSON, False)
    assert of_type(b"application/soap+xml") == of_type(b"text/xml; charset=utf-8") == Form(Kind.XML, False)
    assert of_type(b"image/jpeg") == Form(Kind.FILE, False)
    assert of_type(b"video/mp4") is None
    guessed = Form(Kind.GUESSED, False)
    assert of_type(b"") == guessed
    assert is_form(b"a=b", guessed)
    assert not is_form(b"\0\1", guessed)
    assert is_form(b"", Form(Kind.URLENCODED, True))


def test_how_much_is_enough() -> None:
    assert not enough(bytes(MAX_BODY - 1), Kind.URLENCODED)
    assert enough(bytes(MAX_BODY), Kind.URLENCODED)
    assert not enough(bytes(MAX_BODY), Kind.MULTIPART)
    assert not enough(bytes(11), Kind.FILE)
    assert enough(bytes(12), Kind.FILE)
    assert not enough(jpeg(None), Kind.FILE)


KINDS = st.sampled_from(list(Kind))
PIECES = st.lists(
    st.sampled_from(
        [*(body for body, _ in WRITTEN), b'"', b"\\", b"{", b"[", b"&", b"=", b"%", b"--", b"\r\n\r\n", b":"]
    )
    | st.binary(max_size=20),
    max_size=12,
).map(b"".join)


@given(PIECES, KINDS)
def test_any_bytes_only_say_something(body: bytes, kind: Kind) -> None:
    said = read(body, kind)
    assert said.password in (True, False)
    assert said.personal <= set(CATEGORIES)


@given(st.sampled_from(WRITTEN), st.data())
def test_any_cut_and_any_changed_byte(written: tuple[bytes, Kind], data: st.DataObject) -> None:
    body = bytearray(written[0][: data.draw(st.integers(0, len(written[0])))])
    if body:
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert read(bytes(body), written[1]).personal <= set(CATEGORIES)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), min_size=1, max_size=20)


@given(st.dictionaries(NAMES, st.text(max_size=30), max_size=6))
def test_every_way_of_writing_says_the_same(fields: dict[str, str]) -> None:
    written = urlencode(fields).encode("ascii")
    said = read(written, Kind.URLENCODED)
    if not any(value[:1] in ("{", "[") for value in fields.values()):
        assert read(json.dumps(fields).encode(), Kind.JSON) == said
        assert read(quote_from_bytes(written, safe="=&%+").encode(), Kind.URLENCODED) == said


@pytest.mark.parametrize("kind", Kind)
def test_hostile_bodies_cost_little(kind: Kind) -> None:
    import time

    bodies = [
        b'"' * MAX_BODY,
        b'\\"' * (MAX_BODY // 2),
        b'{"a":' * 3000,
        b"[" * MAX_BODY,
        b"--" + b"--" * 8000,
        b"--a\n" * 4000,
        b"--a\n\nExif\0\0II*\0" * 900,
        b"&".join(b"phone%d=030901820" % i for i in range(900)),
        b"&".join(b"idnumber%d=12345678901" % i for i in range(700)),
        b"&".join(b"iban%d=DE89370400440532013001" % i for i in range(600)),
        b"email=" + b"a." * 8000 + b"@",
        b"name=" + b"%C3%A9" * 2700,
    ]
    read(b"phone=1234567&idnumber=1234567&iban=DE89370400440532013001", Kind.URLENCODED)  # what is loaded once
    for body in bodies:
        took = []
        for _ in range(3):
            started = time.thread_time()
            read(body, kind)
            took.append(time.thread_time() - started)
        assert min(took) < 0.05, body[:20]
