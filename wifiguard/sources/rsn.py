"""From what an access point offers to how a network is protected."""

from __future__ import annotations

from wifiguard.core.network import Security

# NetworkManager's words: NM80211ApFlags and NM80211ApSecurityFlags.
PRIVACY = 0x1
PAIR_WEP40 = 0x1
PAIR_WEP104 = 0x2
PAIR_TKIP = 0x4
PAIR_CCMP = 0x8
GROUP_WEP40 = 0x10
GROUP_WEP104 = 0x20
GROUP_TKIP = 0x40
GROUP_CCMP = 0x80
PSK = 0x100
EAP = 0x200
SAE = 0x400
OWE = 0x800
OWE_TRANSITION = 0x1000
EAP_SUITE_B_192 = 0x2000

_WPA_1 = PSK | EAP
_WPA_2_AND_LATER = PSK | EAP | SAE | OWE | EAP_SUITE_B_192


def offered(flags: int, wpa: int, rsn: int) -> tuple[Security, bool]:
    """How an access point protects its network, and whether its broadcasts are under TKIP or WEP.

    Takes NetworkManager's `Flags`, `WpaFlags` and `RsnFlags`. What is not understood is UNKNOWN; where families are mixed it
    is never one that the weaker offer does not reach, except for the transition modes that have a name.
    """
    weak_group = bool((wpa | rsn) & (GROUP_TKIP | GROUP_WEP40 | GROUP_WEP104))
    return _security(flags, wpa, rsn), weak_group


def _security(flags: int, wpa: int, rsn: int) -> Security:
    if rsn & _WPA_2_AND_LATER:
        return _rsn(wpa, rsn)
    if wpa & _WPA_1:
        return Security.WPA
    # The open half of an OWE pair says that it has a sister. Whoever is associated to this one is in the clear.
    if (wpa | rsn) & ~OWE_TRANSITION:
        return Security.UNKNOWN  # key management that NetworkManager or we do not know
    return Security.WEP if flags & PRIVACY else Security.OPEN


def _rsn(wpa: int, rsn: int) -> Security:
    ciphers = rsn & (PAIR_WEP40 | PAIR_WEP104 | PAIR_TKIP | PAIR_CCMP)
    # GCMP has no flag of its own: no cipher at all is one that is newer than the list.
    if ciphers and not ciphers & PAIR_CCMP:
        return Security.WPA if ciphers & PAIR_TKIP else Security.WEP
    if rsn & OWE:
        return Security.ENHANCED_OPEN
    if rsn & PSK:
        if wpa & _WPA_1:
            return Security.WPA_WPA2
        return Security.WPA3_TRANSITION if rsn & SAE else Security.WPA2
    if rsn & SAE:
        return Security.WPA_WPA2 if wpa & _WPA_1 else Security.WPA3
    if rsn & EAP or wpa & _WPA_1:
        return Security.WPA2_ENTERPRISE
    return Security.WPA3_ENTERPRISE
