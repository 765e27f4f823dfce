"""IP fragments in any order, doubled, overlapping, without end."""

from __future__ import annotations

import random
import struct
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.talking import ACK, ME, SERVER, Conversation, Ears, datagram, heard, ip4, ip6, segment, timeless
from wifiguard.core.messages import DnsMessage, HttpRequest, Malformed
from wifiguard.core.observation import Observation
from wifiguard.decode.bad import Bad, Reason
from wifiguard.streams.fragments import Fragments

ME6, SERVER6 = (bytes.fromhex("20010db8") + bytes(11) + bytes([last]) for last in (1, 2))
KEY = (ME, SERVER, 6, 7)


def cut4(packet: bytes, *sizes: int, ident: int = 7) -> list[bytes]:
    """An IPv4 packet in pieces of these sizes (multiples of 8); the last takes the rest."""
    body, out, at = packet[20:], [], 0
    for size in (*sizes, len(body)):
        piece = body[at : at + size]
        more = at + size < len(body)
        out.append(ip4(packet[9], packet[12:16], packet[16:20], piece, ident=ident, place=more << 13 | at >> 3))
        at += size
    return out


def cut6(packet: bytes, *sizes: int) -> list[bytes]:
    """The same of an IPv6 packet."""
    body, out, at = packet[40:], [], 0
    for size in (*sizes, len(body)):
        more = at + size < len(body)
        head = struct.pack("!BxHI", packet[6], at | more, 7)
        out.append(ip6(44, packet[8:24], packet[24:40], head + body[at : at + size]))
        at += size
    return out


def request(source: bytes = ME, destination: bytes = SERVER) -> bytes:
    said = b"POST /login HTTP/1.1\r\nHost: bank.example\r\nCookie: a=b\r\n\r\n"
    return segment(source, 40000, destination, 80, 1000, ACK, said)


def test_in_every_order_the_whole_is_read() -> None:
    (whole,) = [obs for obs in heard(request()) if isinstance(obs, HttpRequest)]
    for pieces in permutations(cut4(request(), 24, 8, 32)):
        assert timeless(heard(*pieces)) == timeless([whole])
    (whole6,) = heard(request(ME6, SERVER6))
    for pieces in permutations(cut6(request(ME6, SERVER6), 24, 8, 32)):
        assert timeless(heard(*pieces)) == timeless([whole6])


def test_doubled_pieces_change_nothing() -> None:
    first, second, third = cut4(request(), 24, 32)
    assert heard(first, first, third, first, second) == heard(request())


def test_a_header_behind_the_fragment_header_is_passed() -> None:
    options = bytes([6, 0, 1, 4, 0, 0, 0, 0])
    packet = ip6(60, ME6, SERVER6, options + request(ME6, SERVER6)[40:])
    assert heard(*cut6(packet, 24)) == heard(request(ME6, SERVER6))


def test_a_fragmented_tunnel_carries_fragments() -> None:
    inner = cut4(request(), 24)
    outer = [ip4(4, SERVER, ME, packet, ident=number) for number, packet in enumerate(inner)]
    pieces = [piece for number, packet in enumerate(outer) for piece in cut4(packet, 16, ident=number)]
    assert heard(*pieces) == heard(request())


def test_a_dns_answer_in_fragments() -> None:
    query = bytes.fromhex("123401000001000000000000") + b"\3www\7example\3com\0\0\1\0\1"
    packet = datagram(ME, 40000, SERVER, 53, query)
    (told,) = heard(*cut4(packet, 16))
    assert isinstance(told, DnsMessage)


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([(0, True, 16), (8, True, 16)], Reason.OVERLAP),
        ([(16, True, 16), (8, True, 16)], Reason.OVERLAP),
        ([(0, True, 32), (8, True, 8)], Reason.OVERLAP),
        ([(0, True, 16), (0, True, 24)], Reason.OVERLAP),
        ([(16, False, 8), (24, True, 8)], Reason.OVERLAP),  # behind the end
        ([(16, False, 8), (32, False, 8)], Reason.OVERLAP),  # two ends
        ([(32, True, 8), (16, False, 8)], Reason.OVERLAP),  # an end before what came
        ([(65528, False, 16)], Reason.LENGTH),
        ([(8, True, 0)], Reason.LENGTH),
    ],
)
def test_of_pieces_that_contradict_each_other_nothing_is_used(
    pieces: list[tuple[int, bool, int]], reason: Reason
) -> None:
    fragments = Fragments(4, 30.0)
    *before, last = [(offset, more, bytes([offset & 255]) * size) for offset, more, size in pieces]
    for piece in before:
        assert fragments.add(KEY, *piece, 0.0) is None
    with pytest.raises(Bad) as caught:
        fragments.add(KEY, *last, 0.0)
    assert caught.value.reason is reason


def test_overlapping_pieces_are_told() -> None:
    first, second = cut4(request(), 24)
    third = ip4(6, ME, SERVER, b"x" * 48, ident=7, place=0x2000)
    (told,) = heard(first, third, second)
    assert isinstance(told, Malformed)
    assert (told.protocol, told.reason) == ("ip", "overlap")


def test_pieces_wait_for_half_a_minute() -> None:
    first, second = cut4(request(), 24)
    assert len(Ears().hear(first).at(29.0).hear(second).finish()) == 1
    assert Ears().hear(first).at(31.0).hear(second).finish() == []


def test_a_flood_of_first_pieces_is_bounded() -> None:
    fragments = Fragments(64, 30.0)
    for number in range(10_000):
        fragments.add((ME, SERVER, 17, number), 0, True, bytes(1480), 0.0)
    assert len(fragments._packets) == 64
    for number in range(64):
        fragments.add(KEY, number * 16, True, bytes(8), 0.0)
    with pytest.raises(Bad):
        fragments.add(KEY, 2048, True, bytes(8), 0.0)


@settings(max_examples=200, deadline=None)
@given(st.integers())
def test_any_cut_tells_the_same(seed: int) -> None:
    chance = random.Random(seed)
    talk = Conversation()
    opening = talk.open()
    said = [talk.client(b"GET /%d HTTP/1.1\r\nHost: x.example\r\n\r\n" % number)[0] for number in range(3)]
    pieces: list[bytes] = []
    for number, packet in enumerate(said):
        cut = cut4(packet, *(8 * chance.randrange(1, 4) for _ in range(chance.randrange(3))), ident=number)
        chance.shuffle(cut)
        pieces += cut
    assert requests(heard(opening, pieces)) == requests(heard(opening, said)) == 3


def requests(told: list[Observation]) -> int:
    return sum(isinstance(obs, HttpRequest) for obs in told)
