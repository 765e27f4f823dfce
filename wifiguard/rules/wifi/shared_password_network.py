"""Everybody here has the same Wi-Fi password, and can read what others send.

What it means
    The network is public, as a café's or a hotel's is, and protected by WPA2 with one password for all.

Why it matters
    Whoever knows that password and records the moment a device joins can decrypt all that the device sends unencrypted. The
    padlock of the Wi-Fi protects against people outside, not against the next table.

What to do
    Treat it like an open network: bank in your bank's own app or over mobile data. If it is your café: WPA3 ends this.

False alarms
    A network at home or at work is not public; only those are flagged that you named public or that ask for a login page.

Limits
    Which networks are public cannot be read from the air. Name yours under [rules.shared-password-network] public = ["Name"].
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.lan import Delivery, DhcpMessage, RouterAdvertisement
from wifiguard.core.network import Security
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft

RULE = Rule(
    id="shared-password-network",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.LOW: Text(
            N_("Everybody here has the same Wi-Fi password"),
            N_("Whoever knows it can read what others send unencrypted on “{ssid}”."),
            (N_("Treat it like an open network: bank in your bank's own app or over mobile data."),),
        )
    },
    references=("IEEE 802.11-2020, 12.7.1.3 (pairwise key hierarchy: the PSK gives every session's keys)",),
)

_SHARED = frozenset({Security.WPA, Security.WPA_WPA2, Security.WPA2})


class Config(Struct, frozen=True):
    """`public`: names of networks whose password is shared with strangers."""

    public: tuple[str, ...] = ()


class SharedPasswordEvidence(Evidence, frozen=True):
    """`ssid`: the network's name, made visible."""

    ssid: str


class SharedPasswordNetwork(Detector):
    """Fires on a WPA2-Personal network that names a login page, or that the settings call public."""

    rule = RULE
    inputs = (WifiAssociated, WifiLeft, DhcpMessage, RouterAdvertisement)

    def __init__(self, config: Config = Config()) -> None:
        self._public = frozenset(name.encode() for name in config.public)
        self._joined: BoundedMap[str, WifiAssociated] = BoundedMap(64)
        # Networks that named a login page: a lease comes once, an association is told again and again.
        self._portals: BoundedMap[bytes, bool] = BoundedMap(256)

    def observe(self, obs: Observation) -> Iterator[Finding]:
        match obs:
            case WifiAssociated(bss=bss) if bss.security in _SHARED:
                self._joined.put(obs.interface, obs, obs.tick)
                if bss.ssid in self._public or self._portals.get(bss.ssid, obs.tick):
                    yield self._told(obs)
            case WifiAssociated() | WifiLeft():
                self._joined.pop(obs.interface)
            case DhcpMessage(portal=True) | RouterAdvertisement(portal=True):
                joined = self._joined.get(obs.interface, obs.tick)
                if joined is not None and not self._portals.get(joined.bss.ssid, obs.tick):
                    self._portals.put(joined.bss.ssid, True, obs.tick)
                    yield self._told(joined)
            case _:
                pass

    def _told(self, joined: WifiAssociated) -> Finding:
        return self.found(joined, Severity.LOW, (), SharedPasswordEvidence(visible(joined.bss.ssid)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    mac, router = bytes.fromhex("a42bb011220c"), bytes.fromhex("a42bb011220d")
    seen = Seen(0.0, 1.0, interface="wlan0")

    def joined(security: Security, tick: float = 0.0) -> WifiAssociated:
        return WifiAssociated(Seen(0.0, tick, interface="wlan0"), Bss(b"Hotel", mac, security))

    page = RouterAdvertisement(seen, Delivery(router, b"", 0), bytes(16), 1800, portal=True)
    plain = RouterAdvertisement(seen, Delivery(router, b"", 0), bytes(16), 1800)
    found = (Severity.LOW, SharedPasswordEvidence("Hotel"))
    yield Example("a hotel: one password for all, and a login page", (joined(Security.WPA2), page), (found,))
    yield Example(
        "told again with the next report",
        (joined(Security.WPA2), page, joined(Security.WPA2, 2.0)),
        (found, found),
    )
    yield Example("WPA3 gives everybody a key of their own", (joined(Security.WPA3), page))
    yield Example("a network at home", (joined(Security.WPA2), plain))
    yield Example("the hotel was left before", (joined(Security.WPA2), WifiLeft(seen, b"Hotel"), page))
