"""QUIC's Initial packets: the standards' own examples, and whatever else may come."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifiguard.decode import quic
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.quic import Initial, Keys

ID = bytes.fromhex("8394c8f03e515708")
V2 = 0x6B3343CF
# RFC 9001, A.1, and RFC 9369, A.1.
KEYS = {
    1: Keys(
        bytes.fromhex("1f369613dd76d5467730efcbe3b1a22d"),
        bytes.fromhex("fa044b2f42a3fd3b46fb255c"),
        bytes.fromhex("9f50449e04a0e810283a1e9933adedd2"),
    ),
    V2: Keys(
        bytes.fromhex("8b1a0bc121284290a29e0971b5cd045d"),
        bytes.fromhex("91f73e2351d8fa91660e909f"),
        bytes.fromhex("45b95e15235d6f45a6b19cbcb0294ba9"),
    ),
}


@pytest.mark.parametrize("version", [1, V2])
def test_the_standards_keys(version: int) -> None:
    assert quic.client_keys(version, ID) == KEYS[version]


def test_drafts_have_keys_and_other_versions_none() -> None:
    keys = [quic.client_keys(0xFF000000 + draft, ID) for draft in (23, 28, 29, 32, 33, 34)]
    assert None not in keys
    assert keys[0] == keys[1] != keys[2] == keys[3] != keys[4] == keys[5] == KEYS[1]
    for version in (0, 2, 0xFF000016, 0xFF000023, 0x51303433, 0x0A1A2A3A):
        assert quic.client_keys(version, ID) is None


def number(value: int) -> bytes:
    return (0x4000 | value).to_bytes(2, "big")


def long_header(
    first: int, version: int, *, token: bytes | None = b"", length: int = 40, rest: int | None = None
) -> bytes:
    head = bytes([first]) + version.to_bytes(4, "big") + bytes([len(ID)]) + ID + b"\0"
    head += number(len(token)) + token if token is not None else b""
    return head + number(length) + bytes(length if rest is None else rest)


@pytest.mark.parametrize(("version", "initial", "handshake"), [(1, 0xC0, 0xE0), (V2, 0xD0, 0xF0)])
def test_packets_that_share_a_datagram(version: int, initial: int, handshake: int) -> None:
    one = long_header(initial, version, token=b"a token")
    other = long_header(handshake, version, token=None)
    data = b"before" + other + one + one + b"\x40short header"
    found = list(quic.initials(data, 6, len(data)))
    at = 6 + len(other)
    assert found == [
        Initial(version, ID, at, at + len(one) - 40, at + len(one)),
        Initial(version, ID, at + len(one), at + 2 * len(one) - 40, at + 2 * len(one)),
    ]


@pytest.mark.parametrize(("version", "retry"), [(1, 0xF0), (V2, 0xC0)])
def test_a_retry_ends_the_datagram(version: int, retry: int) -> None:
    data = long_header(retry, version, token=None)
    assert list(quic.initials(data, 0, len(data))) == []


def test_unknown_versions_are_left_alone() -> None:
    for version in (0, 0x51303433, 0x0A1A2A3A):
        data = long_header(0xC0, version)
        assert list(quic.initials(data, 0, len(data))) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (long_header(0xC0, 1, length=100, rest=99), Reason.LENGTH),
        (long_header(0xC0, 1)[:12], Reason.SHORT),
        (long_header(0xC0, 1)[:14], Reason.SHORT),
        (b"\xc0\0\0\0\1\x15" + bytes(60), Reason.HEADER),
    ],
)
def test_malformed(data: bytes, reason: Reason) -> None:
    with pytest.raises(Bad) as caught:
        list(quic.initials(data, 0, len(data)))
    assert caught.value.reason is reason


def test_frames() -> None:
    ack = b"\x02\x05\x00\x01\x00\x01\x01"
    ack_ecn = b"\x03\x05\x00\x00\x00\x01\x02\x03"
    frames = b"\0\0\1" + ack + b"\x06\x00\x03abc" + ack_ecn + b"\x06\x40\x64\x02de" + b"\0" * 9 + b"\x1c\x06\x00\x02no"
    assert list(quic.crypto(frames)) == [(0, b"abc"), (100, b"de")]


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        (b"\x06\x00\x05abc", Reason.LENGTH),
        (b"\x06\x00", Reason.SHORT),
        (b"\x06\xc0", Reason.SHORT),
        (b"\x02\x05\x00\x7f\xff", Reason.LENGTH),
        (b"\x08stream", Reason.HEADER),
    ],
)
def test_malformed_frames(frames: bytes, reason: Reason) -> None:
    with pytest.raises(Bad) as caught:
        list(quic.crypto(frames))
    assert caught.value.reason is reason


@settings(max_examples=500, deadline=None)
@given(st.integers())
def test_any_bytes(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(b"".join(long_header(first, chance.choice([1, V2, 0xFF00001D])) for first in (0xC0, 0xD0, 0xE3)))
    for _ in range(chance.randrange(5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    data = data[: chance.randrange(len(data) + 1)]
    keys = quic.client_keys(1, ID)
    assert keys is not None
    try:
        for packet in quic.initials(bytes(data), 0, len(data)):
            assert quic.opened(bytes(data), packet, keys) is None
    except Bad:
        pass
    try:
        for offset, piece in quic.crypto(bytes(data)):
            assert offset >= 0
            assert piece in data
    except Bad:
        pass
