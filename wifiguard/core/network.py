"""What the laptop is attached to."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from msgspec import Struct

from wifiguard.core.text import N_, visible


class Security(StrEnum):
    """How a Wi-Fi network is protected; the words of the machine-readable output."""

    OPEN = "open"
    ENHANCED_OPEN = "enhanced-open"
    WEP = "wep"
    WPA = "wpa-personal"
    WPA_WPA2 = "wpa+wpa2-personal"
    WPA2 = "wpa2-personal"
    WPA2_ENTERPRISE = "wpa2-enterprise"
    WPA3_TRANSITION = "wpa3-transition"
    WPA3 = "wpa3-personal"
    WPA3_ENTERPRISE = "wpa3-enterprise"
    UNKNOWN = "unknown"


class Medium(StrEnum):
    """What carries the network's frames to this laptop."""

    WIFI = "wifi"
    WIRED = "wired"
    VPN = "vpn"
    OTHER = "other"


# A name keeps its identity when its owner turns WPA2 into WPA3, and loses it when the password goes:
# a family holds what the same saved profile would join.
_FAMILY = {
    Security.OPEN: "open",
    Security.ENHANCED_OPEN: "open",
    Security.WEP: "wep",
    Security.WPA: "personal",
    Security.WPA_WPA2: "personal",
    Security.WPA2: "personal",
    Security.WPA3_TRANSITION: "personal",
    Security.WPA3: "personal",
    Security.WPA2_ENTERPRISE: "enterprise",
    Security.WPA3_ENTERPRISE: "enterprise",
    Security.UNKNOWN: "unknown",
}


class Network(Struct, frozen=True):
    """One network, known by `id`; everything else is an attribute that may be learned later.

    `name` is ready for people (control characters made visible). `ssid` and `bssid` are bytes as the air
    carried them, None on what is not Wi-Fi.
    """

    id: str
    medium: Medium
    name: str
    ssid: bytes | None = None
    bssid: bytes | None = None
    security: Security | None = None
    trusted: bool = False


# What a network is called that keeps its name back.
HIDDEN = N_("(hidden network)")


def wifi_network(ssid: bytes, security: Security, bssid: bytes | None = None, *, trusted: bool = False) -> Network:
    """The Wi-Fi network that a station associated to. Its id comes from name and security family alone."""
    return Network(
        id=_identity("wifi", _FAMILY[security].encode(), ssid),
        medium=Medium.WIFI,
        name=visible(ssid) if ssid else HIDDEN,
        ssid=ssid,
        bssid=bssid,
        security=security,
        trusted=trusted,
    )


def wired_network(gateway_mac: bytes, interface: str, domain: str = "", *, trusted: bool = False) -> Network:
    """The wired network behind a gateway, known by the gateway's MAC address, and by a DHCP domain where many share that."""
    mac = ":".join(f"{octet:02x}" for octet in gateway_mac)
    domain = domain.lower().rstrip(".")
    place = f"{visible(domain)}, router {mac}" if domain else f"router {mac}"
    return Network(
        id=_identity("wired", gateway_mac, *([domain.encode("utf-8", "surrogateescape")] if domain else [])),
        medium=Medium.WIRED,
        name=f"wired, {visible(interface)} ({place})",
        trusted=trusted,
    )


def unidentified_network(interface: str) -> Network:
    """A wired network whose gateway did not show itself in time."""
    name = visible(interface)
    return Network(
        id=_identity("unidentified", interface.encode("utf-8", "surrogateescape")),
        medium=Medium.WIRED,
        name=f"wired, unidentified on {name}",
    )


def vpn_network(interface: str) -> Network:
    """A tunnel: what runs inside is not plain on the Wi-Fi under it."""
    return Network(
        id=_identity("vpn", interface.encode("utf-8", "surrogateescape")),
        medium=Medium.VPN,
        name=f"VPN {visible(interface)}",
    )


def _identity(kind: str, *parts: bytes) -> str:
    digest = hashlib.sha256(kind.encode())
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]
