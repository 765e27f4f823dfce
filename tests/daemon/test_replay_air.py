"""Attacks in the air, as capture files of a monitor-mode radio hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scapy.layers.dot11 import Dot11, Dot11Deauth, Dot11Elt, Dot11ProbeReq

from tests.decode.air_frames import EVERYONE, POINT, STATION, beacon, element, radiotap, rsn, wpa
from tests.sources.savefiles import pcap
from wifiguard.daemon.config import Settings
from wifiguard.daemon.replay import replay_file
from wifiguard.daemon.rulebook import Rulebook

TWIN = "00:c0:ca:11:22:33"
RADIOTAP = 127


def told(path: Path, frames: list[bytes], every: float = 0.1) -> list[dict[str, Any]]:
    """The lines about a capture of these frames."""
    made = ((1_700_000_000 + number * every, radiotap(frame)) for number, frame in enumerate(frames))
    (path / "air.pcap").write_bytes(pcap(*made, link_type=RADIOTAP))
    book = Rulebook(Settings())
    return list(replay_file(str(path / "air.pcap"), book.detectors, book.line))


def findings(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["rule"], line["severity"]) for line in lines if line["type"] == "finding" and line["state"] == "new"]


def throw(receiver: str, *, retry: bool = False) -> bytes:
    flags = "retry" if retry else ""
    return bytes(Dot11(FCfield=flags, addr1=receiver, addr2=POINT, addr3=POINT) / Dot11Deauth(reason=7))


def call(name: bytes) -> bytes:
    head = Dot11(type=0, subtype=4, addr1=EVERYONE, addr2=STATION, addr3=EVERYONE)
    return bytes(head / Dot11ProbeReq() / Dot11Elt(ID=0, info=name))


HOME = beacon(b"Home", element(3, b"\x06"), rsn(2), privacy=True)
COPY = beacon(b"Home", element(3, b"\x0b"), bssid=TWIN)


@pytest.mark.parametrize("frames", [[HOME] * 9 + [COPY] * 9, [COPY] * 9 + [HOME] * 9, [HOME, COPY] * 9])
def test_an_open_copy_of_a_name_in_any_order(tmp_path: Path, frames: list[bytes]) -> None:
    assert findings(told(tmp_path, frames)) == [("evil-twin", "critical")]


@pytest.mark.parametrize(
    "other",
    [
        beacon(b"Home", rsn(8, capable=1, required=1), privacy=True, bssid=TWIN),
        beacon(b"Home", rsn(2), wpa(2), privacy=True, bssid=TWIN),
        beacon(b"Home2", bssid=TWIN),
        beacon(b"", bssid=TWIN),
    ],
)
def test_ordinary_neighbours_are_no_twins(tmp_path: Path, other: bytes) -> None:
    assert findings(told(tmp_path, [HOME, other] * 9)) == []


def test_a_flood_that_throws_devices_out(tmp_path: Path) -> None:
    assert findings(told(tmp_path, [HOME, *[throw(EVERYONE)] * 64], 0.05)) == [("forced-disconnects", "high")]


def test_a_station_that_went_away_is_no_flood(tmp_path: Path) -> None:
    assert findings(told(tmp_path, [HOME, throw(STATION), *[throw(STATION, retry=True)] * 64], 0.05)) == []


def test_answers_to_every_name(tmp_path: Path) -> None:
    names = [b"Home", b"Hotel", b"Airport", b"Office"]
    answers = [frame for n in names for frame in (call(n), beacon(n, answer=True, bssid=TWIN))]
    assert findings(told(tmp_path, answers)) == [("decoy-ssid-answered", "critical")]


def test_one_access_point_with_many_names_announces_them(tmp_path: Path) -> None:
    names = [b"Home", b"Guest", b"Office", b"Lab"]
    frames = [beacon(n) for n in names] + [frame for n in names for frame in (call(n), beacon(n, answer=True))]
    assert findings(told(tmp_path, frames)) == []


def test_networks_of_a_capture(tmp_path: Path) -> None:
    secret = [
        beacon(b"", element(3, b"\x01"), rsn(8), privacy=True),
        beacon(b"Secret", element(3, b"\x01"), rsn(8), privacy=True, answer=True),
    ]
    lines = [line for line in told(tmp_path, [*secret, COPY]) if line["type"] == "network"]
    assert [(n["ssid"], n["security"], n["channel"], n["signal_dbm"], n["hidden"]) for n in lines] == [
        ("Secret", "wpa3-personal", 1, -50, True),
        ("Home", "open", 11, -50, False),
    ]


def test_a_flood_of_invented_names_says_nothing(tmp_path: Path) -> None:
    frames = [beacon(b"n%d" % n, bssid=f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}") for n in range(500)]
    assert findings(told(tmp_path, frames, 0.01)) == []
