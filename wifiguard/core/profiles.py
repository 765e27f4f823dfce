"""Saved Wi-Fi profiles: what this laptop would join by itself, and how."""

from __future__ import annotations

from msgspec import Struct

from wifiguard.core.network import Security
from wifiguard.core.observation import Observation


class Profile(Struct, frozen=True):
    """A saved network. `keeper`: NetworkManager, iwd or wpa_supplicant; `id`: its name for it (a UUID, a file, a number).

    `security` is the least that the profile accepts. `hidden`: its name is called wherever the laptop is. `hardware_address`:
    whether the radio's own address is shown, None where that is decided elsewhere. `verified`: for 802.1X, whether the server has
    to prove itself with a certificate; None for all others. `shared`: other users of this laptop use it too.
    """

    keeper: str
    id: str
    name: str
    ssid: bytes
    security: Security
    autojoin: bool
    hidden: bool = False
    hardware_address: bool | None = None
    verified: bool | None = None
    shared: bool = True


class SavedProfile(Observation, frozen=True):
    """A saved profile exists. Told again with every report."""

    profile: Profile
