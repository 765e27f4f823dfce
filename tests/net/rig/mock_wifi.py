"""A Wi-Fi device of the mock NetworkManager: access points, and joining, roaming and leaving in the real one's order.

The order of signals was taken from a recording of NetworkManager 1.42.4 (an Ethernet device), with
ActiveAccessPoint where nm-device-wifi.c sets it: on entering the first stage, and on clean-up before the device has no
connection.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tests.net.rig import wifi_security
from tests.net.rig.network_manager import DEVICE, NAME, PATH
from tests.net.rig.wifi_security import Security

if TYPE_CHECKING:
    from tests.net.rig.mock_network_manager import MockNetworkManager

WIRELESS = f"{DEVICE}.Wireless"
ACCESS_POINT = f"{NAME}.AccessPoint"
ACTIVE = f"{NAME}.Connection.Active"
NONE = "/"

DISCONNECTED, PREPARE, CONFIG, IP_CONFIG, IP_CHECK, SECONDARIES, ACTIVATED, DEACTIVATING = (
    30,
    40,
    50,
    70,
    80,
    90,
    100,
    110,
)
NO_REASON, USER_REQUESTED, SSID_NOT_FOUND, NEW_ACTIVATION = 0, 39, 53, 60
KEY_MANAGEMENT = (  # the first that fits
    (wifi_security.EAP | wifi_security.EAP_SUITE_B_192, "wpa-eap"),
    (wifi_security.PSK, "wpa-psk"),
    (wifi_security.SAE, "sae"),
    (wifi_security.OWE, "owe"),
)


class AccessPoint(Struct, frozen=True):
    """An access point that the device sees."""

    path: str
    ssid: bytes
    bssid: str
    security: Security


class MockWifi:
    """Made by MockNetworkManager.add_wifi."""

    def __init__(self, manager: MockNetworkManager, interface: str, hardware: str) -> None:
        self._manager = manager
        self.interface = interface
        self._state = DISCONNECTED
        self._access_points: list[AccessPoint] = []
        self._profiles: dict[tuple[bytes, Security], tuple[str, str]] = {}
        self._active = NONE
        self.path = manager.add_object("Devices", _device(interface, hardware))
        for member, arguments, results, code in (
            ("GetAccessPoints", "", "ao", f"ret = self.Get('{WIRELESS}', 'AccessPoints')"),
            ("GetAllAccessPoints", "", "ao", f"ret = self.Get('{WIRELESS}', 'AccessPoints')"),
            ("RequestScan", "a{sv}", "", ""),
        ):
            manager.mock(self.path, "AddMethod", "sssss", WIRELESS, member, arguments, results, code)
        manager.mock(self.path, "AddMethod", "sssss", DEVICE, "Disconnect", "", "", "")  # only on record
        for name in ("AllDevices", "Devices"):
            manager.update(PATH, NAME, {name: ("ao", [*manager.get(PATH, NAME, name), self.path])})
        manager.emit(PATH, NAME, "DeviceAdded", "o", ("o", self.path))

    def add_access_point(
        self, ssid: bytes, bssid: str, security: Security, *, frequency: int = 2437, strength: int = 70
    ) -> AccessPoint:
        """Let it see an access point; `frequency` in MHz, `strength` in percent."""
        path = self._manager.add_object(
            "AccessPoint",
            {
                ACCESS_POINT: {
                    "Flags": ("u", security.flags),
                    "WpaFlags": ("u", security.wpa),
                    "RsnFlags": ("u", security.rsn),
                    "Ssid": ("ay", ssid),
                    "Frequency": ("u", frequency),
                    "HwAddress": ("s", bssid.upper()),
                    "Mode": ("u", 2),
                    "MaxBitrate": ("u", 270000),
                    "Strength": ("y", strength),
                    "LastSeen": ("i", 1),
                }
            },
        )
        access_point = AccessPoint(path, ssid, bssid.upper(), security)
        self._access_points.append(access_point)
        self._tell_access_points()
        self._manager.emit(self.path, WIRELESS, "AccessPointAdded", "o", ("o", path))
        return access_point

    def remove_access_point(self, access_point: AccessPoint) -> None:
        """Let it see that one no longer."""
        self._access_points.remove(access_point)
        self._tell_access_points()
        self._manager.emit(self.path, WIRELESS, "AccessPointRemoved", "o", ("o", access_point.path))
        self._manager.remove_object(access_point.path, ACCESS_POINT)

    def set_strength(self, access_point: AccessPoint, strength: int) -> None:
        self._manager.update(access_point.path, ACCESS_POINT, {"Strength": ("y", strength)})

    def join(self, access_point: AccessPoint) -> None:
        """Connect to its network, leaving the present one first; saves a profile the first time."""
        if self._active != NONE:
            self.leave(NEW_ACTIVATION)
        manager = self._manager
        self._active = manager.add_object("ActiveConnection", self._active_connection(access_point))
        self._tell_active([*manager.get(PATH, NAME, "ActiveConnections"), self._active])
        self._tell(DEVICE, ActiveConnection=("o", self._active))
        self._set_state(PREPARE)
        self._set_active_state(1)
        manager.set_state(40)
        manager.update(PATH, NAME, {"ActivatingConnection": ("o", self._active)})
        self._tell(WIRELESS, ActiveAccessPoint=("o", access_point.path))
        for state in (CONFIG, IP_CONFIG, IP_CHECK, SECONDARIES):
            self._set_state(state)
        manager.update(self._active, ACTIVE, {"Default": ("b", True)})
        primary = {"PrimaryConnection": ("o", self._active), "PrimaryConnectionType": ("s", "802-11-wireless")}
        manager.update(PATH, NAME, primary)
        self._set_state(ACTIVATED)
        self._set_active_state(2)
        manager.set_state(70)
        manager.update(PATH, NAME, {"ActivatingConnection": ("o", NONE), "Connectivity": ("u", 4)})

    def roam(self, access_point: AccessPoint) -> None:
        """Go over to another access point of the same network without leaving it."""
        self._tell(WIRELESS, ActiveAccessPoint=("o", access_point.path))
        self._manager.update(self._active, ACTIVE, {"SpecificObject": ("o", access_point.path)})

    def leave(self, reason: int = USER_REQUESTED) -> None:
        """Disconnect; `reason` is an NMDeviceStateReason."""
        manager = self._manager
        self._set_state(DEACTIVATING, reason)
        self._set_active_state(3)
        manager.set_state(30)
        manager.update(PATH, NAME, {"Connectivity": ("u", 1)})
        self._tell(WIRELESS, ActiveAccessPoint=("o", NONE))
        self._tell(DEVICE, ActiveConnection=("o", NONE))
        self._set_state(DISCONNECTED, reason)
        self._set_active_state(4, reason=3)
        manager.set_state(20)
        manager.update(PATH, NAME, {"PrimaryConnection": ("o", NONE), "PrimaryConnectionType": ("s", "")})
        manager.remove_object(self._active, ACTIVE)
        self._tell_active([path for path in manager.get(PATH, NAME, "ActiveConnections") if path != self._active])
        self._active = NONE

    def _set_state(self, state: int, reason: int = NO_REASON) -> None:
        old, self._state = self._state, state
        self._tell(DEVICE, State=("u", state), StateReason=("(uu)", (state, reason)))
        self._manager.emit(self.path, DEVICE, "StateChanged", "uuu", ("u", state), ("u", old), ("u", reason))

    def _set_active_state(self, state: int, reason: int = NO_REASON) -> None:
        self._manager.emit(self._active, ACTIVE, "StateChanged", "uu", ("u", state), ("u", reason))
        self._manager.update(self._active, ACTIVE, {"State": ("u", state)})

    def _tell_active(self, paths: list[str]) -> None:
        self._manager.update(PATH, NAME, {"ActiveConnections": ("ao", paths)})

    def _tell_access_points(self) -> None:
        self._tell(WIRELESS, AccessPoints=("ao", [access_point.path for access_point in self._access_points]))

    def _tell(self, interface: str, **properties: tuple[str, Any]) -> None:
        self._manager.update(self.path, interface, properties)

    def _active_connection(self, access_point: AccessPoint) -> dict[str, dict[str, tuple[str, Any]]]:
        kind = (access_point.ssid, access_point.security)
        name = "".join(
            letter if letter.isprintable() else "?" for letter in access_point.ssid.decode("utf-8", "replace")
        )
        if kind not in self._profiles:
            identifier = str(uuid.uuid4())
            self._profiles[kind] = self._manager.add_profile(_profile(access_point, name, identifier)), identifier
        profile, identifier = self._profiles[kind]
        return {
            ACTIVE: {
                "Connection": ("o", profile),
                "SpecificObject": ("o", access_point.path),
                "Id": ("s", name),
                "Uuid": ("s", identifier),
                "Type": ("s", "802-11-wireless"),
                "Devices": ("ao", [self.path]),
                "State": ("u", 0),
                "StateFlags": ("u", 0),
                "Default": ("b", False),
                "Default6": ("b", False),
                "Vpn": ("b", False),
                "Master": ("o", NONE),
            }
        }


def _device(interface: str, hardware: str) -> dict[str, dict[str, tuple[str, Any]]]:
    return {
        WIRELESS: {
            "HwAddress": ("s", hardware.upper()),
            "PermHwAddress": ("s", hardware.upper()),
            "Mode": ("u", 2),
            "Bitrate": ("u", 65000),
            "AccessPoints": ("ao", []),
            "ActiveAccessPoint": ("o", NONE),
            "WirelessCapabilities": ("u", 0xFFF),
            "LastScan": ("x", 1),
        },
        DEVICE: {
            "Interface": ("s", interface),
            "IpInterface": ("s", interface),
            "HwAddress": ("s", hardware.upper()),
            "DeviceType": ("u", 2),
            "Driver": ("s", "mock"),
            "State": ("u", DISCONNECTED),
            "StateReason": ("(uu)", (DISCONNECTED, NO_REASON)),
            "ActiveConnection": ("o", NONE),
            "AvailableConnections": ("ao", []),
            "Ip4Config": ("o", NONE),
            "Ip6Config": ("o", NONE),
            "Dhcp4Config": ("o", NONE),
            "Dhcp6Config": ("o", NONE),
            "Managed": ("b", True),
            "Autoconnect": ("b", True),
            "Real": ("b", True),
            "Metered": ("u", 4),
        },
    }


def _profile(access_point: AccessPoint, name: str, identifier: str) -> dict[str, dict[str, tuple[str, Any]]]:
    security = access_point.security
    settings: dict[str, dict[str, tuple[str, Any]]] = {
        "connection": {"id": ("s", name), "uuid": ("s", identifier), "type": ("s", "802-11-wireless")},
        "802-11-wireless": {"ssid": ("ay", access_point.ssid), "mode": ("s", "infrastructure")},
    }
    keys = [name for flags, name in KEY_MANAGEMENT if (security.wpa | security.rsn) & flags]
    if keys or security == wifi_security.WEP:
        settings["802-11-wireless-security"] = {"key-mgmt": ("s", keys[0] if keys else "none")}
    return settings
