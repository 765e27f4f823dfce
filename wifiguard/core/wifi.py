"""Observations about the air."""

from __future__ import annotations

from msgspec import Struct

from wifiguard.core.air import Elements
from wifiguard.core.network import Security
from wifiguard.core.observation import Observation


class Bss(Struct, frozen=True):
    """One access point's radio as it describes itself.

    `ssid` bytes as sent (empty: hidden). `security` is the strongest family that it offers and `group_tkip` whether broadcast
    frames are still under TKIP. `frequency` in MHz, `signal` in dBm or None where the source knows only a percentage.
    `hidden`: its beacons keep the name back. `elements`: None where the source does not hand them on.
    """

    ssid: bytes
    bssid: bytes | None
    security: Security
    group_tkip: bool = False
    frequency: int | None = None
    signal: int | None = None
    strength: int | None = None
    hidden: bool = False
    elements: Elements | None = None


class WifiAssociated(Observation, frozen=True):
    """This laptop's station is associated to `bss`. Sources repeat it whenever they report their whole state.

    `profile`: the name of the saved profile that was used. `hardware_address`: whether the station shows the radio's own address
    instead of a random one; None where that is not known.
    """

    bss: Bss
    profile: str | None = None
    hardware_address: bool | None = None


class WifiLeft(Observation, frozen=True):
    """The station is no longer associated; `reason` is the 802.11 reason code where it is known."""

    ssid: bytes
    reason: int | None = None


class BssSeen(Observation, frozen=True):
    """An access point is in the air. `answer`: it answered a probe request; else this is its beacon, or not known."""

    bss: Bss
    answer: bool = False
