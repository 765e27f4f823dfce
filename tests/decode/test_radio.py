"""What the radio noted, in every header that captures have."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import RadioTap

from tests.decode.air_frames import radiotap
from wifiguard.decode.bad import Bad
from wifiguard.decode.radio import Reception, reception


@given(st.booleans(), st.booleans(), st.integers(2412, 7115), st.integers(-127, 0), st.booleans())
def test_radiotap_as_scapy_writes_it(clock: bool, rate: bool, frequency: int, signal: int, checksum: bool) -> None:
    present = "Flags+Channel+dBm_AntSignal" + ("+TSFT" if clock else "") + ("+Rate" if rate else "")
    header = bytes(
        RadioTap(present=present, Flags="FCS" if checksum else 0, ChannelFrequency=frequency, dBm_AntSignal=signal)
    )
    assert reception(header + bytes(24), len(header), 127) == Reception(frequency, signal, checksum)


def test_radiotap_with_several_antennas() -> None:
    words = struct.pack("<BBHII", 0, 0, 13, 1 << 5 | 1 << 31, 1 << 5) + b"\xd0"
    assert reception(words, 13, 127) == Reception(signal=-48)


def test_ppi() -> None:
    common = struct.pack("<QHHHHBBbb", 0, 1, 0, 5180, 0, 0, 0, -40, -90)
    header = struct.pack("<BBHI", 0, 0, 8 + 4 + len(common), 105) + struct.pack("<HH", 2, len(common)) + common
    assert reception(header, len(header), 192) == Reception(5180, -40, True)


def test_avs() -> None:
    header = struct.pack(">II", 0x80211001, 64) + bytes(36) + struct.pack(">Ii", 2, -70) + bytes(12)
    assert reception(header, 64, 163) == Reception(signal=-70)


def test_bare_frames_and_prism_tell_nothing() -> None:
    assert [reception(b"", 0, 105), reception(bytes(144), 144, 119)] == [Reception(), Reception()]


@given(st.binary(max_size=80), st.sampled_from([105, 119, 127, 163, 192]), st.integers(0, 80))
def test_never_another_exception_than_bad(data: bytes, link_type: int, end: int) -> None:
    for raw in (data, radiotap(data)):
        try:
            reception(raw, min(end, len(raw)), link_type)
        except Bad as bad:
            assert bad.protocol == "wifi"
