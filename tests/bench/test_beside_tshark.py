"""tshark and we count the same in generated traffic: requests, DNS messages, TLS versions, names."""

from __future__ import annotations

import random
import shutil
from itertools import islice
from pathlib import Path

import pytest

from bench import generate
from bench.beside_tshark import by_tshark, by_us
from tests.sources.savefiles import pcap
from tests.streams.hellos import client_hello, server_hello
from tests.streams.talking import FLOW, ME, SERVER, Conversation, datagram, ether, ip6

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark (Debian package: tshark)")

QUERY = bytes.fromhex("123401000001000000000000") + b"\3www\7example\3com\0\0\1\0\1"
ASK = b"GET /%d HTTP/1.1\r\nHost: x.example\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def conversations() -> list[bytes]:
    """What generators do not do: requests in a row and in pieces, other ports, DNS over TCP, every version of TLS."""
    out: list[bytes] = []

    def talk(port: int, *turns: tuple[str, bytes]) -> None:
        each = Conversation(FLOW._replace(client_port=40_000 + len(out), server_port=port))
        out.extend(each.open())
        for side, said in turns:
            out.extend((each.client if side == "up" else each.server)(said))
        out.extend(each.close())

    talk(80, ("up", ASK % 1 + ASK % 2), ("down", ANSWER + ANSWER), ("up", ASK % 3), ("down", ANSWER))
    talk(8080, ("up", (ASK % 1)[:9]), ("up", (ASK % 1)[9:]), ("down", ANSWER[:5]), ("down", ANSWER[5:]))
    form = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n\r\n"
    talk(80, ("up", form), ("up", b"a=GE"), ("down", ANSWER), ("up", ASK % 1))
    whole = len(QUERY).to_bytes(2, "big") + QUERY
    talk(53, ("up", whole + whole[:7]), ("up", whole[7:]))
    for number, version in enumerate((0x0301, 0x0302, 0x0303, 0x0304)):
        offered = (version,) if version == 0x0304 else ()
        hello = client_hello(f"host{number}.example", version=min(version, 0x0303), offered=offered)
        answer = server_hello(version=min(version, 0x0303), chosen=version if offered else None)
        talk(8443 + number, ("up", hello[:20]), ("up", hello[20:]), ("down", answer))
    out += [datagram(ME, 40_000, SERVER, port, QUERY) for port in (53, 5353, 5355)]
    out.append(ip6(17, bytes(15) + b"\1", bytes(15) + b"\2", datagram(ME, 40_000, SERVER, 53, QUERY)[20:]))
    return [ether(packet) for packet in out]


TRAFFIC = {
    "small": lambda: list(islice(generate.small(random.Random(1)), 1200)),
    "pages": lambda: list(islice(generate.pages(random.Random(1)), 1500)),
    "conversations": conversations,
}


@pytest.mark.parametrize("kind", TRAFFIC)
def test_the_same_is_counted(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pcap"
    path.write_bytes(pcap(*((1000.0 + at / 1000, frame) for at, frame in enumerate(TRAFFIC[kind]()))))
    ours = by_us(str(path))
    assert ours == by_tshark(str(path))
    assert ours.total() > 10
