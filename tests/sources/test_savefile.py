"""Our own reader of capture files."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path
from typing import cast

import cypcap
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.savefiles import block, interface, old, option, packet, pcap, section, simple
from wifiguard.sources.savefile import DAMAGED, NOT_A_CAPTURE, TRUNCATED, CaptureError, Packet, packets

A, B = b"a" * 60, b"b" * 61
UNDESCRIBED = "the file is damaged: a packet of an interface that was not described"
FRAMES = ((1_700_000_000.25, A), (1_700_000_000.5, B))
LYING = block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99) + A)
BOTH = [Packet(A, 60, 1_700_000_000.25, 1), Packet(B, 61, 1_700_000_000.5, 1)]


def source(raw: bytes) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, io.BytesIO(raw)))


def read(raw: bytes, *, resume: bool = False) -> list[Packet]:
    return list(packets(source(raw), resume=resume))


def broken(raw: bytes) -> tuple[list[Packet], str]:
    """What was read before the error, and the error."""
    found: list[Packet] = []
    with pytest.raises(CaptureError) as error:
        found.extend(packets(source(raw)))
    return found, str(error.value)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["us", "ns", "modified"])
def test_pcap_of_any_byte_order_and_resolution(order: str, kind: str) -> None:
    assert read(pcap(*FRAMES, order=order, kind=kind)) == BOTH


def test_pcap_keeps_the_length_on_the_wire_and_the_link_type() -> None:
    # The upper bits of the link type tell how long a checksum follows; raw IP has another number in files.
    raw = pcap((1.0, A), wire=9000, link_type=101 | 0x14000000)
    assert read(raw) == [Packet(A, 9000, 1.0, 12)]


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_with_every_kind_of_packet_block(order: str) -> None:
    raw = section(order) + interface(1, order) + packet(A, 1.5, order=order) + block(5, bytes(12), order)
    raw += simple(B, order) + old(A, 2.5, order=order)
    assert read(raw) == [Packet(A, 60, 1.5, 1), Packet(B, 61, 0.0, 1), Packet(A, 60, 2.5, 1)]


def test_pcapng_with_mixed_links_resolutions_and_sections() -> None:
    nano = option(9, b"\x09") + option(14, struct.pack("<q", 3600)) + option(0, b"")
    raw = (
        section() + interface(1) + interface(101, snaplen=96, options=nano) + interface(127, options=option(9, b"\x8a"))
    )
    raw += packet(A, 1.5) + packet(B, 1.5, 1, units=10**9) + packet(A, 1.5, 2, units=1024)
    raw += section(">") + interface(113, ">") + packet(B, 9.0, order=">")
    assert read(raw) == [
        Packet(A, 60, 1.5, 1),
        Packet(B, 61, 3601.5, 12),
        Packet(A, 60, 1.5, 127),
        Packet(B, 61, 9.0, 113),
    ]


def test_a_simple_packet_block_ends_at_the_interface_s_snaplen() -> None:
    raw = section() + interface(snaplen=16) + block(3, struct.pack("<I", 60) + A[:16])
    assert read(raw) == [Packet(A[:16], 60, 0.0, 1)]


def test_resuming_begins_where_libpcap_gave_up() -> None:
    raw = section() + interface(1) + packet(A) + interface(1) + packet(A) + interface(12) + packet(B) + packet(B, 0, 2)
    assert read(raw, resume=True) == [Packet(B, 61, 0.0, 1), Packet(B, 61, 0.0, 12)]
    for uniform in (pcap(*FRAMES), section() + interface(1) + packet(A) + interface(1) + packet(A)):
        with pytest.raises(CaptureError, match=DAMAGED):
            read(uniform, resume=True)


@pytest.mark.parametrize("raw", [pcap(*FRAMES), section() + interface() + packet(A) + packet(B)])
def test_compressed_files_read_the_same(raw: bytes) -> None:
    packed = gzip.compress(raw)
    assert read(packed) == read(raw)
    assert read(gzip.compress(raw[:50]) + gzip.compress(raw[50:])) == read(raw)
    assert broken(packed[:-12])[1] == TRUNCATED
    assert (
        broken(b"\x1f\x8b\x08\x00garbage, not deflate")[1]
        == "the compressed file is damaged; what comes before was read"
    )
    assert broken(gzip.compress(b"something else"))[1] == NOT_A_CAPTURE


@pytest.mark.parametrize(
    ("raw", "count", "sentence"),
    [
        (b"", 0, "the file is empty"),
        (b"\n", 0, NOT_A_CAPTURE),
        (b"GIF89a" * 10, 0, NOT_A_CAPTURE),
        (pcap()[:20], 0, TRUNCATED),
        (pcap(*FRAMES)[:-1], 1, TRUNCATED),
        (pcap(*FRAMES) + b"\0", 2, TRUNCATED),
        (pcap(*FRAMES) + struct.pack("<IIII", 0, 0, 1 << 20, 1 << 20), 2, "the file is damaged: a packet of 1048576 bytes"),
        (section()[:10], 0, TRUNCATED),
        (section()[:8] + bytes(20), 0, NOT_A_CAPTURE),
        (section(version=2), 0, "the file is pcapng of a later version than 1"),
        (section() + interface() + packet(A) + packet(B)[:-1], 1, TRUNCATED),
        (section() + packet(A), 0, UNDESCRIBED),
        (section() + simple(A), 0, UNDESCRIBED),
        (section() + interface() + packet(A, number=1), 0, UNDESCRIBED),
        (section() + block(1, b"abcd"), 0, "the file is damaged: an interface without a link type"),
        (section() + struct.pack("<II", 6, 7), 0, "the file is damaged: a block of 7 bytes"),
        (section() + struct.pack("<II", 6, 1 << 30), 0, "the file is damaged: a block of 1073741824 bytes"),
        (section() + interface() + block(6, bytes(16)), 0, "the file is damaged: a packet block that is too short"),
        (section() + interface() + LYING, 0, "the file is damaged: a packet of 99 bytes"),
        (section() + interface() * 5000, 0, "the file describes more than 4096 interfaces"),
    ],
)  # fmt: skip
def test_what_breaks_is_said_and_what_came_before_counts(raw: bytes, count: int, sentence: str) -> None:
    found, error = broken(raw)
    assert (len(found), error) == (count, sentence)


frames = st.lists(
    st.tuples(st.integers(0, 2_000_000_000).map(lambda micros: micros / 1_000_000), st.binary(max_size=80)), max_size=6
)


@given(frames, st.sampled_from("<>"), st.booleans())
@settings(max_examples=60, deadline=None)
def test_libpcap_and_we_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[float, bytes]], order: str, ng: bool
) -> None:
    if ng:
        raw = section(order) + interface(1, order) + b"".join(packet(data, at, order=order) for at, data in found)
    else:
        raw = pcap(*found, order=order)
    path = tmp_path_factory.mktemp("same") / "file"
    Path(path).write_bytes(raw)
    theirs: list[Packet] = []
    with cypcap.open_offline(str(path)) as handle:
        handle.loop(-1, lambda header, data: theirs.append(Packet(data, header.len, header.ts, int(handle.datalink()))))
    ours = read(raw)
    assert [(p.data, p.wire_length, p.link_type) for p in ours] == [
        (p.data, p.wire_length, p.link_type) for p in theirs
    ]
    assert [p.at for p in ours] == pytest.approx([p.at for p in theirs], abs=2e-6)


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400), st.integers(0, 255), st.booleans())
@settings(max_examples=500, deadline=None)
def test_no_bytes_raise_anything_else(noise: bytes, cut: int, at: int, value: int, ng: bool) -> None:
    whole = section() + interface() + packet(A) + simple(B) + old(A, 1.0) if ng else pcap(*FRAMES)
    flipped = bytearray(whole)
    flipped[at % len(whole)] = value
    for raw in (noise, whole[: cut % len(whole)] + noise, bytes(flipped), gzip.compress(whole)[: cut % 100] + noise):
        try:
            for each in packets(source(raw)):
                assert len(each.data) <= 262_144
        except CaptureError as error:
            assert str(error)
