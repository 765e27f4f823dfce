"""Hellos, records and chains read from any bytes: a value or Bad, and nothing is made of what is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.handshakes import LEAF, LINK, handshake
from tests.streams.hellos import client_hello, extension, server_hello
from wifiguard.decode import tls
from wifiguard.decode.bad import Bad, Reason

UP, DOWN = (text for _, text in handshake([LEAF, LINK])[:2])
SSL2 = bytes.fromhex("802e010002001500000010") + bytes(37)
CHAIN = b"".join(len(der).to_bytes(3, "big") + der for der in (LEAF.der, LINK.der))
CHAIN = len(CHAIN).to_bytes(3, "big") + CHAIN
READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (tls.begins, UP),
    (tls.is_hello, UP),
    (tls.client_hello, UP[9:]),
    (tls.client_hello, client_hello("www.example.org", offered=(0x0A0A, 0x0304, 0x0303), ciphers=(0x1A1A, 1))[9:]),
    (tls.server_hello, DOWN[9:]),
    (tls.server_hello, server_hello(chosen=0x7F1C)[9:]),
    (tls.ssl2_hello, SSL2),
    (tls.ssl2_certificate, b"\x80\x20\4\0\1\0\2\0\5" + bytes(40)),
    (tls.certificates, CHAIN),
    (tls.message, UP[5:]),
    (lambda data: tls.record(data, 0), UP),
]
NUMBERS = list(range(len(READERS)))


@pytest.mark.parametrize("number", NUMBERS)
def test_every_prefix(number: int) -> None:
    read, whole = READERS[number]
    for end in range(len(whole)):
        try:
            read(whole[:end])
        except Bad:
            pass


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(NUMBERS), st.data())
def test_any_bytes_changed(number: int, data: st.DataObject) -> None:
    read, whole = READERS[number]
    spoilt = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(spoilt) + data.draw(st.binary(max_size=5)))
    except Bad:
        pass


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NUMBERS), st.binary(max_size=80))
def test_any_bytes(number: int, text: bytes) -> None:
    try:
        READERS[number][0](text)
    except Bad:
        pass


def test_a_chain() -> None:
    assert tls.certificates(CHAIN) == (LEAF.der, LINK.der)
    assert tls.certificates(b"\0\0\0") == ()


@pytest.mark.parametrize("chain", [CHAIN[:-1], CHAIN + b"x", b"\0\0\3\0\0\0", b"\0\0\4\0\0\2x", b"\0\0"])
def test_chains_that_are_none(chain: bytes) -> None:
    with pytest.raises(Bad) as caught:
        tls.certificates(chain)
    assert caught.value.reason is Reason.LENGTH


@pytest.mark.parametrize(
    ("alert", "warns"), [(b"\1\x70", True), (b"\1\0", False), (b"\2\x28", False), (b"\1", False), (bytes(26), False)]
)
def test_warnings(alert: bytes, warns: bool) -> None:
    assert tls.is_warning(alert) is warns


def test_what_nobody_standardised_is_left_out_of_an_offer() -> None:
    hello = tls.client_hello(client_hello("x", offered=(0x0A0A, 0x0304, 0x7F1C, 0x0303), ciphers=(0x1A1A, 0x1301))[9:])
    assert hello == (("TLS1.3", "TLS1.2"), "x", (0x1301,))


def test_a_name_that_is_none() -> None:
    for content in (b"", b"\0\3\0\0\0", b"\0\6\1\0\3abc", b"\0\6\0\0\3a b", b"\0\4\0\0\1\xff"):
        hello = client_hello()[9:]
        body = extension(0, content)
        assert tls.client_hello(hello + len(body).to_bytes(2, "big") + body).server_name is None
