"""What traffic can make us keep."""

from __future__ import annotations

import gc
import struct
import time

import pytest

from tests.streams.talking import FLOW, ME, SERVER, SYN, Conversation, Ears, datagram, ip4, seen, segment
from wifiguard.core.messages import CleartextLogin, DnsMessage, HttpRequest, Malformed
from wifiguard.streams import Limits
from wifiguard.streams.connection import Connection
from wifiguard.streams.http import Http
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk

GET = b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"


def test_many_flows() -> None:
    limits = Limits(flows=100)
    ears = Ears(limits=limits)
    for number in range(3000):
        ears.hear(segment(struct.pack("!I", number), 1, SERVER, 80, 1, 16, GET))
        assert ears.streams.flows <= 100
    assert len(ears.told) == 3000


@pytest.mark.parametrize(
    "said",
    [GET, b"EHLO me\r\nAUTH PLAIN AGEAYg==\r\n", bytes.fromhex("160301000501"), b"\5\1\0", b"nobody knows this\n"],
    ids=["http", "smtp", "tls", "socks", "unknown"],
)
def test_what_goes_is_free_at_once(said: bytes) -> None:
    """Without a collector of garbage: in a service it would come by when hundreds of connections have piled up."""
    ears = Ears(limits=Limits(flows=10))
    gc.collect()
    gc.disable()
    try:
        for number in range(200):
            talk = Conversation(FLOW._replace(client_port=10_000 + number))
            ears.hear(talk.open(), talk.client(said))
        alive = [each for each in gc.get_objects() if isinstance(each, Connection | Side | Talk)]
    finally:
        gc.enable()
    assert len(alive) <= 10 * 4


def test_what_has_ended_keeps_no_reader() -> None:
    """It is known for minutes more, for what comes late; a laptop in use has thousands of them."""
    ears = Ears()
    gc.collect()
    for number in range(50):
        talk = Conversation(FLOW._replace(client_port=10_000 + number))
        ears.hear(talk.open(), talk.client(GET), talk.reset())
    assert ears.streams.flows == 50
    assert [each for each in gc.get_objects() if isinstance(each, Http)] == []


def test_a_flow_that_is_used_outlives_a_flood_of_others() -> None:
    ears = Ears(limits=Limits(flows=100))
    talk = Conversation()
    ears.hear(talk.open(), talk.client(b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 8\r\n"))
    for number in range(1000):
        ears.hear(segment(struct.pack("!I", number), 1, SERVER, 80, 1, 16, b"\0\1\2"))
        if number % 20 == 0:
            ears.hear(talk.client(b"X: y\r\n"))
    told = ears.hear(talk.client(b"\r\npin=1234")).told
    assert told == [
        HttpRequest(seen(), FLOW, "POST", "b", form=True, password=True),
        CleartextLogin(seen(), FLOW, "http", "b"),
    ]


def test_a_flood_of_openings_costs_no_flow() -> None:
    ears = Ears(limits=Limits(flows=100, openings=50))
    talk = Conversation()
    ears.hear(talk.open(), talk.client(GET))
    for number in range(5000):
        ears.hear(segment(struct.pack("!I", number), 1, SERVER, 80, 1, SYN))
    assert ears.streams.flows == 1


def test_what_all_flows_hold_together() -> None:
    limits = Limits(held=100_000)
    ears = Ears(limits=limits)
    for number in range(200):
        talk = Conversation(FLOW._replace(client_port=10_000 + number))
        ears.hear(talk.open(), talk.client(b"POST / HTTP/1.1\r\nHost: b\r\nX: " + bytes(3000)))
        talk.up += 10
        ears.hear(talk.client(bytes(3000)))
        assert 0 <= ears.streams.held <= limits.held + 10_000
    # Those that had to go told what they knew.
    assert len(ears.told) > 150
    ears.finish()
    assert len(ears.told) == 200
    assert ears.streams.held == 0


def test_what_one_flow_holds() -> None:
    ears = Ears()
    talk = Conversation()
    ears.hear(talk.open())
    for _ in range(3000):
        talk.up += 1
        ears.hear(talk.client(b"x"))
        assert ears.streams.held <= 65536 + 200
    for _ in range(300):
        talk.down += 1
        ears.hear(talk.server(bytes(1400)))
        assert ears.streams.held <= 2 * 65536 + 200


def test_an_unknown_protocol_is_followed_for_a_while_only() -> None:
    ears = Ears()
    talk = Conversation()
    ears.hear(talk.open())
    for _ in range(100):
        ears.hear(talk.server(bytes(1400)))
    assert ears.streams.held == 0
    assert [s.address for s in ears.streams.shunts()] == [SERVER]
    assert ears.hear(talk.client(b"\0\1\2"), talk.client(GET)).told == [
        HttpRequest(seen(), FLOW, "GET", "www.example.com")
    ]


def test_shunts_are_the_heaviest_sixty_four_and_age() -> None:
    ears = Ears()
    for number in range(80):
        talk = Conversation(FLOW._replace(client_port=10_000 + number, server=struct.pack("!I", number + 1)))
        ears.hear(talk.open())
        for _ in range(3 + (number % 2) * 10):
            ears.hear(talk.server(bytes(60_000)))
    shunts = ears.streams.shunts()
    assert len(shunts) == 64
    heavy = {struct.pack("!I", number + 1) for number in range(1, 80, 2)}
    assert heavy <= {shunt.address for shunt in shunts}
    version = ears.streams.shunts_version
    ears.at(59.0)
    assert ears.streams.shunts() == shunts
    ears.at(60.0)
    assert ears.streams.shunts() == ()
    assert ears.streams.shunts_version > version


def test_idle_flows_are_forgotten() -> None:
    ears = Ears()
    for number in range(50):
        ears.hear(segment(struct.pack("!I", number), 1, SERVER, 80, 1, 16, b"GET / HTTP/1.1\r\nHost: b\r\nCookie: c"))
    assert ears.streams.flows == 50
    ears.at(299.0)
    assert ears.streams.flows == 50
    ears.at(301.0)
    assert ears.streams.flows == 0
    assert [type(obs) for obs in ears.told] == [HttpRequest] * 50


def test_connections_that_ended_are_known_a_minute_more() -> None:
    """For what comes late or twice, which would else seem to be a new connection seen from its middle."""
    ears = Ears()
    talk = Conversation()
    opening, request = talk.open(), talk.client(GET)
    ears.hear(opening, request, talk.close())
    ears.at(59.0).hear(request)
    assert [type(obs) for obs in ears.told] == [HttpRequest]
    ears.at(61.0)
    assert ears.streams.flows == 0


def test_a_reader_that_fails_at_the_end_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Http, "end", fail)
    ears = Ears()
    talk = Conversation()
    ears.hear(talk.open(), talk.client(GET))
    with pytest.raises(RuntimeError, match="a defect"):
        ears.hear(talk.reset())
    assert ears.streams.flows == 1
    ears.at(61.0)
    assert ears.streams.flows == 0


QUERY = bytes.fromhex("000701000001000000000000") + b"\3www\7example\3com\0\0\1\0\1"


def fragments(packet: bytes, size: int, ident: int = 7) -> list[bytes]:
    payload = packet[20:]
    return [
        ip4(
            17,
            ME,
            SERVER,
            payload[at : at + size],
            ident=ident,
            place=at // 8 | (0x2000 if at + size < len(payload) else 0),
        )
        for at in range(0, len(payload), size)
    ]


def test_fragments_in_any_order_are_one_packet() -> None:
    whole = datagram(ME, 5000, SERVER, 53, QUERY)
    told = Ears().hear(whole).told
    assert [type(obs) for obs in told] == [DnsMessage]
    pieces = fragments(whole, 16)
    assert len(pieces) == 3
    assert Ears().hear(pieces).told == told
    assert Ears().hear(pieces[::-1]).told == told
    assert Ears().hear(pieces[1], pieces[1], pieces[0], pieces[0], pieces[2]).told == told


def test_fragments_that_overlap_are_dropped_whole() -> None:
    pieces = fragments(datagram(ME, 5000, SERVER, 53, QUERY), 16)
    forged = ip4(17, ME, SERVER, bytes(16), ident=7, place=1 | 0x2000)
    assert Ears().hear(pieces[0], forged, pieces[1], pieces[2]).told == [Malformed(seen(), "ip", "overlap")]


def test_fragments_are_bounded_and_age() -> None:
    first, *rest = fragments(datagram(ME, 5000, SERVER, 53, QUERY), 16)
    ears = Ears().hear(first)
    assert ears.at(31.0).hear(rest).told == []
    ears = Ears().hear(first)
    for number in range(100, 300):
        ears.hear(fragments(datagram(ME, 5000, SERVER, 53, QUERY), 16, ident=number)[0])
    assert ears.hear(rest).told == []


def test_no_packet_takes_long() -> None:
    """Segments of one byte that leave holes, heads that never end, names that point at each other: the worst we know of."""
    talk = Conversation()
    ears = Ears().hear(talk.open())
    packets: list[bytes] = []
    for _ in range(2000):
        talk.up += 1
        packets += talk.client(b"x")
    other = Conversation(FLOW._replace(client_port=41000))
    packets += other.open() + other.client(*[b"A: b\r\n" * 10] * 400)
    names = b"".join(b"\x3f" + b"a" * 63 + struct.pack("!H", 0xC00C + 66 * max(0, i - 1)) for i in range(240))
    packets.append(datagram(ME, 5353, SERVER, 53, bytes.fromhex("0007010000ff00ff00000000") + names))
    slowest = 0.0
    for packet in packets:
        began = time.perf_counter()
        ears.hear(packet)
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 0.5


FLOODS = {
    "telnet": [("up", b"\xff\xfb\x01" + b"\xff\xf1" * 30_000)],
    "telnet's prompts": [("down", b"\xff\xfb\x01Password: "), ("up", b"\na" * 30_000)],
    "imap's literals": [("down", b"* OK x\r\n"), ("up", b"a {0+}\n" * 8_000)],
    "imap's quotes": [("down", b"* OK x\r\n"), ("up", b'a LOGIN "' + b'\\"' * 30_000)],
    "smtp": [("down", b"220 ESMTP\r\n"), ("up", b"\n" * 60_000)],
    "irc": [("down", b":irc NOTICE x :\r\n"), ("up", (b"PRIVMSG NS" + b" " * 12_000 + b"\n") * 5)],
    "xmpp": [("up", b"<stream:stream >" + b"<auth >" * 8_000)],
    "ldap": [("up", bytes.fromhex("30050201014200") * 8_000)],
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_no_packet_of_many_lines_takes_long(flood: list[tuple[str, bytes]]) -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open())
    began = time.process_time()
    for side, text in flood:
        ears.hear((talk.client if side == "up" else talk.server)(text))
    assert time.process_time() - began < 0.2
    assert ears.streams.held <= 65536
