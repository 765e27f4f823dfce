"""What TLS and QUIC say, by tshark's reading and by ours: the same names, versions, ciphers and certificates."""

from __future__ import annotations

import hashlib
import random
import ssl
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.net.rig.command import run
from tests.sources.savefiles import pcap
from tests.streams.handshakes import LEAF, LINK, NOW, Said, handshake
from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import FLOW, ME, SERVER, Conversation, datagram
from tests.streams.test_quic import V1, V2, client, crypto, protected, said
from wifiguard.core.messages import TlsHello
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.tls import VERSIONS, TlsCertificate
from wifiguard.streams import Streams

pytestmark = pytest.mark.rig("tshark")

FIELDS = (
    "udp.srcport",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.handshake.version",
    "tls.handshake.extensions.supported_version",
    "tls.handshake.ciphersuite",
    "tls.handshake.certificate",
)
NUMBERS = dict(zip((0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304), VERSIONS, strict=True))


def traffic() -> list[bytes]:
    """Raw IP packets of many conversations, cut at random."""
    chance = random.Random(7)
    talks: list[list[Said]] = []
    versions = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    for number in range(40):
        name = chance.choice([f"host-{number}.example.org", None])
        talks.append(handshake([LEAF, LINK], name, version=chance.choice(versions)))
    for version in (0x0300, 0x0301, 0x0303):
        for cipher in (0x0004, 0x000A, 0x002F):
            hello = client_hello("made.example", version, ciphers=(cipher, 0x00FF))
            talks.append([("up", hello), ("down", server_hello(version, cipher=cipher))])
    packets: list[bytes] = []
    for number, turns in enumerate(talks):
        talk = Conversation(FLOW._replace(client_port=41000 + number, server_port=443))
        packets += talk.open()
        for side, text in turns:
            while text:
                size = chance.choice([60, 536, 1460])
                packets += (talk.client if side == "up" else talk.server)(text[:size])
                text = text[size:]
        packets += talk.close()
    for number, version in enumerate((V1, V2) * 5):
        for text in said(client(f"quic-{number}.example.org", version)):
            packets.append(datagram(ME, 50000 + number, SERVER, 443, text))
    hello = client_hello("shuffled.example.org", offered=(0x0304,))[5:]
    for number, at in enumerate((40, 0)):
        text = protected(V1, bytes(range(8)), number, crypto(at, hello[at : at + 40] if at == 0 else hello[at:]))
        packets.append(datagram(ME, 51000, SERVER, 443, text))
    return packets


def by_tshark(path: Path) -> Counter[tuple[object, ...]]:
    argv = ["tshark", "-r", str(path), "-Y", "tls.handshake.type in {1,2,11}", "-T", "fields", "-E", "separator=|"]
    for field in FIELDS:
        argv += ["-e", field]
    told: Counter[tuple[object, ...]] = Counter()
    for line in run(argv, timeout=60).stdout.splitlines():
        udp, kinds, name, version, supported, suites, certificates = line.split("|")
        kinds_here = kinds.split(",")
        if "1" in kinds_here:
            told["asks", name, len(suites.split(","))] += 1
        if "2" in kinds_here and not udp:
            told["chooses", NUMBERS[int(supported or version, 16)], int(suites, 16)] += 1
        if "11" in kinds_here:
            told["shows", hashlib.sha256(bytes.fromhex(certificates.split(",")[0])).digest()] += 1
    return told


def by_us(packets: Iterable[bytes]) -> Counter[tuple[object, ...]]:
    told: Counter[tuple[object, ...]] = Counter()

    def emit(obs: Observation) -> None:
        match obs:
            case TlsHello(server=True):
                told["chooses", obs.versions[0], obs.ciphers[0]] += 1
            case TlsHello():
                told["asks", obs.server_name or "", len(obs.ciphers)] += 1
            case TlsCertificate():
                told["shows", obs.digest] += 1
            case _:
                pass

    streams = Streams(emit, 101)
    for packet in packets:
        streams.packet(packet, Seen(NOW, 0.0), len(packet))
    streams.finish()
    return told


def test_the_same_is_read(tmp_path: Path) -> None:
    packets = traffic()
    path = tmp_path / "traffic.pcap"
    path.write_bytes(pcap(*((NOW, packet) for packet in packets), link_type=101))
    ours = by_us(packets)
    assert ours == by_tshark(path)
    assert sum(number for (what, *_), number in ours.items() if what == "asks") == 40 + 9 + 10 + 1
