"""TLS is read up to the server's certificate, whoever cut it and however."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.handshakes import LEAF, LINK, NOW, ROOT, Said, handshake, issue, resigned, rsa_key
from tests.streams.hellos import RETRY, client_hello, record, server_hello
from tests.streams.hellos import handshake as message
from tests.streams.talking import FLOW, Conversation, Ears, timeless
from wifiguard.core.messages import Malformed, TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.tls import Certificate, Roots, TlsCertificate, Voucher, problems
from wifiguard.streams import Shunt, Streams

OLD = issue("old.example.org", ROOT, key=rsa_key())
ROOTS = Roots((ROOT.der,), (), NOW)
V = ssl.TLSVersion


def packets(said: Iterable[Said], cut: int = 1 << 20) -> list[bytes]:
    """A whole connection, in segments of at most `cut` bytes."""
    talk = Conversation()
    out = talk.open()
    for side, text in said:
        pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
        out += (talk.client if side == "up" else talk.server)(*pieces)
    return [*out, *talk.close()]


def told(frames: Iterable[bytes], roots: Roots = ROOTS) -> list[Observation]:
    out: list[Observation] = []
    streams = Streams(out.append, 101, trust=lambda: roots)
    for frame in frames:
        streams.packet(frame, Seen(NOW, 0.0, interface="eth0"), len(frame))
    streams.finish()
    assert streams.held == 0
    return out


def certificates(said: Iterable[Said], roots: Roots = ROOTS) -> list[TlsCertificate]:
    return [obs for obs in told(packets(said), roots) if isinstance(obs, TlsCertificate)]


def versions(observations: Iterable[Observation]) -> list[tuple[bool, str, str | None]]:
    return [(obs.server, obs.versions[0], obs.server_name) for obs in observations if isinstance(obs, TlsHello)]


@pytest.mark.parametrize("version", [V.TLSv1, V.TLSv1_1, V.TLSv1_2])
def test_a_real_handshake_up_to_tls12(version: ssl.TLSVersion) -> None:
    out = told(packets(handshake([LEAF, LINK], version=version, ciphers="ECDHE:@SECLEVEL=0")))
    word = {V.TLSv1: "TLS1.0", V.TLSv1_1: "TLS1.1", V.TLSv1_2: "TLS1.2"}[version]
    assert versions(out) == [(False, word, "www.example.org"), (True, word, "www.example.org")]
    (shown,) = (obs for obs in out if isinstance(obs, TlsCertificate))
    assert (shown.flow, shown.server_name, shown.voucher) == (FLOW, "www.example.org", Voucher.PUBLIC)
    assert shown.certificate == Certificate(
        ("www.example.org",), (), NOW - 30 * 86400, NOW + 60 * 86400, 256, False, None
    )
    assert problems(shown.certificate, shown.voucher, ("www.example.org",), NOW) == ()


def test_tls13_shows_no_certificate() -> None:
    out = told(packets(handshake([LEAF, LINK], version=V.TLSv1_3)))
    assert versions(out) == [(False, "TLS1.3", "www.example.org"), (True, "TLS1.3", "www.example.org")]
    assert not [obs for obs in out if isinstance(obs, TlsCertificate)]


def test_a_retry_is_passed_over() -> None:
    said = handshake([LEAF], version=V.TLSv1_3, curve="secp384r1")
    assert RETRY in said[1][1]
    out = told(packets(said))
    assert versions(out) == [(False, "TLS1.3", "www.example.org"), (True, "TLS1.3", "www.example.org")]


@pytest.mark.parametrize("cut", [1, 7, 100, 536, 1460])
@pytest.mark.parametrize("version", [V.TLSv1, V.TLSv1_2, V.TLSv1_3])
def test_the_same_however_it_is_cut(version: ssl.TLSVersion, cut: int) -> None:
    said = handshake([LEAF, LINK], version=version)
    assert timeless(told(packets(said, cut))) == timeless(told(packets(said)))


@pytest.mark.parametrize("size", [1, 3, 64, 1000])
def test_messages_over_many_records(size: int) -> None:
    """A record ends anywhere in a message (RFC 5246, 6.2.1)."""
    said = handshake([LEAF, LINK])
    (_, up), (_, down), *_ = said
    small = [("up", in_records(up, size)), ("down", in_records(down, size))]
    assert timeless(told(packets(small))) == timeless(told(packets([("up", up), ("down", down)])))


def in_records(text: bytes, size: int) -> bytes:
    body = b""
    while text:
        end = 5 + int.from_bytes(text[3:5], "big")
        body += text[5:end]
        text = text[end:]
    return b"".join(record(22, body[at : at + size], 0x0303) for at in range(0, len(body), size))


def test_one_direction_alone() -> None:
    said = handshake([LEAF, LINK])
    down = told(packets([turn for turn in said if turn[0] == "down"]))
    assert versions(down) == [(True, "TLS1.2", None)]
    assert [obs.voucher for obs in down if isinstance(obs, TlsCertificate)] == [Voucher.PUBLIC]


def test_a_warning_before_the_hello_lets_it_go_on() -> None:
    said = handshake([LEAF, LINK])
    warning = record(21, bytes([1, 112]))  # unrecognized_name, as many servers send it
    assert len(certificates([said[0], ("down", warning + said[1][1])])) == 1


def test_a_refusal_ends_it() -> None:
    out = told(packets([("up", client_hello("a.example")), ("down", record(21, bytes([2, 70])))]))
    assert versions(out) == [(False, "TLS1.2", "a.example")]


def test_a_resumed_session_shows_no_certificate() -> None:
    ticket, change = record(22, message(4, bytes(100))), record(20, b"\1")
    finished = record(22, bytes(40))
    out = told(packets([("up", client_hello()), ("down", server_hello() + ticket + change + finished)]))
    assert versions(out) == [(False, "TLS1.2", None), (True, "TLS1.2", None)]
    assert len(out) == 2


def test_the_begin_of_the_answer_was_missed() -> None:
    chain = certificate_message(LEAF.der)
    assert [obs.voucher for obs in certificates([("down", record(22, chain))])] == [Voucher.NOBODY]
    assert certificates([("up", record(22, chain))]) == []  # the client's own


def certificate_message(*ders: bytes) -> bytes:
    chain = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    return message(11, len(chain).to_bytes(3, "big") + chain)


def shown(*ders: bytes) -> list[Said]:
    return [("up", client_hello("www.example.org")), ("down", server_hello() + record(22, certificate_message(*ders)))]


def test_an_sslv2_server() -> None:
    der = OLD.der
    body = b"\4\0\1\0\2" + len(der).to_bytes(2, "big") + b"\0\3\0\x10" + der + b"\1\0\x80" + bytes(16)
    hello = (0x8000 | len(body)).to_bytes(2, "big") + body
    client = bytes.fromhex("802e010002001500000010") + bytes(37)
    out = told(packets([("up", client), ("down", hello)]))
    assert [(obs.server, obs.versions, obs.ciphers) for obs in out if isinstance(obs, TlsHello)] == [
        (False, ("SSLv2",), (0,) * 7),
        (True, ("SSLv2",), ()),
    ]
    assert [obs.voucher for obs in out if isinstance(obs, TlsCertificate)] == [Voucher.PUBLIC]


def test_an_sslv2_hello_that_offers_more() -> None:
    ciphers = bytes.fromhex("00002f0700c0")
    client = b"\x01\x03\x01" + len(ciphers).to_bytes(2, "big") + b"\0\0\0\x10" + ciphers + bytes(16)
    said = handshake([OLD], version=V.TLSv1)
    hello = (0x8000 | len(client)).to_bytes(2, "big") + client
    out = told(packets([("up", hello), said[1]]))
    assert [obs.versions for obs in out if isinstance(obs, TlsHello)] == [("TLS1.0", "SSLv2"), ("TLS1.0",)]
    assert len(out) == 3


def test_what_can_not_be_read_is_no_error() -> None:
    (unread,) = certificates(shown(LEAF.der[:-5]))
    assert (unread.certificate, unread.voucher) == (None, Voucher.NOBODY)
    assert problems(unread.certificate, unread.voucher, ("www.example.org",), NOW) == ("unknown-issuer",)


def whole(content: bytes) -> bytes:
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


@pytest.mark.parametrize(
    "noise", [b"\x30", b"\x30\x00", b"\x30\x80\0\0", LEAF.der + b"\0", random.Random(1).randbytes(2500)]
)
def test_noise_is_refused_before_anything_is_loaded_for_it(noise: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    from wifiguard.decode import certificates as judging

    monkeypatch.delattr(judging, "authorities")
    for server_says in (noise, noise + LEAF.der):
        (obs,) = certificates(shown(server_says))
        assert (obs.certificate, obs.voucher) == (None, Voucher.NOBODY)


def test_what_looks_whole_is_read_and_may_be_no_certificate_all_the_same() -> None:
    (obs,) = certificates(shown(whole(bytes(300))))
    assert (obs.certificate, obs.voucher) == (None, Voucher.NOBODY)


def test_no_chain_at_all() -> None:
    assert certificates(shown()) == []


@pytest.mark.parametrize(("how", "word"), [("md5", "md5-signature"), ("sha1", "sha1-signature")])
def test_old_signatures(how: str, word: str) -> None:
    (obs,) = certificates(shown(resigned(OLD.der, how)))
    assert word in problems(obs.certificate, obs.voucher, (), NOW)


def test_a_chain_is_judged_once_and_again_when_the_authorities_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    from wifiguard.decode import certificates as judging

    asked: list[float] = []
    judge = judging.Authorities.judge

    def counted(self: judging.Authorities, chain: Sequence[bytes], at: float) -> judging.Judgement:
        asked.append(at)
        return judge(self, chain, at)

    monkeypatch.setattr(judging.Authorities, "judge", counted)
    roots = [ROOTS]
    out: list[Observation] = []
    streams = Streams(out.append, 101, trust=lambda: roots[0])

    def connect(port: int, at: float = NOW) -> None:
        talk = Conversation(FLOW._replace(client_port=port))
        for side, text in shown(LEAF.der, LINK.der):
            for frame in (talk.client if side == "up" else talk.server)(text):
                streams.packet(frame, Seen(at, 0.0), len(frame))

    for port in range(1000, 1050):
        connect(port)
    assert len(asked) == 1
    connect(2000, NOW + 2 * 86400)
    assert len(asked) == 2
    roots[0] = Roots((), (ROOT.der,), NOW)
    connect(2001)
    assert len(asked) == 3
    vouchers = [obs.voucher for obs in out if isinstance(obs, TlsCertificate)]
    assert vouchers == [Voucher.PUBLIC] * 51 + [Voucher.USER]


def test_once_settled_nothing_more_is_read() -> None:
    ears = Ears()
    talk = Conversation()
    ears.hear(talk.open(), *[(talk.client if side == "up" else talk.server)(text) for side, text in shown(LEAF.der)])
    assert ears.streams.held == 0
    before = len(ears.told)
    ears.hear(
        talk.server(record(23, bytes(16000)), b"\x16\x03\x01\x00\x02junk"), talk.client(client_hello("again.example"))
    )
    assert len(ears.told) == before


@pytest.mark.parametrize("version", [V.TLSv1, V.TLSv1_2, V.TLSv1_3])
def test_a_download_is_shunted_once_the_certificate_was_seen(version: ssl.TLSVersion) -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open())
    for side, text in handshake([LEAF, LINK], version=version):
        ears.hear((talk.client if side == "up" else talk.server)(text))
    assert ears.streams.shunts() == ()
    for _ in range(20):
        ears.hear(talk.server(record(23, bytes(16000))))
    assert ears.streams.shunts() == (Shunt(FLOW.server, FLOW.server_port, FLOW.client_port, "tcp"),)


def test_an_endless_handshake_is_given_up() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(client_hello()), talk.server(server_hello()))
    for _ in range(300):
        ears.hear(talk.server(record(22, message(4, bytes(1000)))))
    assert [obs.reason for obs in ears.told if isinstance(obs, Malformed)] == ["too-long"]
    assert ears.streams.held == 0


def test_a_message_that_is_too_long() -> None:
    talk = Conversation()
    ears = Ears().hear(talk.open(), talk.client(client_hello()), talk.server(server_hello()))
    ears.hear(talk.server(record(22, b"\x0b\xff\xff\xff" + bytes(9000))))
    assert [obs.reason for obs in ears.told if isinstance(obs, Malformed)] == ["too-long"]
    assert ears.streams.held == 0


STORIES = [
    handshake([LEAF, LINK], version=V.TLSv1),
    handshake([LEAF, LINK]),
    handshake([LEAF], version=V.TLSv1_3),
    shown(OLD.der),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STORIES), st.integers())
def test_any_byte_flipped_any_cut(said: list[Said], seed: int) -> None:
    chance = random.Random(seed)
    spoilt: list[Said] = []
    for side, text in said:
        broken = bytearray(text)
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        spoilt.append(
            (side, bytes(broken[: chance.randrange(len(broken) + 1)]) if chance.random() < 0.2 else bytes(broken))
        )
    frames = packets(spoilt, chance.choice([9, 200, 1460]))
    if chance.random() < 0.3:
        del frames[chance.randrange(len(frames))]
    for obs in told(frames):
        assert obs.seen.at == NOW
