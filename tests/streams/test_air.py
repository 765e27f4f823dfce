"""The air through the front door: captured 802.11 frames in, access points and management frames out."""

from __future__ import annotations

from tests.decode.air_frames import beacon, radiotap, rsn
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.wifi import BssSeen
from wifiguard.streams import Streams

RADIOTAP = 127


def heard(*frames: bytes, cut: int = 0) -> tuple[list[Observation], Streams]:
    out: list[Observation] = []
    streams = Streams(out.append, RADIOTAP)
    for number, frame in enumerate(frames):
        streams.packet(frame[: len(frame) - cut], Seen(float(number), float(number)), len(frame))
    return out, streams


def test_a_hidden_network_is_named_by_its_answer() -> None:
    out, streams = heard(
        radiotap(beacon(b"", rsn(2), privacy=True)),
        radiotap(beacon(b"Secret", rsn(2), privacy=True, answer=True)),
    )
    assert [(o.bss.ssid, o.bss.hidden, o.answer) for o in out if isinstance(o, BssSeen)] == [
        (b"", True, False),
        (b"Secret", True, True),
    ]
    assert streams.counts.protocols == {"wifi": 2}


def test_a_check_sum_that_was_captured() -> None:
    out, _ = heard(radiotap(beacon(b"Home"), checksum=True))
    assert [o.bss.ssid for o in out if isinstance(o, BssSeen)] == [b"Home"]


def test_a_flood_of_invented_access_points_stays_bounded() -> None:
    frames = [radiotap(beacon(b"n%d" % n, bssid=f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}")) for n in range(500)]
    out, streams = heard(*frames)
    assert len(out) == 500
    assert streams.counts.malformed == 0


def test_frames_that_lie_are_counted_and_nothing_more() -> None:
    out, streams = heard(radiotap(b"\x80\x00" + bytes(10)), radiotap(b"\xc0"))
    assert [type(o).__name__ for o in out] == ["Malformed"]
    assert streams.counts.malformed == 2


def test_encrypted_data_is_counted_as_such() -> None:
    protected, plain = (radiotap(bytes.fromhex(control) + bytes(40)) for control in ("0841", "0801"))
    out, streams = heard(protected, plain, protected)
    assert out == []
    assert streams.counts.protocols == {"wifi": 3, "wifi-encrypted": 2}
