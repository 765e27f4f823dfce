"""Capture files as replay reads them: libpcap's filter where it can, the same filter by our own reader where it refuses."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from tests.sources.savefiles import interface, packet, pcap, section
from wifiguard.sources.files import CaptureFile
from wifiguard.sources.savefile import DAMAGED, NOT_A_CAPTURE, TRUNCATED, CaptureError
from wifiguard.streams import Shunt

V4 = IP(src="192.0.2.7", dst="198.51.100.9")
RAW_SYN, RAW_ACK, RAW_BULK = (
    bytes(V4 / TCP(sport=443, flags=flags) / payload)
    for flags, payload in (("S", b""), ("A", b""), ("A", b"\x17\x03\x03" + b"x" * 90))
)
HEAD = bytes(Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02", type=0x0800))
SYN, ACK, BULK = HEAD + RAW_SYN, HEAD + RAW_ACK, HEAD + RAW_BULK
SERVER = Shunt(bytes([192, 0, 2, 7]), 443, 80, "tcp")


class Reading:
    """A file read to its end in small steps; `after`: shunts from that many delivered packets on."""

    def __init__(self, path: Path | str, *, filtered: bool = True, after: dict[int, tuple[Shunt, ...]] | None = None):
        self.packets: list[tuple[bytes, int, float, int]] = []
        self.error: str | None = None
        self.count = 0
        try:
            with CaptureFile(str(path), filtered=filtered) as file:
                while file.read(lambda *each: self.packets.append(each), 1):
                    if (shunts := (after or {}).get(len(self.packets))) is not None:
                        file.shunt(self.packets[-1][3], shunts)
                self.count = file.count
        except CaptureError as error:
            self.error = str(error)

    @property
    def data(self) -> list[bytes]:
        return [data for data, _, _, _ in self.packets]


def written(tmp_path: Path, raw: bytes, name: str = "file") -> Path:
    path = tmp_path / name
    path.write_bytes(raw)
    return path


PLAIN = pcap((1.5, SYN), (2.5, ACK), (3.5, BULK))
BLOCKS = section() + interface() + packet(SYN, 1.5) + packet(ACK, 2.5) + packet(BULK, 3.5)
MIXED = section() + interface() + interface(101) + packet(SYN, 1.5) + packet(ACK, 2.5) + packet(RAW_BULK, 3.5, 1)


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        (PLAIN, (BULK, len(BULK), 3.5, 1)),
        (BLOCKS, (BULK, len(BULK), 3.5, 1)),
        (MIXED, (RAW_BULK, len(RAW_BULK), 3.5, 12)),
    ],
    ids=["pcap", "pcapng", "mixed links"],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_the_live_filter_runs_on_files_of_every_form(
    tmp_path: Path, raw: bytes, last: tuple[bytes, int, float, int], compressed: bool
) -> None:
    path = written(tmp_path, gzip.compress(raw) if compressed else raw)
    filtered = Reading(path)
    assert (filtered.packets, filtered.count, filtered.error) == ([(SYN, len(SYN), 1.5, 1), last], 2, None)
    everything = Reading(path, filtered=False)
    assert (everything.data, everything.count) == ([SYN, ACK, last[0]], 3)


@pytest.mark.parametrize("raw", [pcap(*[(1.0, BULK)] * 6), section() + interface() + interface(12) + packet(BULK) * 6])
def test_a_shunt_takes_effect_at_the_next_packet(tmp_path: Path, raw: bytes) -> None:
    path = written(tmp_path, raw)
    assert Reading(path, after={2: (SERVER,)}).data == [BULK] * 2
    assert Reading(path, after={2: (SERVER,)}, filtered=False).data == [BULK] * 6


def test_a_shunt_is_of_its_link_type_alone(tmp_path: Path) -> None:
    raw = section() + interface() + interface(12) + packet(BULK) + packet(BULK) + packet(RAW_BULK, 0, 1)
    assert Reading(written(tmp_path, raw), after={1: (SERVER,)}).data == [BULK, RAW_BULK]


@pytest.mark.parametrize("family", [24, 28, 30])
def test_a_loopback_capture_of_any_system_is_filtered(tmp_path: Path, family: int) -> None:
    syn, ack = (
        family.to_bytes(4, "little") + bytes(IPv6(src="2001:db8::7", dst="2001:db8::9") / TCP(flags=flags))
        for flags in ("S", "A")
    )
    reading = Reading(written(tmp_path, pcap((1.0, syn), (2.0, ack), link_type=0)))
    assert reading.data == [syn]


def test_where_libpcap_gives_up_in_the_middle_we_go_on(tmp_path: Path) -> None:
    raw = section() + interface() + packet(SYN) + packet(BULK) + packet(ACK) + interface(101, snaplen=96)
    raw += packet(RAW_SYN, 0, 1) + packet(BULK, 0, 0) + packet(RAW_ACK, 0, 1)
    path = written(tmp_path, raw)
    assert Reading(path).data == [SYN, BULK, RAW_SYN, BULK]
    assert Reading(path, filtered=False).data == [SYN, BULK, ACK, RAW_SYN, BULK, RAW_ACK]
    # Two captures in one file, of machines of different byte orders.
    path = written(tmp_path, BLOCKS + section(">") + interface(1, ">") + packet(SYN, 9.0, order=">"))
    assert Reading(path).data == [SYN, BULK, SYN]


@pytest.mark.parametrize(
    ("raw", "count", "sentence"),
    [
        (b"", 0, "the file is empty"),
        (b"no capture at all", 0, NOT_A_CAPTURE),
        (PLAIN[:10], 0, TRUNCATED),
        (PLAIN[:-5], 1, TRUNCATED),
        (BLOCKS[:-5], 1, TRUNCATED),
        (gzip.compress(PLAIN)[:-9], None, TRUNCATED),
        (PLAIN + b"\xff" * 16, 2, "the file is damaged: a packet of 4294967295 bytes"),
        # The length that ends a block differs from the one that begins it, which libpcap alone minds.
        (BLOCKS[:-4] + b"\x0c\0\0\0" + packet(SYN), None, DAMAGED),
        (BLOCKS + packet(SYN, number=7), 2, "the file is damaged: a packet of an interface that was not described"),
    ],
)
def test_a_broken_file_says_so_and_what_came_before_counts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], raw: bytes, count: int | None, sentence: str
) -> None:
    reading = Reading(written(tmp_path, raw))
    assert reading.error == sentence
    assert count is None or len(reading.packets) == count
    assert capfd.readouterr() == ("", "")


def test_files_that_can_not_be_opened(tmp_path: Path) -> None:
    assert Reading(tmp_path / "missing").error == "there is no such file"
    assert Reading(tmp_path).error == "this is a directory"
    path = written(tmp_path, PLAIN)
    assert Reading(path / "below").error == "the file can not be read: Not a directory"


@pytest.mark.parametrize("link_type", [147, 9999, 50_000_000])
def test_an_unknown_link_type_is_delivered_for_others_to_judge(tmp_path: Path, link_type: int) -> None:
    reading = Reading(written(tmp_path, pcap((1.0, b"x" * 40), link_type=link_type)))
    assert (reading.packets, reading.error) == ([(b"x" * 40, 40, 1.0, link_type)], None)


def test_a_pipe_and_standard_input(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(PLAIN,))
    writer.start()
    assert Reading(fifo).data == [SYN, BULK]
    writer.join()
    script = (
        "from wifiguard.sources.files import CaptureFile\n"
        "with CaptureFile('-') as file:\n    while file.read(lambda *each: print(len(each[0])), 5): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=gzip.compress(PLAIN), capture_output=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == ([b"%d" % len(SYN), b"%d" % len(BULK)], b"")


def test_reading_stays_flat_and_quick(tmp_path: Path) -> None:
    import tracemalloc

    frames = [(float(at), SYN if at % 2 else ACK) for at in range(20_000)]
    for raw in (pcap(*frames), gzip.compress(pcap(*frames))):
        path = written(tmp_path, raw)
        taken = 0

        def take(*each: object) -> None:
            nonlocal taken
            taken += 1

        tracemalloc.start()
        began = time.monotonic()
        with CaptureFile(str(path)) as file:
            while file.read(take, 1000):
                pass
        assert (taken, file.count) == (10_000, 10_000)
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
        tracemalloc.stop()
        assert time.monotonic() - began < 20


def test_how_far_it_got(tmp_path: Path) -> None:
    whole = pcap(*((float(at), SYN) for at in range(2000)))
    for raw in (whole, gzip.compress(whole)):
        path = written(tmp_path, raw)
        with CaptureFile(str(path)) as file:
            assert file.position() <= len(raw)
            while file.read(lambda *each: None, 100):
                assert 0 < file.position() <= len(raw)
            assert file.position() == len(raw)
        assert file.position() == 0
