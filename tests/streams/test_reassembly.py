"""Whatever way the bytes of a conversation are cut, doubled and shuffled, it says the same."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.hellos import client_hello, server_hello
from tests.streams.sessions import SESSIONS, Script, Session, script, told
from tests.streams.talking import ACK, FIN, FLOW, PSH, Conversation, Ears, heard, seen, segment, timeless
from wifiguard.core.messages import CleartextLogin, CleartextSession, HttpRequest, HttpResponse, Malformed, TlsHello
from wifiguard.streams import Limits

FORM = (
    b"POST /login HTTP/1.1\r\nHost: bank.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 23\r\n\r\nuser=me&password=s3cret"
)
CHUNKED = (
    b"POST / HTTP/1.1\nHost: bank.example\nContent-Type: multipart/form-data; boundary=x\nTransfer-Encoding: chunked\n\n"
    b"20\r\n--x\r\nContent-Disposition: form-d\r\n1c\r\nata; name=pin\r\n\r\n1234\r\n--x--\r\n0\r\n\r\n"
)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"HTTP/1.1 404 no\r\n" * 10 + bytes(130)
MOVED = (
    b"HTTP/1.1 302 Found\r\nLocation: https://bank.example/\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
)
LOGIN = CleartextLogin(seen(), FLOW, "http", "bank.example")
GET = b"GET /?password=1 HTTP/1.1\r\nHost: bank.example\r\nCookie: a=b\r\n\r\n"
DNS = bytes.fromhex("0007010000010000000000000362636409") + b"example\0"
SCRIPTS: list[Script] = [
    [("up", FORM), ("down", PAGE), ("up", CHUNKED + GET), ("down", MOVED + PAGE)],
    [("up", client_hello("bank.example", offered=(0x0304, 0x0303))), ("down", server_hello(chosen=0x0304) + bytes(99))],
    [
        ("down", b"220-Hello\r\n220 mail ESMTP\r\n"),
        ("up", b"EHLO me\r\n"),
        ("down", b"250 STARTTLS\r\n"),
        ("up", b"MAIL FROM:<a@b>\r\n"),
    ],
    [
        ("up", b"CONNECT bank.example:443 HTTP/1.1\r\n\r\n"),
        ("down", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("up", client_hello("bank.example")),
        ("down", server_hello(0x0301)),
    ],
    [("up", b"hello, this is a protocol that nobody knows\n"), ("down", b"and this is its answer\n")],
]


def pieces(data: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    return [(start, data[start:end]) for start, end in itertools.pairwise(sorted({0, *cuts, len(data)}))]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(SCRIPTS + [script(session) for session in SESSIONS]), st.integers())
def test_cut_doubled_and_shuffled(script: Script, seed: int) -> None:
    chance = random.Random(seed)
    talk = Conversation(first=chance.randrange(2**32), answer=chance.randrange(2**32))
    frames = talk.open()
    base = {"up": talk.up, "down": talk.down}
    past: list[bytes] = []
    for side, text in script:
        parts = pieces(text, [chance.randrange(len(text)) for _ in range(chance.randrange(12))])
        # Segments that come twice, or again in other sizes.
        parts += chance.choices(parts, k=chance.randrange(4))
        for start in [chance.randrange(len(text)) for _ in range(chance.randrange(4))]:
            parts.append((start, text[start : start + chance.randrange(1, 200)]))
        chance.shuffle(parts)
        ends = (FLOW.client, FLOW.client_port, FLOW.server, FLOW.server_port)
        if side == "down":
            ends = ends[2:] + ends[:2]
        burst = [segment(*ends, base[side] + at, ACK | PSH, part) for at, part in parts]
        frames += burst + (chance.choices(past, k=3) if past else [])
        # Sent again, also with other content than it had.
        past += burst
        past += [segment(*ends, base[side] + at, ACK | PSH, chance.randbytes(len(part))) for at, part in parts]
        base[side] += len(text)
    assert heard(frames) == heard(Conversation().open(), *played(Conversation(), script))


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_byte_by_byte(session: Session) -> None:
    talk = Conversation()
    frames = talk.open()
    for side, text in script(session):
        for byte in text:
            frames += (talk.client if side == "up" else talk.server)(bytes([byte]))
    assert timeless(heard(frames, talk.close())) == told(session)


def played(talk: Conversation, script: Script) -> list[list[bytes]]:
    talk.open()
    return [talk.client(text) if side == "up" else talk.server(text) for side, text in script]


def test_what_the_scripts_say() -> None:
    said = [timeless(heard(Conversation().open(), *played(Conversation(), script))) for script in SCRIPTS]
    request = HttpRequest(seen(), FLOW, "POST", "bank.example", form=True, password=True)
    ok = HttpResponse(seen(), FLOW, 200, "bank.example", "POST")
    assert said == [
        [
            request,
            LOGIN,
            ok,
            request,
            LOGIN,
            HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True),
            LOGIN,
            HttpResponse(seen(), FLOW, 302, "bank.example", "POST", ("https", "bank.example")),
            HttpResponse(seen(), FLOW, 200, "bank.example", "GET"),
        ],
        [
            TlsHello(seen(), FLOW, False, ("TLS1.3", "TLS1.2"), "bank.example", (0xC02F,)),
            TlsHello(seen(), FLOW, True, ("TLS1.3",), "bank.example", (0xC02F,)),
        ],
        [CleartextSession(seen(), FLOW, "smtp")],
        [
            HttpRequest(seen(), FLOW, "CONNECT", "bank.example"),
            HttpResponse(seen(), FLOW, 200, "bank.example", "CONNECT"),
            TlsHello(seen(), FLOW, False, ("TLS1.2",), "bank.example", (0xC02F,)),
            TlsHello(seen(), FLOW, True, ("TLS1.0",), "bank.example", (0xC02F,)),
        ],
        [CleartextSession(seen(), FLOW, "text")],
    ]


def test_the_first_copy_counts() -> None:
    """An attacker's second version of bytes that were seen changes nothing, whether they were in order or waited."""
    talk = Conversation()
    ears = Ears().hear(talk.open())
    start = talk.up
    first = GET.replace(b"Cookie", b"Xookie")
    ears.hear(talk.client(first[:20]))
    talk.up = start + 40
    ears.hear(talk.client(first[40:]))
    talk.up = start
    ears.hear(talk.client(GET))
    # Only bytes 20 to 40 were new; they are the same in both.
    assert ears.told == [HttpRequest(seen(), FLOW, "GET", "bank.example", password=True), LOGIN]


def test_a_segment_far_outside_any_window_is_not_believed() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open())
    honest = talk.up
    for _ in range(2):
        talk.up = honest + 0x40000000
        ears.hear(talk.client(b"forged"))
        talk.up = honest + 0x90000000
        ears.hear(talk.client(b"forged"))
    talk.up = honest
    assert ears.hear(talk.client(GET)).told == [
        HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True),
        LOGIN,
    ]


def test_after_a_long_blackout_the_rest_is_believed() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(GET), talk.server(b"HTTP/1.1 204 No\r\n\r\n"))
    talk.up += 100_000_000
    told = ears.hear(talk.client(GET, GET, GET, GET)).told
    assert (
        timeless(told)[-4:] == [HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True), LOGIN] * 2
    )


def test_more_than_a_flow_may_keep_is_not_waited_for() -> None:
    talk = Conversation()
    ears = Ears(limits=Limits(flow=4096)).hear(talk.open())
    talk.up += 100  # lost
    ears.hear(talk.client(*[GET] * 100))
    # No time has passed: the bound alone let the gap go.
    assert len(ears.told) >= 50


def test_a_reset_far_from_the_flow_is_not_believed() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(FORM[:40]))
    down = talk.down
    ears.hear(talk.server(b""))
    talk.up, honest = talk.up + 0x1000000, talk.up
    ears.hear(segment(FLOW.client, 40000, FLOW.server, 80, talk.up, 4))
    talk.up, talk.down = honest, down
    told = ears.hear(talk.client(FORM[40:])).told
    assert told == [HttpRequest(seen(), FLOW, "POST", "bank.example", form=True, password=True), LOGIN]


def test_a_fin_before_the_last_data_waits_for_them() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(FORM[:40]))
    rest = talk.client(FORM[40:60], FORM[60:])
    fin = segment(FLOW.client, 40000, FLOW.server, 80, talk.up, FIN | ACK)
    told = ears.hear(fin, rest[1], rest[0]).told
    assert told == [HttpRequest(seen(), FLOW, "POST", "bank.example", form=True, password=True), LOGIN]


def test_a_port_that_is_used_again_is_a_new_connection() -> None:
    first, second = Conversation(first=1000), Conversation(first=77_000)
    told = heard(first.open(), first.client(FORM[:90]), second.open(), second.client(GET))
    assert told == [
        HttpRequest(seen(), FLOW, "POST", "bank.example", complete=False),
        HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True),
        LOGIN,
    ]


def test_data_in_a_syn() -> None:
    syn = segment(FLOW.client, 40000, FLOW.server, 80, 500, 2, GET)
    rest = segment(FLOW.client, 40000, FLOW.server, 80, 501 + len(GET), ACK, GET)
    assert (
        heard(syn, rest, syn)
        == [HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True), LOGIN] * 2
    )


def test_a_frame_that_the_capture_cut_leaves_a_gap() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open())
    (cut,) = talk.client(b"POST / HTTP/1.1\r\nHost: bank.example\r\nCookie: " + bytes(900))
    ears.streams.packet(cut[:96], seen(), len(cut))
    assert ears.hear(talk.client(GET)).told == [
        HttpRequest(seen(), FLOW, "POST", "bank.example", cookie=True, complete=False),
        HttpRequest(seen(), FLOW, "GET", "bank.example", password=True, cookie=True),
        LOGIN,
    ]


def test_the_client_is_who_opened_or_else_who_asks() -> None:
    odd = FLOW._replace(client_port=80, server_port=40000)
    talk = Conversation(odd)
    assert {m.flow for m in heard(talk.client(GET))} == {odd}  # type: ignore[attr-defined]
    talk = Conversation(odd)
    assert [m.flow for m in heard(talk.open()[1:2], talk.server(b"hello there, stranger\n"))] == [odd]  # type: ignore[attr-defined]


def test_a_clock_that_goes_back_lets_nothing_wait() -> None:
    talk = Conversation()
    ears = Ears()
    ears.tick = 100.0
    ears.hear(talk.open(), talk.client(FORM[:-3]))
    assert ears.told == []
    ears.tick = 3.0
    assert ears.hear(b"\x45").told == [
        HttpRequest(seen(100.0), FLOW, "POST", "bank.example", form=True, password=True),
        CleartextLogin(seen(100.0), FLOW, "http", "bank.example"),
        Malformed(seen(3.0), "frame", "short"),
    ]
