"""HTTP heads: read as scapy reads them, in one piece or byte by byte, and nothing that can be written does harm."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.http import HTTPRequest, HTTPResponse

from tests.streams.talking import Conversation, heard, timeless
from wifiguard.decode import forms, http
from wifiguard.decode.bad import Bad

TOKENS = st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True)
VALUES = st.from_regex(r"[ -9;-~]{0,30}", fullmatch=True).map(str.strip)
HOSTS = st.from_regex(r"[a-z0-9]{1,10}(\.[a-z0-9]{1,10}){0,3}", fullmatch=True)
FIELDS = st.dictionaries(
    st.sampled_from(["Cookie", "Authorization", "Accept", "X-Api-Key", "Referer", "User-Agent", "Content-Type"]), VALUES
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"])


@given(METHODS, TOKENS, HOSTS, FIELDS, st.booleans())
def test_a_request_is_read_as_scapy_reads_it(
    method: str, path: str, host: str, fields: dict[str, str], bare: bool
) -> None:
    lines = [f"{method} /{path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields.items())]
    ours = http.request_head(("\n" if bare else "\r\n").join([*lines, "", ""]).encode())
    theirs = HTTPRequest("\r\n".join([*lines, "", ""]).encode())
    assert ours.method == theirs.Method.decode()
    assert ours.host == theirs.Host.decode().lower()
    assert ours.cookie is bool(theirs.Cookie)
    assert ours.authorization is bool(theirs.Authorization or fields.get("X-Api-Key"))
    assert ours.form == (None if ours.body == http.NO_BODY else forms.of_type(theirs.Content_Type or b""))


@given(st.integers(100, 599), st.integers(0, 10**6), st.sampled_from(["text/html", "image/png", ""]))
def test_a_response_is_read_as_scapy_reads_it(status: int, length: int, kind: str) -> None:
    data = f"HTTP/1.1 {status} Fine\r\nContent-Length: {length}\r\nContent-Type: {kind}\r\n\r\n".encode()
    ours, theirs = http.response_head(data), HTTPResponse(data)
    assert ours.status == int(theirs.Status_Code)
    assert ours.framing == http.Body(int(theirs.Content_Length))
    assert ours.page is (kind == "text/html")


LOGIN = b"user=me&password=s3cret"
STORY = (
    b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
    b"POST /in HTTP/1.1\r\nHost: b.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 23\r\n\r\n" + LOGIN + b"HEAD / HTTP/1.1\r\nHost: a.example\r\nCookie: a=b\r\n\r\n"
    b"PUT /x HTTP/1.1\r\nHost: c.example\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    b'6\r\n{"pass\r\n11\r\nword":"x","a":1}\r\n0\r\n\r\n'
    b"GET /?q=1 HTTP/1.1\r\nHost: d.example\r\nAuthorization: Basic YW5uOnMzY3JldA==\r\n\r\n"
)
ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: //e.example/\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    b"HTTP/1.1 200 OK\r\n\r\nhello"
)


def pieces(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def whole() -> list[object]:
    talk = Conversation()
    return timeless(heard(talk.open(), talk.client(STORY), talk.server(ANSWERS), talk.close()))


@given(st.lists(st.integers(0, 2000), max_size=30), st.lists(st.integers(0, 2000), max_size=30))
def test_a_conversation_says_the_same_however_it_is_cut(up: list[int], down: list[int]) -> None:
    talk = Conversation()
    told = heard(talk.open(), talk.client(*pieces(STORY, up)), talk.server(*pieces(ANSWERS, down)), talk.close())
    assert timeless(told) == whole()


def test_a_conversation_says_the_same_byte_by_byte() -> None:
    assert len(whole()) == 5 + 3 + 5  # requests, passwords, responses
    talk = Conversation()
    up, down = (pieces(data, range(len(data))) for data in (STORY, ANSWERS))
    assert timeless(heard(talk.open(), talk.client(*up), talk.server(*down), talk.close())) == whole()


@given(st.binary(max_size=300), st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", STORY, ANSWERS]))
def test_any_bytes_are_read_or_bad(data: bytes, before: bytes) -> None:
    head = before + data
    for read in (http.request_head, http.response_head, http.chunk_size):
        try:
            read(head)
        except Bad:
            pass
    for look in (http.is_request, http.is_response, http.opens):
        assert look(head) in (True, False, None)
    http.host_name(data)


@given(st.binary(min_size=1, max_size=200))
def test_what_was_called_a_request_stays_one(data: bytes) -> None:
    for begun in (data, b"GET / HTTP/1.1\r\n" + data):
        verdicts = [http.is_request(begun[:end]) for end in range(1, len(begun) + 1)]
        settled = [verdict for verdict in verdicts if verdict is not None]
        assert len(set(settled)) <= 1


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000,
        b"GET / HTTP/1.1\r\n" + b"Cookie: a\r\n" * 3000,
        b"GET / HTTP/1.1\r\nA:" + b"\r\n b" * 8000,
        b"GET /" + b"?a=b&" * 6000 + b" HTTP/1.1\r\n",
        b"GET /" + b" " * 30000 + b" HTTP/1.1\r\n",
        b"GET " + b"a " * 15000 + b" HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"a." * 16000 + b"\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: " + b"1," * 16000 + b"\r\n",
        b"GET / HTTP/1.1\r\nAuthorization: Basic " + b"A" * 32000 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"\r" * 32000,
    ],
)
def test_hostile_heads_cost_little(head: bytes) -> None:
    took = []
    for _ in range(3):
        started = time.thread_time()
        try:
            http.request_head(head)
        except Bad:
            pass
        http.head_end(head)
        http.is_request(head)
        took.append(time.thread_time() - started)
    assert min(took) < 0.02
