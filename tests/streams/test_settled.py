"""What is spared a reading would have told nothing: streams that are asked first hear the same."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import (
    ACK,
    ETHERNET,
    FIN,
    FLOW,
    RAW,
    RST,
    SYN,
    Conversation,
    Ears,
    datagram,
    ether,
    ip4,
    segment,
)
from wifiguard.core.messages import Flow, Malformed
from wifiguard.core.observation import Observation
from wifiguard.streams import Counts

SIX = Flow(
    bytes.fromhex("20010db8") + bytes(11) + b"\1", 40000, bytes.fromhex("20010db8") + bytes(11) + b"\2", 443, "tcp"
)
BULK = b"\x17\x03\x03\x40\x00" + b"b" * 995


def cooked1(packet: bytes) -> bytes:
    return bytes(14) + ether(packet)[12:14] + packet


def cooked2(packet: bytes) -> bytes:
    return ether(packet)[12:14] + bytes(18) + packet


FRAMED = {ETHERNET: ether, RAW: bytes, 113: cooked1, 276: cooked2}


def download(flow: Flow = FLOW, first: int = 1000) -> tuple[list[bytes], Conversation]:
    """A TLS connection whose server has begun to send data."""
    talk = Conversation(flow, first)
    packets = talk.open() + talk.client(client_hello("x.example", offered=(0x0304,)))
    return packets + talk.server(server_hello(chosen=0x0304), BULK), talk


def asked_first(ears: Ears, *packets: bytes) -> list[bool]:
    """Let `ears` hear what is not spared; returns what was."""
    out = []
    for packet in packets:
        out.append(ears.streams.settled(packet, len(packet)))
        if not out[-1]:
            ears.hear(packet)
    return out


@pytest.mark.parametrize("link_type", FRAMED)
@pytest.mark.parametrize("flow", [FLOW, SIX], ids=["IPv4", "IPv6"])
def test_more_of_a_settled_flow_is_counted_and_that_is_all(link_type: int, flow: Flow) -> None:
    packets, talk = download(flow)
    frames = [FRAMED[link_type](packet) for packet in packets]
    more = [FRAMED[link_type](packet) for packet in talk.server(*[BULK] * 5)]
    ears, all_ears = Ears(link_type), Ears(link_type).hear(frames, more)
    assert asked_first(ears, *frames) == [False] * len(frames)
    assert asked_first(ears, *more) == [True] * 5
    assert ears.finish() == all_ears.finish()
    assert ears.streams.counts == all_ears.streams.counts != Counts()


def test_what_may_tell_more_is_read() -> None:
    packets, talk = download()
    ears = Ears(ETHERNET).hear(map(ether, packets))
    (more,) = talk.server(BULK)
    f = FLOW
    ports = struct.pack("!HH", f.server_port, f.client_port)
    other_flow = segment(f.server, f.server_port, f.client, 40001, talk.down, ACK, BULK)
    ends = [segment(f.server, 80, f.client, f.client_port, talk.down, flags | ACK, BULK) for flags in (SYN, FIN, RST)]
    fragment = ip4(6, f.server, f.client, ports + BULK, place=0x2000)
    later = ip4(6, f.server, f.client, ports + BULK, place=100)
    options = b"\x46" + more[1:20] + bytes(4) + more[20:]
    udp = datagram(f.server, f.server_port, f.client, f.client_port, BULK)
    tagged = bytes(12) + b"\x81\x00" + more
    short = ether(more)[:40]
    frames = [
        *map(ether, [*talk.client(b"\x17\x03\x03"), other_flow, *ends, fragment, later, options, udp]),
        tagged,
        short,
    ]
    assert [ears.streams.settled(frame, len(frame)) for frame in frames] == [False] * len(frames)
    assert ears.streams.settled(ether(more), len(more))


def test_a_heavy_sender_is_read_so_that_the_filter_can_take_over() -> None:
    packets, talk = download()
    ears = Ears(RAW).hear(packets)
    spared = asked_first(ears, *talk.server(*[BULK] * 300))
    assert 0 < spared.count(False) < 6
    assert [shunt.port for shunt in ears.streams.shunts()] == [FLOW.server_port]


def test_the_next_connection_with_the_same_numbers_is_heard() -> None:
    packets, talk = download()
    ears = Ears(RAW)
    asked_first(ears, *packets, *talk.server(BULK))
    again, _ = download(first=77_000_000)
    asked_first(ears, *again)
    expected = Ears(RAW).hear(packets, again).finish()
    assert ears.finish() == expected
    assert len(expected) == 4


def test_an_unknown_link_spares_nothing() -> None:
    packets, talk = download()
    ears = Ears(108)
    loopback = [(2).to_bytes(4, "big") + packet for packet in [*packets, *talk.server(BULK)]]
    assert not any(asked_first(ears, *loopback))


@settings(max_examples=200, deadline=None)
@given(st.integers())
def test_spoilt_packets_are_told_alike(seed: int) -> None:
    chance = random.Random(seed)
    packets, talk = download()
    packets += talk.server(*[BULK[: chance.randrange(1, 300)] for _ in range(10)]) + talk.client(
        b"GET / HTTP/1.1\r\n\r\n"
    )
    spoilt = []
    for packet in packets:
        frame = bytearray(ether(packet))
        if chance.random() < 0.3:
            frame[chance.randrange(54)] ^= 1 << chance.randrange(8)
        spoilt.append(bytes(frame[: chance.randrange(1, len(frame))] if chance.random() < 0.1 else frame))
    ears, all_ears = Ears(ETHERNET), Ears(ETHERNET).hear(spoilt)
    asked_first(ears, *spoilt)
    assert told(ears.finish()) == told(all_ears.finish())


def told(observations: list[Observation]) -> list[Observation]:
    """What is told beside complaints: those of a spared packet are not made."""
    return [obs for obs in observations if not isinstance(obs, Malformed)]
