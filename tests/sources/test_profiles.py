"""Saved profiles as their keepers tell them. The real keepers are in tests/wifi."""

from __future__ import annotations

from typing import Any

import pytest
from dbus_fast import Variant
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.network import Security
from wifiguard.core.profiles import Profile
from wifiguard.decode.supplicant import blocks, edited, name_of, profile_of
from wifiguard.sources.profiles import iwd_profile, networkmanager_profile

UUID = "6f1e2b0a-0000-4000-8000-000000000001"


def connection(
    security: dict[str, Variant] | None = None, enterprise: dict[str, Variant] | None = None, **wireless: Variant
) -> dict[str, dict[str, Variant]]:
    """What NetworkManager's GetSettings answers."""
    told: dict[str, dict[str, Variant]] = {
        "connection": {
            "id": Variant("s", "Home of Ann"),
            "uuid": Variant("s", UUID),
            "type": Variant("s", "802-11-wireless"),
        },
        "802-11-wireless": {"ssid": Variant("ay", b"Home"), **wireless},
    }
    if security is not None:
        told["802-11-wireless-security"] = security
    if enterprise is not None:
        told["802-1x"] = enterprise
    return told


def test_an_open_network_with_all_defaults() -> None:
    expected = Profile("NetworkManager", UUID, "Home of Ann", b"Home", Security.OPEN, autojoin=True)
    assert networkmanager_profile(connection()) == expected


@pytest.mark.parametrize(
    ("key_management", "security"),
    [
        ("wpa-psk", Security.WPA2),
        ("sae", Security.WPA3),
        ("owe", Security.ENHANCED_OPEN),
        ("none", Security.WEP),
        ("something-new", Security.UNKNOWN),
    ],
)
def test_how_it_is_protected(key_management: str, security: Security) -> None:
    found = networkmanager_profile(connection({"key-mgmt": Variant("s", key_management)}))
    assert found is not None
    assert found.security is security


@pytest.mark.parametrize(
    ("enterprise", "verified"),
    [
        ({}, False),
        ({"ca-cert": Variant("ay", b"file:///ca.pem\0")}, True),
        ({"system-ca-certs": Variant("b", True)}, False),
        ({"system-ca-certs": Variant("b", True), "domain-suffix-match": Variant("s", "uni.example")}, True),
        ({"domain-suffix-match": Variant("s", "uni.example")}, False),
    ],
)
def test_who_must_prove_himself(enterprise: dict[str, Variant], verified: bool) -> None:
    told = {"eap": Variant("as", ["peap"]), **enterprise}
    found = networkmanager_profile(connection({"key-mgmt": Variant("s", "wpa-eap")}, told))
    assert found is not None
    assert found.verified is verified


def test_methods_without_certificates_are_not_judged() -> None:
    told = {"eap": Variant("as", ["pwd"])}
    found = networkmanager_profile(connection({"key-mgmt": Variant("s", "wpa-eap")}, told))
    assert found is not None
    assert found.verified is None


@pytest.mark.parametrize(
    ("word", "own"), [("permanent", True), ("stable", False), ("random", False), ("preserve", None)]
)
def test_the_address_that_is_shown(word: str, own: bool | None) -> None:
    found = networkmanager_profile(connection(**{"assigned-mac-address": Variant("s", word)}))
    assert found is not None
    assert found.hardware_address is own


def test_what_is_no_network_to_join() -> None:
    assert networkmanager_profile({"connection": {"type": Variant("s", "802-3-ethernet")}}) is None
    assert networkmanager_profile(connection(mode=Variant("s", "ap"))) is None


def test_settings_of_the_wrong_type_count_as_absent() -> None:
    wrong: dict[str, Any] = connection(hidden=Variant("s", "yes"), ssid=Variant("s", "Home"))
    found = networkmanager_profile(wrong)
    assert found is not None
    assert (found.hidden, found.ssid) == (False, b"")


def test_a_known_network_of_iwd() -> None:
    known = {"Name": Variant("s", "Cafe"), "Type": Variant("s", "open"), "AutoConnect": Variant("b", True)}
    expected = Profile("iwd", "/net/connman/iwd/436166_open", "Cafe", b"Cafe", Security.OPEN, autojoin=True)
    assert iwd_profile("/net/connman/iwd/436166_open", known) == expected


SUPPLICANT = """ctrl_interface=/run/wpa_supplicant
# network={ in a comment is none
network={
\tssid="Cafe"
\tkey_mgmt=NONE
}
network={
    ssid=486f6d65
    psk="secret"
    scan_ssid=1
    disabled=1
    mac_addr=1
}
network={
  ssid="Uni"
  key_mgmt=WPA-EAP
  eap=PEAP
  identity="ann"
}
network={
  ssid="never closed"
"""


def test_wpa_supplicants_file() -> None:
    found = [profile_of(block, f"f#{number}") for number, block in enumerate(blocks(SUPPLICANT))]
    assert found == [
        Profile("wpa_supplicant", "f#0", "Cafe", b"Cafe", Security.OPEN, autojoin=True),
        Profile(
            *("wpa_supplicant", "f#1", "Home", b"Home", Security.WPA2),
            autojoin=False,
            hidden=True,
            hardware_address=False,
        ),
        Profile("wpa_supplicant", "f#2", "Uni", b"Uni", Security.WPA2_ENTERPRISE, autojoin=True, verified=False),
    ]


def test_one_setting_of_one_block_is_changed_and_changed_back() -> None:
    manual = edited(SUPPLICANT, 0, "disabled", "1")
    assert manual == SUPPLICANT.replace("\tkey_mgmt=NONE\n}", "\tkey_mgmt=NONE\n\tdisabled=1\n}")
    assert edited(manual, 0, "disabled", "") == SUPPLICANT
    assert "disabled=0" in edited(SUPPLICANT, 1, "disabled", "0")
    with pytest.raises(IndexError):
        edited(SUPPLICANT, 3, "disabled", "1")


@pytest.mark.parametrize(
    ("raw", "name"),
    [('"Home"', b"Home"), ("486f6d65", b"Home"), (r'P"a\x00b"', b"a\0b"), ("zz", b""), ("", b""), (r'P"\x"', b"")],
)
def test_names_in_all_their_forms(raw: str, name: bytes) -> None:
    assert name_of(raw) == name


@given(st.text(max_size=300), st.sampled_from(["network={\n", "}\n", 'ssid="a"\n', 'ssid=P"\\', "psk=x\n"]))
def test_any_text_is_read(text: str, piece: str) -> None:
    for block in blocks(f"network={{\n{text}\n{piece}}}\n{text}"):
        profile_of(block, "f#0")
