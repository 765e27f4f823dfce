"""How a network is protected, from NetworkManager's flags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.network import Security
from wifiguard.sources.rsn import (
    EAP,
    EAP_SUITE_B_192,
    GROUP_CCMP,
    GROUP_TKIP,
    GROUP_WEP40,
    OWE,
    OWE_TRANSITION,
    PAIR_CCMP,
    PAIR_TKIP,
    PAIR_WEP40,
    PRIVACY,
    PSK,
    SAE,
    offered,
)

AES = PAIR_CCMP | GROUP_CCMP
TKIP = PAIR_TKIP | GROUP_TKIP
MIXED = PAIR_CCMP | PAIR_TKIP | GROUP_TKIP
FUTURE = 0x4000

CASES = {
    "open": ((0, 0, 0), (Security.OPEN, False)),
    "open with WPS": ((0x2, 0, 0), (Security.OPEN, False)),
    "open half of an OWE pair": ((0, 0, OWE_TRANSITION), (Security.OPEN, False)),
    "OWE": ((PRIVACY, 0, AES | OWE), (Security.ENHANCED_OPEN, False)),
    "OWE half of an OWE pair": ((PRIVACY, 0, AES | OWE | OWE_TRANSITION), (Security.ENHANCED_OPEN, False)),
    "OWE and a password beside it": ((PRIVACY, 0, AES | OWE | PSK), (Security.ENHANCED_OPEN, False)),
    "WEP": ((PRIVACY, 0, 0), (Security.WEP, False)),
    "RSN with WEP ciphers": ((PRIVACY, 0, PAIR_WEP40 | GROUP_WEP40 | PSK), (Security.WEP, True)),
    "WPA": ((PRIVACY, TKIP | PSK, 0), (Security.WPA, True)),
    "WPA with AES": ((PRIVACY, AES | PSK, 0), (Security.WPA, False)),
    "WPA enterprise": ((PRIVACY, TKIP | EAP, 0), (Security.WPA, True)),
    "WPA2 with TKIP alone": ((PRIVACY, 0, TKIP | PSK), (Security.WPA, True)),
    "WPA2 enterprise with TKIP alone": ((PRIVACY, 0, TKIP | EAP), (Security.WPA, True)),
    "WPA and WPA2": ((PRIVACY, TKIP | PSK, PAIR_CCMP | GROUP_TKIP | PSK), (Security.WPA_WPA2, True)),
    "WPA and WPA2, AES alone": ((PRIVACY, AES | PSK, AES | PSK), (Security.WPA_WPA2, False)),
    "WPA2": ((PRIVACY, 0, AES | PSK), (Security.WPA2, False)),
    "WPA2 without a privacy bit": ((0, 0, AES | PSK), (Security.WPA2, False)),
    "WPA2 with a TKIP group": ((PRIVACY, 0, MIXED | PSK), (Security.WPA2, True)),
    "WPA2 with GCMP alone": ((PRIVACY, 0, PSK), (Security.WPA2, False)),
    "WPA2 personal and enterprise": ((PRIVACY, 0, AES | PSK | EAP), (Security.WPA2, False)),
    "WPA2 enterprise": ((PRIVACY, 0, AES | EAP), (Security.WPA2_ENTERPRISE, False)),
    "WPA and WPA2 enterprise": ((PRIVACY, TKIP | EAP, MIXED | EAP), (Security.WPA2_ENTERPRISE, True)),
    "WPA3 transition": ((PRIVACY, 0, AES | PSK | SAE), (Security.WPA3_TRANSITION, False)),
    "WPA to WPA3": ((PRIVACY, TKIP | PSK, MIXED | PSK | SAE), (Security.WPA_WPA2, True)),
    "WPA and WPA3": ((PRIVACY, TKIP | PSK, MIXED | SAE), (Security.WPA_WPA2, True)),
    "WPA3": ((PRIVACY, 0, AES | SAE), (Security.WPA3, False)),
    "WPA3 enterprise": ((PRIVACY, 0, EAP_SUITE_B_192), (Security.WPA3_ENTERPRISE, False)),
    "WPA2 and WPA3 enterprise": ((PRIVACY, 0, AES | EAP | EAP_SUITE_B_192), (Security.WPA2_ENTERPRISE, False)),
    "key management of the future": ((PRIVACY, 0, AES | FUTURE), (Security.UNKNOWN, False)),
    "ciphers without key management": ((PRIVACY, 0, AES), (Security.UNKNOWN, False)),
    "key management of the future, no privacy bit": ((0, 0, FUTURE), (Security.UNKNOWN, False)),
    "WPA3's key management in WPA's element": ((PRIVACY, AES | SAE, 0), (Security.UNKNOWN, False)),
    "WPA3 and one of the future": ((PRIVACY, 0, AES | SAE | FUTURE), (Security.WPA3, False)),
}

WORD = st.integers(0, 2**32 - 1)
KEYS = PSK | EAP | SAE | OWE | EAP_SUITE_B_192
STRONG = frozenset(Security) - {Security.OPEN, Security.WEP, Security.WPA, Security.UNKNOWN}


@pytest.mark.parametrize("name", CASES)
def test_table(name: str) -> None:
    flags, expected = CASES[name]
    assert offered(*flags) == expected


@given(WORD, WORD, WORD)
def test_anything_has_an_answer_and_only_rsn_makes_it_strong(flags: int, wpa: int, rsn: int) -> None:
    security, weak_group = offered(flags, wpa, rsn)
    if security in STRONG:
        assert rsn & KEYS
        assert rsn & PAIR_CCMP or not rsn & (PAIR_TKIP | PAIR_WEP40 | 0x2)
    assert weak_group == bool((wpa | rsn) & 0x70)


@given(WORD, WORD, WORD)
def test_what_nobody_knows_is_neither_safe_nor_open(flags: int, wpa: int, rsn: int) -> None:
    wpa, rsn = wpa & ~(KEYS | OWE_TRANSITION), rsn & ~(KEYS | OWE_TRANSITION)
    assert offered(flags, wpa, rsn)[0] is (
        Security.UNKNOWN if wpa | rsn else Security.WEP if flags & PRIVACY else Security.OPEN
    )


@given(WORD, WORD, WORD, st.integers(14, 31))
def test_a_bit_of_the_future_never_makes_it_safer(flags: int, wpa: int, rsn: int, bit: int) -> None:
    before, after = offered(flags, wpa, rsn)[0], offered(flags, wpa, rsn | 1 << bit)[0]
    assert after in (before, Security.UNKNOWN)
