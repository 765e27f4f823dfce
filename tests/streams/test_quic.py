"""QUIC's hello, as aioquic says it, however it is cut, shuffled, lost or spoilt."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable

import pytest
from aioquic.buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import QuicProtocolVersion, encode_quic_retry
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.hellos import client_hello
from tests.streams.talking import ETHERNET, FLOW, ME, SERVER, Ears, datagram, ether, heard
from wifiguard.core.messages import Malformed, TlsHello
from wifiguard.core.observation import Observation
from wifiguard.decode.quic import LEAST

V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2
PORT = 50000
ID = bytes(range(8))


def client(name: str | None = "www.example.org", version: int = V1) -> QuicConnection:
    configuration = QuicConfiguration(
        is_client=True, server_name=name, alpn_protocols=["h3"], supported_versions=[version], original_version=version
    )
    connection = QuicConnection(configuration=configuration)
    connection.connect(("192.0.2.1", 443), now=0.0)
    return connection


def said(connection: QuicConnection) -> list[bytes]:
    return [text for text, _ in connection.datagrams_to_send(now=0.0)]


def up(*texts: bytes, port: int = PORT) -> list[bytes]:
    return [datagram(ME, port, SERVER, 443, text) for text in texts]


def down(*texts: bytes, port: int = PORT) -> list[bytes]:
    return [datagram(SERVER, 443, ME, port, text) for text in texts]


def hellos(observations: Iterable[Observation]) -> list[tuple[str | None, tuple[str, ...]]]:
    for obs in observations:
        assert isinstance(obs, TlsHello)
        assert obs.quic
        assert not obs.server
        assert obs.flow == FLOW._replace(client_port=PORT, server_port=443, transport="udp")
    return [(obs.server_name, obs.versions) for obs in observations if isinstance(obs, TlsHello)]


WANTED = [("www.example.org", ("TLS1.3",))]


@pytest.mark.parametrize("version", [V1, V2])
def test_a_real_client(version: int) -> None:
    assert hellos(heard(up(*said(client(version=version))))) == WANTED


def test_on_any_link_and_port() -> None:
    (text,) = said(client())
    (hello,) = Ears(ETHERNET).hear(ether(datagram(ME, PORT, SERVER, 8443, text))).finish()
    assert isinstance(hello, TlsHello)
    assert hello.flow.server_port == 8443


def test_a_client_without_a_name() -> None:
    assert hellos(heard(up(*said(client(None))))) == [(None, ("TLS1.3",))]


def test_told_once_though_it_is_sent_again() -> None:
    connection = client()
    first = said(connection)
    due = connection.get_timer()
    assert due is not None
    connection.handle_timer(now=due)
    again = [text for text, _ in connection.datagrams_to_send(now=due)]
    assert again
    assert hellos(heard(up(*first, *again, *first))) == WANTED


def test_the_servers_answer_says_nothing() -> None:
    ears = Ears().hear(up(*said(client())))
    ears.hear(down(protected(V1, ID, 0, crypto(0, client_hello("answer.example")[5:])) + bytes(100)))
    assert hellos(ears.finish()) == WANTED


def test_after_a_retry() -> None:
    connection = client()
    first = said(connection)
    original = connection.original_destination_connection_id
    retry = encode_quic_retry(V1, b"from-srv", connection.host_cid, original, b"a token")
    connection.receive_datagram(retry, ("192.0.2.1", 443), now=0.0)
    second = said(connection)
    assert second
    # The first flight may be lost to us.
    assert hellos(heard(up(*second))) == WANTED
    assert hellos(heard(up(*first), down(retry), up(*second))) == WANTED


def crypto(offset: int, text: bytes) -> bytes:
    return b"\x06" + struct.pack("!IH", 0x80000000 | offset, 0x4000 | len(text)) + text


def protected(version: int, destination: bytes, number: int, frames: bytes, *, least: int = LEAST) -> bytes:
    """An Initial packet as a client protects it, filled up to a datagram's least size."""
    frames += bytes(max(0, least - len(frames)))
    pair = CryptoPair()
    pair.setup_initial(destination, is_client=True, version=version)
    first = 0xC1 if version == V1 else 0xD1
    length = 2 + len(frames) + 16
    head = Buffer(capacity=100)
    head.push_uint8(first)
    head.push_uint32(version)
    for each in (destination, b"client"):
        head.push_uint8(len(each))
        head.push_bytes(each)
    head.push_uint_var(0)
    head.push_uint16(0x4000 | length)
    head.push_uint16(number)
    return bytes(pair.encrypt_packet(head.data, frames, number))


HELLO = client_hello("www.example.org", offered=(0x0304,))[5:]


def pieces(size: int) -> list[bytes]:
    return [crypto(at, HELLO[at : at + size]) for at in range(0, len(HELLO), size)]


@pytest.mark.parametrize("version", [V1, V2])
@pytest.mark.parametrize("size", [1, 7, 40])
def test_pieces_in_any_order_over_many_packets(version: int, size: int) -> None:
    """Browsers cut the hello up and shuffle it, so that nobody relies on its shape."""
    parts = pieces(size)
    random.Random(size).shuffle(parts)
    third = len(parts) // 3 + 1
    packets = [
        protected(version, ID, number, b"\1\0".join(parts[at : at + third]))
        for number, at in enumerate(range(0, len(parts), third))
    ]
    assert hellos(heard(up(*packets))) == WANTED
    # One datagram, as segmentation offload hands it up.
    assert hellos(heard(up(b"".join(packets)))) == WANTED


def test_a_piece_that_does_not_come() -> None:
    parts = pieces(20)
    del parts[1]
    assert heard(up(protected(V1, ID, 0, b"".join(parts)))) == []


def test_the_first_copy_counts() -> None:
    forged = client_hello("www.exempla.org", offered=(0x0304,))[5:]
    assert len(forged) == len(HELLO)
    frames = [crypto(0, HELLO[:70]), crypto(10, forged[10:])]
    (hello,) = heard(up(*[protected(V1, ID, number, each) for number, each in enumerate(frames)]))
    assert isinstance(hello, TlsHello)
    assert hello.server_name == "www.example.org"


@pytest.mark.parametrize(
    "frames",
    [
        b"".join(crypto(at, b"x") for at in range(1, 600, 2)),
        crypto(1 << 20, b"far"),
        crypto(0, b"\1\xff\xff\xff"),
        crypto(0, b"\2\0\0\2ab"),
        crypto(0, b"\1\0\0\2ab"),
        b"\x08",
    ],
)
def test_what_is_no_hello_is_given_up(frames: bytes) -> None:
    told = heard(up(protected(V1, ID, 0, frames), protected(V1, ID, 1, crypto(0, HELLO))))
    assert {type(obs) for obs in told} <= {Malformed, TlsHello}
    assert len(told) <= 2


def test_a_small_datagram_is_no_clients_first() -> None:
    assert heard(up(protected(V1, ID, 0, crypto(0, HELLO), least=1000))) == []


def test_others_who_use_such_bytes() -> None:
    chance = random.Random(1)
    told = heard(up(*[b"\xc3" + chance.randbytes(1300) for _ in range(200)]))
    assert told == []


def test_a_flood_costs_a_bounded_number_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from wifiguard.decode import quic

    made: list[bytes] = []
    keys = quic.client_keys

    def counted(version: int, destination: bytes) -> quic.Keys | None:
        made.append(destination)
        return keys(version, destination)

    monkeypatch.setattr(quic, "client_keys", counted)
    junk = b"\xc1\0\0\0\1\x08" + ID + b"\0\0\x44\xc0" + bytes(0x4C0)
    ears = Ears()
    for port in range(2000):
        ears.hear(up(junk, port=1024 + port))
    assert 256 <= len(made) <= 600
    ears.at(5.0).hear(up(*said(client())))
    assert [obs.server_name for obs in ears.finish() if isinstance(obs, TlsHello)] == ["www.example.org"]


@settings(max_examples=200, deadline=None)
@given(st.integers())
def test_any_byte_flipped_any_cut(seed: int) -> None:
    chance = random.Random(seed)
    version = chance.choice([V1, V2])
    frames = bytearray(b"".join(pieces(chance.choice([5, 50, 500]))))
    for _ in range(chance.randrange(4)):
        frames[chance.randrange(len(frames))] ^= 1 << chance.randrange(8)
    text = bytearray(protected(version, ID, 0, bytes(frames)))
    if chance.random() < 0.3:
        text[chance.randrange(60)] ^= 1 << chance.randrange(8)
    cut = chance.choice([len(text), chance.randrange(len(text))])
    for obs in heard(up(bytes(text[:cut]))):
        assert isinstance(obs, TlsHello | Malformed)
