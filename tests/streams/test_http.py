from __future__ import annotations

import pytest
from msgspec import structs

from tests.decode.photos import heic, jpeg, tiff
from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import FLOW, Conversation, Ears, heard, seen
from wifiguard.core.messages import (
    CleartextLogin,
    CleartextSession,
    Flow,
    HttpRequest,
    HttpResponse,
    Malformed,
    PersonalData,
    TlsHello,
)
from wifiguard.core.observation import Observation

GET = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
LOGIN = b"user=me&password=s3cret"
POST = (
    b"POST /login HTTP/1.1\r\nHost: bank.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 23\r\n\r\n"
)


def get(host: str | None = "www.example.com", **more: object) -> HttpRequest:
    return structs.replace(HttpRequest(seen(), FLOW, "GET", host), **more)  # type: ignore[arg-type]


def posted(*, form: bool = True, password: bool = True, **more: object) -> HttpRequest:
    request = HttpRequest(seen(), FLOW, "POST", "bank.example", form=form, password=password)
    return structs.replace(request, **more)  # type: ignore[arg-type]


def login(**more: object) -> list[Observation]:
    """A form with a password was sent."""
    said = CleartextLogin(seen(), FLOW, "http", "bank.example")
    return [posted(**more), structs.replace(said, **more)]  # type: ignore[arg-type]


def answer(
    status: int = 200, host: str | None = "www.example.com", method: str | None = "GET", *, page: bool = True
) -> HttpResponse:
    return HttpResponse(seen(), FLOW, status, host, method, page=page)


def test_a_page_is_asked_for_and_answered() -> None:
    talk = Conversation()
    assert heard(talk.open(), talk.client(GET), talk.server(OK), talk.close()) == [get(), answer()]


def test_a_form_whose_body_comes_later_is_one_message() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(POST))
    assert ears.told == []
    assert ears.hear(talk.client(LOGIN)).told == login()


@pytest.mark.parametrize("cut", range(len(POST + LOGIN)))
def test_a_form_cut_anywhere_is_one_message(cut: int) -> None:
    talk = Conversation()
    whole = POST + LOGIN
    assert heard(talk.open(), talk.client(whole[:cut], whole[cut:]), talk.close()) == login()


def test_a_body_that_never_comes_is_told_when_its_time_is_over() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(POST))
    assert ears.streams.deadline() == 0.5
    assert ears.at(0.49).told == []
    assert ears.at(0.5).told == [posted(password=False)]
    assert ears.streams.deadline() is None
    # What comes after all belongs to what was told already, and is told beside it.
    assert ears.hear(talk.client(LOGIN), talk.client(GET)).told == [
        posted(password=False),
        CleartextLogin(seen(0.5), FLOW, "http", "bank.example"),
        HttpRequest(seen(0.5), FLOW, "GET", "www.example.com"),
    ]


def test_a_body_that_trickles_is_waited_for() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(POST))
    for index, byte in enumerate(LOGIN):
        ears.at(0.4 * index).hear(talk.client(bytes([byte])))
    assert ears.told == login(seen=seen(0.4 * (len(LOGIN) - 1)))


def test_an_answer_ends_the_wait() -> None:
    talk = Conversation()
    told = Ears().hear(talk.open(), talk.client(POST, LOGIN[:12]), talk.server(OK)).told
    assert told == [posted(password=False), answer(host="bank.example", method="POST")]


def test_a_provisional_answer_does_not() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(POST), talk.server(b"HTTP/1.1 100 Continue\r\n\r\n"))
    assert ears.told == []
    assert ears.hear(talk.client(LOGIN)).told == login()


def test_a_connection_that_ends_ends_the_wait() -> None:
    for end in (Conversation.close, Conversation.reset):
        talk = Conversation()
        assert Ears().hear(talk.open(), talk.client(POST, LOGIN), end(talk)).told == login()
        talk = Conversation()
        assert Ears().hear(talk.open(), talk.client(POST), end(talk)).told == [posted(password=False)]


def test_half_a_head_is_told_as_incomplete() -> None:
    talk = Conversation()
    half = b"GET / HTTP/1.1\r\nHost: www.example.com\r\nCookie: a=b"
    assert heard(talk.open(), talk.client(half)) == [get(cookie=True, complete=False)]


def test_a_long_upload_is_told_when_its_beginning_was_read() -> None:
    talk = Conversation()
    head = POST.replace(b"23", b"9000000")
    ears = Ears().hear(talk.open(), talk.client(head, b"pwd=x&a=" + bytes(9000), bytes(9000)))
    assert ears.told == login()
    for _ in range(10):
        ears.hear(talk.client(bytes(60000)))
    assert ears.streams.shunts() == ()  # a client may ask more


def test_a_body_that_is_no_form_is_not_waited_for() -> None:
    talk = Conversation()
    head = POST.replace(b"x-www-form-urlencoded", b"octet-stream")
    assert Ears().hear(talk.open(), talk.client(head)).told == [posted(form=False, password=False)]


def test_a_body_without_a_type_is_a_form_if_it_is_written_like_one() -> None:
    head = b"POST /login HTTP/1.1\r\nHost: bank.example\r\nContent-Length: 23\r\n\r\n"
    talk = Conversation()
    assert heard(talk.open(), talk.client(head, LOGIN)) == login()
    talk = Conversation()
    assert heard(talk.open(), talk.client(head, b"\x00\x01" * 12)) == [posted(form=False, password=False)]


def test_a_chunked_form() -> None:
    talk = Conversation()
    head = POST.replace(b"Content-Length: 23", b"Transfer-Encoding: chunked")
    chunks = b"5;x=y\r\nuser=\r\n0b\r\nme&password\r\n3\r\n=s3\r\n0\r\nTrailer: x\r\n\r\n"
    assert heard(talk.open(), talk.client(head + chunks + GET)) == [*login(), get()]
    for cut in range(len(chunks)):
        talk = Conversation()
        assert heard(talk.open(), talk.client(head + chunks[:cut], chunks[cut:] + GET)) == [*login(), get()]


def test_pipelined_requests_and_their_answers_in_order() -> None:
    talk = Conversation()
    second = GET.replace(b"www.example.com", b"b.example").replace(b"GET", b"HEAD")
    answers = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n" + b"HTTP/1.1 304 Not Modified\r\n\r\n" + OK
    told = heard(talk.open(), talk.client(GET + second + GET + GET), talk.server(answers))
    assert told == [
        get(),
        get("b.example", method="HEAD"),
        get(),
        get(),
        answer(),
        answer(host="b.example", method="HEAD"),
        answer(304),
        answer(),
    ]


def test_a_redirect_to_https() -> None:
    talk = Conversation()
    moved = b"HTTP/1.1 301 Moved\r\nLocation: https://Secure.example.com:443/x\r\nContent-Length: 0\r\n\r\n"
    relative = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    told = heard(talk.open(), talk.client(GET), talk.server(moved), talk.client(GET), talk.server(relative))
    assert told == [
        get(),
        structs.replace(answer(301), location=("https", "secure.example.com")),
        get(),
        structs.replace(answer(302), location=("http", "www.example.com")),
    ]


def test_any_port_is_noted() -> None:
    talk = Conversation(FLOW._replace(server_port=8080))
    ears = Ears().hear(talk.open(), talk.client(GET))
    assert ears.told == [get(flow=FLOW._replace(server_port=8080))]
    assert ears.streams.counts.nonstandard == {"http:8080"}
    assert ears.streams.counts.protocols == {"http": 1}


def test_tls_inside_connect() -> None:
    talk = Conversation()
    ask = b"CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n"
    granted = b"HTTP/1.1 200 Connection established\r\n\r\n"
    told = heard(
        talk.open(), talk.client(ask), talk.server(granted), talk.client(client_hello("www.example.com")),
        talk.server(server_hello()),
    )  # fmt: skip
    assert told == [
        get(method="CONNECT"),
        answer(method="CONNECT"),
        TlsHello(seen(), FLOW, False, ("TLS1.2",), "www.example.com", (0xC02F,)),
        TlsHello(seen(), FLOW, True, ("TLS1.2",), "www.example.com", (0xC02F,)),
    ]


def test_connect_whose_answer_is_not_seen() -> None:
    talk = Conversation()
    ask = b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n"
    told = heard(talk.open()[:1], talk.client(ask, client_hello("www.example.com")))
    assert told == [
        get(method="CONNECT"),
        TlsHello(seen(), FLOW, False, ("TLS1.2",), "www.example.com", (0xC02F,)),
    ]


def test_connect_refused_then_asked_again() -> None:
    talk = Conversation()
    ask = b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n"
    refused = b"HTTP/1.1 407 No\r\nContent-Length: 3\r\n\r\nno\n"
    again = ask[:-2] + b"Proxy-Authorization: Basic eDp5\r\n\r\n"
    told = heard(talk.open(), talk.client(ask), talk.server(refused), talk.client(again))
    assert told == [
        get(method="CONNECT"),
        answer(407, method="CONNECT"),
        get(method="CONNECT"),
        CleartextLogin(seen(), FLOW, "http-proxy"),
    ]


def test_one_direction_only() -> None:
    talk = Conversation()
    assert heard(talk.client(GET, GET)) == [get(), get()]
    talk = Conversation()
    assert heard(talk.server(OK, OK)) == [answer(host=None, method=None)] * 2


def test_seen_from_the_middle_it_starts_at_the_next_message() -> None:
    talk = Conversation()
    told = heard(talk.client(b"\0tail of a body"), talk.server(b"\0\1\2 tail"), talk.client(GET), talk.server(OK))
    assert told == [get(), answer()]


def test_after_a_gap_it_starts_at_the_next_message() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(GET), talk.server(OK))
    talk.client(GET)  # lost, and its answer too
    talk.server(OK)
    ears.hear(talk.client(POST + LOGIN), talk.server(OK))
    assert ears.told == [get(), answer()]
    ears.at(0.5).hear(talk.client(GET))
    assert ears.finish() == [
        get(),
        answer(),
        *login(),
        answer(host="bank.example", method="POST"),
        get(seen=seen(0.5)),
    ]


def test_a_gap_in_a_body_is_no_loss() -> None:
    talk = Conversation()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n"
    ears = Ears().hear(talk.open(), talk.client(GET), talk.server(head + bytes(1000)))
    talk.server(bytes(1000))  # lost
    ears.hear(talk.server(bytes(1000) + OK))
    assert ears.told == [get(), answer(), answer(host=None, method=None)]


def test_a_bulk_body_is_shunted_and_the_next_response_is_found() -> None:
    talk = Conversation()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n"
    ears = Ears().hear(talk.open(), talk.client(GET), talk.server(head, bytes(60000)))
    assert ears.streams.shunts() == ()
    version = ears.streams.shunts_version
    for _ in range(3):
        ears.hear(talk.server(bytes(60000)))
    assert [(s.address, s.port, s.transport) for s in ears.streams.shunts()] == [(FLOW.server, 80, "tcp")]
    assert ears.streams.shunts_version > version
    # The kernel drops the rest, more than sequence numbers can count; then the connection is used again.
    talk.down += 9_000_000_000
    told = ears.hear(talk.client(POST + LOGIN), talk.server(OK), talk.client(GET), talk.server(OK)).told
    assert told == [
        get(), answer(), *login(), answer(host="bank.example", method="POST"), get(), answer(),
    ]  # fmt: skip
    ears.hear(talk.close())
    assert ears.streams.shunts() == ()


def test_bytes_that_are_no_head_are_malformed_once_and_the_rest_is_read() -> None:
    talk = Conversation()
    told = heard(talk.open(), talk.client(GET + b"nonsense\r\n\r\n", GET), talk.server(OK, OK))
    assert told == [get(), Malformed(seen(), "http", "line"), get(), answer(), answer()]


def test_lengths_that_contradict_each_other_are_malformed() -> None:
    talk = Conversation()
    head = POST.replace(b"Content-Length: 23", b"Content-Length: 23\r\nContent-Length: 24")
    assert heard(talk.open(), talk.client(head)) == [Malformed(seen(), "http", "length")]


def test_a_head_without_an_end_is_given_up() -> None:
    talk = Conversation()
    pieces = [b"GET / HTTP/1.1\r\n", *(b"A: " + b"b" * 9000 + b"\r\n" for _ in range(4))]
    assert heard(talk.open(), talk.client(*pieces, GET)) == [Malformed(seen(), "http", "too-long"), get()]


def test_an_upgrade_ends_what_we_read() -> None:
    talk = Conversation()
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    assert heard(talk.open(), talk.client(GET), talk.server(switched), talk.client(GET)) == [get(), answer(101)]


def test_words_that_only_look_like_http() -> None:
    told = []
    for line in (b"OPTIONS sip:x@y SIP/2.0\r\n\r\n", b"DESCRIBE rtsp://x/y RTSP/1.0\r\n\r\n", b"GET lost\r\n"):
        talk = Conversation()
        told += heard(talk.open(), talk.client(line))
    assert told == [CleartextSession(seen(), FLOW, "text")] * 3


def test_tunnels_in_tunnels_end() -> None:
    ask = b"CONNECT x:1 HTTP/1.1\r\n\r\n"
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(ask * 2000), talk.server(b"HTTP/1.1 200 OK\r\n\r\n" * 2000))
    assert len(ears.told) == 18
    assert ears.streams.counts.protocols == {"http": 18}


def test_inside_a_vpn_device() -> None:
    talk = Conversation()
    told: list[Observation] = Ears(tunnelled=True).hear(talk.open(), talk.client(GET)).told
    assert told == [get(flow=FLOW._replace(tunnelled=True))]


def test_over_ipv6() -> None:
    flow = Flow(bytes(15) + b"\1", 40000, bytes(15) + b"\2", 80, "tcp")
    talk = Conversation(flow)
    assert heard(talk.open(), talk.client(POST, LOGIN)) == login(flow=flow)


BASIC = b"Authorization: Basic YW5uOnMzY3JldA==\r\n"  # ann:s3cret


@pytest.mark.parametrize(
    ("credentials", "told"),
    [
        (BASIC, True),
        (b"authorization:basic YW5uOmE6Yg\r\n", True),  # a colon in the password; no padding
        (b"Authorization: Basic YW5uOg==\r\n", False),  # no password
        (b"Authorization: Basic YW5u\r\n", False),  # not even a colon
        (b"Authorization: Basic !!!\r\n", False),
        (b'Authorization: Digest username="ann", response="00"\r\n', False),
        (b"Authorization: Bearer YW5uOnMzY3JldA==\r\n", False),
        (b"Authorization: Negotiate YW5uOnMzY3JldA==\r\n", False),
    ],
)
def test_only_basic_credentials_tell_a_password(credentials: bytes, told: bool) -> None:
    talk = Conversation()
    login = CleartextLogin(seen(), FLOW, "http", "www.example.com")
    request = GET[:-2] + credentials + b"\r\n"
    assert heard(talk.open(), talk.client(request)) == [get(authorization=True), *([login] if told else [])]


def test_a_password_in_the_target_itself() -> None:
    told = []
    for target in (
        b"http://ann:s3cret@www.example.com/",
        b"http://ann@www.example.com/",
        b"http://www.example.com/a:b@c",
    ):
        talk = Conversation()
        told += heard(talk.open(), talk.client(GET.replace(b"GET /", b"GET " + target)))
    assert told == [get(), CleartextLogin(seen(), FLOW, "http", "www.example.com"), get(), get()]


def test_a_password_for_a_proxy_is_the_proxys() -> None:
    talk = Conversation()
    ask = b"GET http://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\nProxy-" + BASIC + b"\r\n"
    assert heard(talk.open(), talk.client(ask)) == [get(), CleartextLogin(seen(), FLOW, "http-proxy")]


def test_a_password_in_a_query() -> None:
    talk = Conversation()
    ask = GET.replace(b"GET /", b"GET /login?user=ann&pwd=x")
    told = heard(talk.open(), talk.client(ask))
    assert told == [get(password=True), CleartextLogin(seen(), FLOW, "http", "www.example.com")]
    talk = Conversation()
    assert heard(talk.open(), talk.client(GET.replace(b"GET /", b"GET /login?user=ann&pwd=&passenger=2"))) == [get()]


def test_personal_data_of_query_and_body_is_told_once() -> None:
    body = b"user=me&email=ann%40example.com&dob=1980-02-03"
    head = POST.replace(b"23", b"%d" % len(body)).replace(b"/login", b"/?phone=%2B493012345678")
    talk = Conversation()
    told = heard(talk.open(), talk.client(head, body))
    categories = ("date-of-birth", "e-mail", "phone")
    assert told == [posted(password=False), PersonalData(seen(), FLOW, "http", categories, "bank.example")]


def test_a_downloaded_page_is_nobodys_form() -> None:
    talk = Conversation()
    page = b"email=ann%40example.com&password=x&iban=DE89370400440532013000"
    answered = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
    told = heard(talk.open(), talk.client(GET), talk.server(answered % len(page) + page))
    assert told == [get(), answer(page=False)]


def test_what_a_response_carries() -> None:
    told = []
    for kind in (b"text/html; charset=utf-8", b"image/png", b"application/xhtml+xml"):
        talk = Conversation()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: " + kind + b"\r\n\r\n"
        told += heard(talk.open(), talk.client(GET), talk.server(head))[1:]
    assert told == [answer(), answer(page=False), answer()]


def test_a_photo_is_announced_at_once_and_read_as_far_as_its_metadata() -> None:
    photo = jpeg(tiff())
    head = (
        b"PUT /holiday.jpg HTTP/1.1\r\nHost: bank.example\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Length: 90000\r\n\r\n"
    )
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(head))
    request = posted(form=False, password=False, method="PUT")
    assert ears.told == [request]
    ears.hear(talk.client(photo, bytes(40000), bytes(40000)))
    assert ears.told == [request, PersonalData(seen(), FLOW, "http", ("location",), "bank.example")]
    # Of any other file only the first bytes are kept.
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(head, bytes(40000), bytes(40000)))
    assert ears.told == [request]
    assert ears.streams.held == 0


@pytest.mark.parametrize("end", [b"", b"tail", bytes(200_000)], ids=["last", "nearly", "middle"])
@pytest.mark.parametrize("multipart", [False, True])
def test_a_photo_that_says_it_at_its_end(multipart: bool, end: bytes) -> None:
    photo = heic(bytes(20)).ljust(250_000, b"\1") + b"Exif\0\0" + tiff() + end
    kind = b"image/heic"
    if multipart:
        photo = b'--x\r\nContent-Disposition: form-data; name="p"; filename="p"\r\n\r\n' + photo + b"\r\n--x--\r\n"
        kind = b"multipart/form-data; boundary=x"
    head = b"POST /p HTTP/1.1\r\nHost: bank.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    place = PersonalData(seen(), FLOW, "http", ("location",), "bank.example")
    for step in (1000, 60_000):
        talk = Conversation()
        ears = Ears().hear(talk.open(), talk.client(head % (kind, len(photo))))
        for at in range(0, len(photo), step):
            ears.hear(talk.client(photo[at : at + step]))
            assert ears.streams.held <= 130_000
        ears.hear(talk.client(GET))
        assert ears.told == [posted(form=multipart, password=False), place, get()]
        assert ears.streams.held == 0


def test_expect_100_continue_with_a_slow_server() -> None:
    talk = Conversation()
    head = POST[:-2] + b"Expect: 100-continue\r\n\r\n"
    ears = Ears().hear(talk.open(), talk.client(head)).at(1.0)
    assert ears.told == [posted(password=False)]
    ears.hear(talk.client(LOGIN), talk.server(OK))
    assert [type(obs) for obs in ears.told] == [HttpRequest, CleartextLogin, HttpResponse]
