"""What NetworkManager says of an access point, by how the network is protected (NM80211ApFlags, ApSecurityFlags)."""

from __future__ import annotations

from msgspec import Struct

PRIVACY = 0x1
WPS = 0x2

PAIR_TKIP = 0x4
PAIR_CCMP = 0x8
GROUP_TKIP = 0x40
GROUP_CCMP = 0x80
PSK = 0x100
EAP = 0x200
SAE = 0x400
OWE = 0x800
OWE_TRANSITION = 0x1000
EAP_SUITE_B_192 = 0x2000


class Security(Struct, frozen=True):
    """The three sets of flags of an access point."""

    flags: int
    wpa: int
    rsn: int


OPEN = Security(0, 0, 0)
WEP = Security(PRIVACY, 0, 0)
ENHANCED_OPEN = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | OWE)
ENHANCED_OPEN_TRANSITION = Security(0, 0, OWE_TRANSITION)
WPA_PERSONAL = Security(PRIVACY, PAIR_TKIP | GROUP_TKIP | PSK, 0)
WPA_WPA2_PERSONAL = Security(PRIVACY, PAIR_TKIP | GROUP_TKIP | PSK, PAIR_CCMP | GROUP_TKIP | PSK)
WPA2_PERSONAL = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | PSK)
WPA2_ENTERPRISE = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | EAP)
WPA3_TRANSITION = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | PSK | SAE)
WPA3_PERSONAL = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | SAE)
WPA3_ENTERPRISE = Security(PRIVACY, 0, PAIR_CCMP | GROUP_CCMP | EAP_SUITE_B_192)
