"""What an access point says of itself, told right whoever wrote the bytes and however they lie."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.packet import Packet

from tests.decode.air_frames import element, rsn, wpa
from wifiguard.core.air import Elements, FrameProtection
from wifiguard.core.network import Security
from wifiguard.decode.elements import Description, describe


def told(*parts: Packet | bytes, privacy: bool = True) -> Description:
    raw = b"".join(map(bytes, parts))
    return describe(raw, 0, len(raw), privacy=privacy)


@pytest.mark.parametrize(
    ("parts", "security", "weak_group"),
    [
        ((rsn(2),), Security.WPA2, False),
        ((rsn(6, capable=1, required=1),), Security.WPA2, False),
        ((rsn(4, 2),), Security.WPA2, False),
        ((rsn(2, group=2),), Security.WPA2, True),
        ((rsn(8, capable=1, required=1),), Security.WPA3, False),
        ((rsn(24, pairwise=(9,), group=9, capable=1, required=1),), Security.WPA3, False),
        ((rsn(2, 8, capable=1),), Security.WPA3_TRANSITION, False),
        ((rsn(1),), Security.WPA2_ENTERPRISE, False),
        ((rsn(5, 1, capable=1),), Security.WPA2_ENTERPRISE, False),
        ((rsn(5, capable=1, required=1),), Security.WPA3_ENTERPRISE, False),
        ((rsn(12, pairwise=(9,), group=9, capable=1, required=1),), Security.WPA3_ENTERPRISE, False),
        ((rsn(18, capable=1, required=1),), Security.ENHANCED_OPEN, False),
        ((rsn(2), wpa(2)), Security.WPA_WPA2, True),
        ((wpa(2),), Security.WPA, True),
        ((rsn(2, pairwise=(2,), group=2),), Security.WPA, True),
        ((rsn(2, pairwise=(1,), group=1),), Security.WEP, True),
        ((), Security.WEP, False),
        # Never safe because it is unknown.
        ((rsn(99),), Security.UNKNOWN, False),
        ((rsn(8, pairwise=(77,)),), Security.UNKNOWN, False),
        ((wpa(99),), Security.UNKNOWN, True),
        ((rsn(8), rsn(2)), Security.UNKNOWN, False),
        ((element(68, bytes(20)),), Security.UNKNOWN, False),
    ],
)
def test_security(parts: tuple[Packet, ...], security: Security, weak_group: bool) -> None:
    found = told(*parts)
    assert (found.security, found.group_tkip) == (security, weak_group)


def test_without_privacy_it_is_open() -> None:
    assert told(element(0, b"Cafe"), privacy=False).security is Security.OPEN


def test_everything_that_is_asked_for() -> None:
    found = told(
        element(0, b"Home"),
        element(3, b"\x06"),
        element(7, b"DE\x20\x01\x0d\x14"),
        rsn(2, 8, 9, capable=1),
        element(54, b"\xa1\xb2\x01"),
        element(244, b"\x20"),
        element(221, b"\x00\x50\xf2\x04\x10\x4a\x00\x01\x10"),
        element(221, b"\x50\x6f\x9a\x1c" + bytes.fromhex("a42bb0112234") + b"\x08Home_owe"),
    )
    assert found == Description(
        ssid=b"Home",
        channel=6,
        security=Security.WPA3_TRANSITION,
        elements=Elements(
            akms=("PSK", "SAE", "FT-SAE"),
            pairwise=("CCMP-128",),
            group="CCMP-128",
            protection=FrameProtection.CAPABLE,
            hash_to_element=True,
            wps=True,
            mobility_domain=b"\xa1\xb2",
            owe_transition=(bytes.fromhex("a42bb0112234"), b"Home_owe"),
            country="DE",
            makers=(b"\x00\x50\xf2", b"\x50\x6f\x9a"),
        ),
    )
    assert found.frequency == 2437


@pytest.mark.parametrize(
    ("body", "frequency"),
    [
        (b"\x24" + bytes(21), 5180),
        (b"\x0b" + bytes(21), 2462),
    ],
)
def test_channel_of_the_ht_operation_element(body: bytes, frequency: int) -> None:
    assert told(element(61, body)).frequency == frequency


def test_channel_in_the_six_gigahertz_band() -> None:
    he_operation = b"\x24" + (1 << 17).to_bytes(3, "little") + b"\x00\xfc\xff" + b"\x25\x00\x00\x00\x00"
    assert told(element(255, he_operation)).frequency == 6135


def test_a_hidden_name_in_both_of_its_forms() -> None:
    assert told(element(0, b"")).ssid == told(element(0, bytes(7))).ssid == b""


def test_a_name_longer_than_any_can_be() -> None:
    found = told(element(0, b"A" * 255), rsn(2))
    assert (found.ssid, found.elements.whole, found.security) == (b"A" * 32, False, Security.WPA2)


def test_a_list_that_is_cut_is_not_called_weak() -> None:
    whole = bytes(element(0, b"Home")) + bytes(rsn(2))
    cut = describe(whole, 0, len(whole) - 6, privacy=True)
    assert (cut.security, cut.elements.whole) == (Security.UNKNOWN, False)


def test_a_check_sum_behind_the_elements_is_no_damage() -> None:
    found = told(element(0, b"Home"), rsn(2), b"\xdd\xff\x12\x34")
    assert (found.security, found.elements.whole) == (Security.WPA2, True)


_ELEMENTS = st.lists(st.tuples(st.sampled_from([0, 3, 7, 48, 54, 61, 68, 221, 244, 255]), st.binary(max_size=60)))


@given(_ELEMENTS, st.booleans(), st.data())
def test_never_an_exception(parts: list[tuple[int, bytes]], privacy: bool, data: Any) -> None:
    raw = bytearray(b"".join(bytes([kind, len(body)]) + body for kind, body in parts))
    if raw:
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(raw)))
    describe(bytes(raw), 0, end, privacy=privacy)


@given(st.binary(max_size=80))
def test_any_bytes_as_a_vendor_or_rsn_element(body: bytes) -> None:
    for kind, prefix in ((48, b""), (221, b"\x00\x50\xf2\x01"), (221, b"\x50\x6f\x9a\x1c"), (255, b"\x24")):
        told(bytes([kind, len(prefix + body)]) + prefix + body)


@given(
    st.lists(st.integers(1, 25), min_size=1, max_size=5, unique=True),
    st.lists(st.sampled_from([2, 4, 8, 9, 10]), min_size=1, max_size=3, unique=True),
    st.sampled_from([2, 4, 8, 9]),
    st.booleans(),
)
def test_suites_as_scapy_writes_them(akms: list[int], pairwise: list[int], group: int, capable: bool) -> None:
    """Our reading of the RSN element against another program's writing of it."""
    written = rsn(*akms, pairwise=tuple(pairwise), group=group, capable=int(capable))
    found = told(written).elements
    assert (len(found.akms), len(found.pairwise), found.group is not None) == (len(akms), len(pairwise), True)
    assert found.protection is (FrameProtection.CAPABLE if capable else FrameProtection.OFF)
    assert all("00-0f-ac" not in name for name in (*found.akms, *found.pairwise))
