"""The kernel's list of access points, and netlink's framing of it, whatever the bytes are. The real kernel is in tests/wifi."""

from __future__ import annotations

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decode.air_frames import element, rsn
from tests.sources.played_kernel import bssid, kernel_that_heard, name
from tests.sources.watching import at
from wifiguard.core.air import Elements
from wifiguard.core.network import Security
from wifiguard.core.wifi import Bss
from wifiguard.sources.netlink import attribute, attributes, number
from wifiguard.sources.nl80211 import POINTS, Nl80211, access_point

POINT = bytes.fromhex("a42bb0112233")
PSK = Elements(akms=("PSK",), pairwise=("CCMP-128",), group="CCMP-128")
BSSID, FREQUENCY, CAPABILITY, ELEMENTS, SIGNAL, BEACON = 1, 2, 5, 6, 7, 11


def told(name: bytes, *, beacon: bytes | None = None) -> dict[int, bytes]:
    """A BSS with a password as the kernel tells it."""
    found = {
        BSSID: POINT,
        FREQUENCY: (5975).to_bytes(4, sys.byteorder),
        CAPABILITY: (0x0411).to_bytes(2, sys.byteorder),
        SIGNAL: struct.pack("=i", -5530),
        ELEMENTS: bytes(element(0, name)) + bytes(rsn(2)),
    }
    return found if beacon is None else {**found, BEACON: bytes(element(0, beacon)) + bytes(rsn(2))}


def test_an_access_point() -> None:
    expected = Bss(b"Home", POINT, Security.WPA2, frequency=5975, signal=-55, elements=PSK)
    assert access_point(told(b"Home")) == expected


def test_a_hidden_one_that_answered() -> None:
    found = access_point(told(b"Secret", beacon=b""))
    assert found == Bss(b"Secret", POINT, Security.WPA2, frequency=5975, signal=-55, hidden=True, elements=PSK)


def test_one_that_only_a_name_is_known_of() -> None:
    assert access_point({BSSID: POINT}) is None
    assert access_point({ELEMENTS: b"\0\4Home"}) is None


def test_attributes_there_and_back() -> None:
    raw = attribute(3, (7).to_bytes(4, sys.byteorder)) + attribute(4, b"wlan0\0") + attribute(3, b"\1")
    found = attributes(raw)
    assert found == {3: (7).to_bytes(4, sys.byteorder), 4: b"wlan0\0"}
    assert (number(found, 3), number(found, 99)) == (7, None)


@given(st.binary(max_size=200))
def test_any_bytes_are_attributes_or_nothing(raw: bytes) -> None:
    found = attributes(raw)
    assert sum(map(len, found.values())) <= len(raw)
    access_point(found)


@given(st.binary(max_size=120))
def test_any_elements(raw: bytes) -> None:
    assert access_point({**told(b"Home"), ELEMENTS: raw, BEACON: b"\0\0"}) is not None


@pytest.mark.parametrize("points", [0, 1, POINTS, POINTS + 1000])
def test_no_more_than_so_many_access_points_are_taken(points: int) -> None:
    with kernel_that_heard(points):
        air = Nl80211()._read(at())
    assert [(bss.ssid, bss.bssid) for _, bss in air.seen] == [(name(n), bssid(n)) for n in range(min(points, POINTS))]
    assert (air.joined, air.entering) == ({}, False)
