"""Whatever arrives, nothing raises, and what is told is a message."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import (
    ACK,
    ETHERNET,
    FLOW,
    ME,
    RAW,
    SERVER,
    Conversation,
    Ears,
    datagram,
    ether,
    seen,
    segment,
    timeless,
)
from wifiguard.core.air import ManagementFrame
from wifiguard.core.messages import Malformed
from wifiguard.streams import supported

AIR = {105, 119, 127, 163, 192}  # 802.11, bare or behind a header of some kind
LINK_TYPES = [link for link in range(300) if supported(link)]
QUERY = (
    bytes.fromhex("123481800001000100000000") + b"\3www\7example\3com\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4"
)


def story() -> list[bytes]:
    """Raw IP packets of every protocol that is read."""
    packets: list[bytes] = []
    turns = [
        [("up", b"POST /?a=b HTTP/1.1\r\nHost: x.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npw=x\r\n0\r\n\r\n"),
         ("down", b"HTTP/1.1 301 x\r\nLocation: https://y\r\nContent-Length: 2\r\n\r\nhi")],
        [("up", client_hello("x.example", offered=(0x0304,))), ("down", server_hello(chosen=0x0304))],
        [("up", bytes.fromhex("802e010002001500000010") + bytes(37))],
        [("down", b"220 ftp FTP\r\n"), ("up", b"USER me\r\nPASS secret\r\n")],
        [("up", bytes.fromhex("300c020101600702010304008000"))],
        [("down", b"\xff\xfd\x18\xff\xfb\x01login: "), ("up", b"m"), ("up", b"e\r\n")],
        [("up", len(QUERY).to_bytes(2, "big") + QUERY)],
    ]  # fmt: skip
    for number, script in enumerate(turns):
        talk = Conversation(FLOW._replace(client_port=40000 + number, server_port=1000 + number))
        packets += talk.open()
        for side, text in script:
            packets += talk.client(text) if side == "up" else talk.server(text)
        packets += talk.close()
    packets += [datagram(SERVER, port, ME, 40000, QUERY) for port in (53, 5353, 5355, 137)]
    return packets


STORY = story()
WHOLE = [ether(packet) for packet in STORY]


def test_the_story_as_it_is_has_nothing_malformed() -> None:
    ears = Ears(ETHERNET).hear(WHOLE)
    told = ears.finish()
    assert not [obs for obs in told if isinstance(obs, Malformed)]
    assert dict(ears.streams.counts.protocols) == {
        "http": 2, "tls": 3, "tls1.3": 1, "ftp": 1, "ldap": 1, "telnet": 1, "dns-over-tcp": 1,
        "dns": 1, "mdns": 1, "llmnr": 1, "nbns": 1,
    }  # fmt: skip


@pytest.mark.parametrize("link_type", LINK_TYPES)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=120), max_size=8))
def test_any_bytes(link_type: int, frames: list[bytes]) -> None:
    ears = Ears(link_type).hear(frames)
    # Twenty-four bytes after an @ are a probe request that asks for nothing.
    told = {Malformed, ManagementFrame} if link_type in AIR else {Malformed}
    assert {type(obs) for obs in ears.finish()} <= told
    assert ears.streams.counts.packets == len(frames)


@settings(max_examples=300, deadline=None)
@given(st.integers(), st.sampled_from(["cut", "flip", "fill"]))
def test_one_frame_of_the_story_spoilt(seed: int, how: str) -> None:
    chance = random.Random(seed)
    frames = list(WHOLE)
    for index in chance.sample(range(len(frames)), 3):
        frame = bytearray(frames[index])
        at = chance.randrange(len(frame))
        if how == "cut":
            del frame[at:]
        elif how == "flip":
            frame[at] ^= 1 << chance.randrange(8)
        else:
            frame[at:] = chance.randbytes(len(frame) - at)
        frames[index] = bytes(frame)
    ears = Ears(ETHERNET)
    for frame_length, each in zip(map(len, WHOLE), frames, strict=True):
        ears.streams.packet(each, seen(ears.tick), frame_length if chance.random() < 0.5 else len(each))
        ears.tick += chance.random()
    ears.finish()


@settings(max_examples=300, deadline=None)
@given(st.integers())
def test_any_payload_behind_a_known_beginning(seed: int) -> None:
    chance = random.Random(seed)
    beginnings = [packet[40:] for packet in STORY if len(packet) > 50]
    talk = Conversation()
    ears = Ears().hear(talk.open())
    for _ in range(6):
        text = chance.choice(beginnings)
        text = text[: chance.randrange(1, len(text) + 1)] + chance.randbytes(chance.randrange(60))
        ears.hear((talk.client if chance.random() < 0.5 else talk.server)(text))
    ears.finish()


@settings(max_examples=200, deadline=None)
@given(st.integers())
def test_any_segments_on_one_flow(seed: int) -> None:
    """Numbers, flags and lengths at random: the account of what is held stays true."""
    chance = random.Random(seed)
    ears = Ears()
    base = chance.randrange(2**32)
    for _ in range(60):
        ends = (ME, 40000, SERVER, 80)
        if chance.random() < 0.5:
            ends = (SERVER, 80, ME, 40000)
        sequence = base + chance.choice([0, 1, -1, 5, 1000, 70_000, 2**22, 2**31, chance.randrange(2**32)])
        flags = chance.choice([ACK, ACK, ACK, ACK, 2, 18, 17, 4, chance.randrange(64)])
        text = chance.choice([b"", b"GET / HTTP/1.1\r\n", b"\r\n", b"HTTP/1.1 200 x\r\n\r\n", chance.randbytes(99)])
        ears.hear(segment(*ends, sequence, flags, text))
        ears.at(ears.tick + chance.choice([0, 0, 0.1, 0.6]))
    assert ears.streams.held >= 0
    ears.finish()
    assert ears.streams.held == 0


def test_a_memoryview_says_the_same() -> None:
    plain, viewed = Ears(ETHERNET).hear(WHOLE), Ears(ETHERNET)
    for frame in WHOLE:
        viewed.streams.packet(memoryview(frame), seen(), len(frame))
    assert viewed.finish() == plain.finish()


def test_an_unknown_link_type_is_ignored() -> None:
    assert not supported(147)
    ears = Ears(147).hear(STORY)
    assert ears.finish() == []
    assert ears.streams.counts.packets == len(STORY)


def test_the_same_complaint_is_told_once_a_minute() -> None:
    ears = Ears(RAW)
    for second in range(130):
        ears.at(float(second)).hear([b"\x45"] * 10)
    assert timeless(ears.told) == timeless([ears.told[0]] * 3)
    assert [obs.tick for obs in ears.told] == [0.0, 60.0, 120.0]
    assert ears.streams.counts.malformed == 1300
