"""Management frames against scapy, and against every way to damage them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, Dot11AssoReq, Dot11Deauth, Dot11Disas, Dot11Elt, Dot11ProbeReq

from tests.decode.air_frames import EVERYONE, POINT, STATION, beacon, element, rsn
from wifiguard.core.addresses import mac_bytes
from wifiguard.core.air import Elements, FrameKind, ManagementFrame
from wifiguard.core.network import Security
from wifiguard.core.observation import Seen
from wifiguard.core.wifi import Bss, BssSeen
from wifiguard.decode.bad import Bad
from wifiguard.decode.dot11_management import management
from wifiguard.decode.radio import Reception

SEEN = Seen(1.0, 1.0)
NOTHING = Reception()
POINT_MAC, STATION_MAC, EVERYONE_MAC = map(mac_bytes, (POINT, STATION, EVERYONE))


def read(frame: bytes, radio: Reception = NOTHING, *, cut: bool = False) -> BssSeen | ManagementFrame | None:
    return management(frame, 0, SEEN, radio, cut=cut)


@pytest.mark.parametrize("answer", [False, True])
def test_an_access_point(answer: bool) -> None:
    frame = beacon(b"Home", element(3, b"\x0b"), rsn(2), privacy=True, answer=answer)
    elements = Elements(akms=("PSK",), pairwise=("CCMP-128",), group="CCMP-128")
    bss = Bss(b"Home", POINT_MAC, Security.WPA2, frequency=2462, signal=-61, elements=elements)
    assert read(frame, Reception(2457, -61)) == BssSeen(SEEN, bss, answer)


def test_a_hidden_one() -> None:
    found = read(beacon(b"", rsn(2), privacy=True))
    assert isinstance(found, BssSeen)
    assert (found.bss.ssid, found.bss.hidden) == (b"", True)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [(Dot11Deauth(reason=7), FrameKind.DEAUTHENTICATION), (Dot11Disas(reason=7), FrameKind.DISASSOCIATION)],
)
def test_being_thrown_out(layer: Any, kind: FrameKind) -> None:
    frame = bytes(Dot11(addr1=STATION, addr2=POINT, addr3=POINT) / layer)
    expected = ManagementFrame(SEEN, kind, STATION_MAC, POINT_MAC, POINT_MAC, reason=7)
    assert read(frame) == expected


def test_a_protected_one_keeps_its_reason_to_itself() -> None:
    frame = bytes(Dot11(FCfield="protected+retry", addr1=STATION, addr2=POINT, addr3=POINT) / Dot11Deauth(reason=7))
    found = read(frame + bytes(16))
    assert found == ManagementFrame(
        SEEN, FrameKind.DEAUTHENTICATION, STATION_MAC, POINT_MAC, POINT_MAC, protected=True, retry=True
    )


def test_a_call_for_a_name_and_one_for_anybody() -> None:
    def call(name: bytes) -> bytes:
        head = Dot11(type=0, subtype=4, addr1=EVERYONE, addr2=STATION, addr3=EVERYONE)
        return bytes(head / Dot11ProbeReq() / Dot11Elt(ID=0, info=name))

    asked = ManagementFrame(SEEN, FrameKind.PROBE_REQUEST, EVERYONE_MAC, STATION_MAC, EVERYONE_MAC, ssid=b"Home")
    anybody = ManagementFrame(SEEN, FrameKind.PROBE_REQUEST, EVERYONE_MAC, STATION_MAC, EVERYONE_MAC)
    assert [read(call(b"Home")), read(call(b""))] == [asked, anybody]


def test_what_nobody_asks_for() -> None:
    request = Dot11(type=0, subtype=0, addr1=POINT, addr2=STATION, addr3=POINT) / Dot11AssoReq()
    data = Dot11(type=2, subtype=0, addr1=POINT, addr2=STATION, addr3=POINT)
    assert [read(bytes(request)), read(bytes(data)), read(b"\xd4\x00" + bytes(8))] == [None, None, None]


def test_a_wrong_check_sum_is_noise() -> None:
    frame = beacon(b"Home", rsn(2), privacy=True)
    assert read(frame + b"\1\2\3\4", Reception(checksum=True)) is None
    # A capture that was cut short has no check sum to compare.
    assert read(frame[:60], Reception(checksum=True), cut=True) is not None


@given(st.data())
def test_never_another_exception_than_bad(data: Any) -> None:
    frames = [
        beacon(b"Home", element(3, b"\x0b"), rsn(2, 8), privacy=True),
        bytes(Dot11(addr1=STATION, addr2=POINT, addr3=POINT) / Dot11Deauth(reason=7)),
    ]
    raw = bytearray(data.draw(st.sampled_from(frames)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    try:
        read(cut, Reception(checksum=data.draw(st.booleans())), cut=data.draw(st.booleans()))
    except Bad as bad:
        assert bad.protocol == "wifi"
