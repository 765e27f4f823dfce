"""The mock NetworkManager says on the bus what the real one would."""

from __future__ import annotations

import pytest

from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.bus_monitor import Message
from tests.net.rig.command import run
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.mock_wifi import ACCESS_POINT, ACTIVE, SSID_NOT_FOUND, WIRELESS
from tests.net.rig.network_manager import DEVICE, NAME, PATH

pytestmark = pytest.mark.rig("dbus-daemon", "busctl", "dbusmock")

HOSTILE = bytes(range(31)) + b"\xff"


def story(messages: list[Message]) -> list[object]:
    """The changes of state and access point, in order."""
    told: list[object] = []
    for message in messages:
        if message.member == "StateChanged" and message.interface == DEVICE:
            told.append(tuple(message.body))
        elif message.member == "PropertiesChanged" and "ActiveAccessPoint" in message.body[1]:
            told.append(message.body[1]["ActiveAccessPoint"])
    return told


def test_access_points_as_they_were_given(system_bus: PrivateBus, mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi("wlp3s0")
    open_one = wifi.add_access_point(HOSTILE, "02:00:00:00:0a:01", wifi_security.OPEN, strength=40)
    mixed = wifi.add_access_point(b"Home", "02:00:00:00:0a:02", wifi_security.WPA_WPA2_PERSONAL, frequency=5180)
    assert system_bus.call(NAME, PATH, NAME, "GetDevices") == [[wifi.path]]
    assert system_bus.get(NAME, wifi.path, DEVICE, "Interface") == "wlp3s0"
    assert system_bus.get(NAME, wifi.path, DEVICE, "DeviceType") == 2
    assert system_bus.call(NAME, wifi.path, WIRELESS, "GetAllAccessPoints") == [[open_one.path, mixed.path]]
    shown = [
        [
            system_bus.get(NAME, point.path, ACCESS_POINT, name)
            for name in ("Flags", "WpaFlags", "RsnFlags", "Frequency")
        ]
        for point in (open_one, mixed)
    ]
    assert shown == [[0, 0, 0, 2437], [1, 0x144, 0x148, 5180]]
    assert bytes(system_bus.get(NAME, open_one.path, ACCESS_POINT, "Ssid")) == HOSTILE
    text = run(
        ["busctl", f"--address={system_bus.address}", "get-property", NAME, open_one.path, ACCESS_POINT, "HwAddress"]
    ).stdout
    assert text == 's "02:00:00:00:0A:01"\n'


def test_joining_roaming_and_leaving(system_bus: PrivateBus, mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    first = wifi.add_access_point(b"Cafe", "02:00:00:00:0a:01", wifi_security.WPA2_PERSONAL)
    second = wifi.add_access_point(b"Cafe", "02:00:00:00:0a:02", wifi_security.WPA2_PERSONAL)
    recording = system_bus.monitor()
    wifi.join(first)
    active = system_bus.get(NAME, wifi.path, DEVICE, "ActiveConnection")
    assert system_bus.get(NAME, PATH, NAME, "PrimaryConnection") == active
    assert system_bus.get(NAME, PATH, NAME, "State") == 70
    assert system_bus.get(NAME, active, ACTIVE, "SpecificObject") == first.path
    profile = system_bus.get(NAME, active, ACTIVE, "Connection")
    settings = system_bus.call(NAME, profile, f"{NAME}.Settings.Connection", "GetSettings")[0]
    assert bytes(settings["802-11-wireless"]["ssid"]) == b"Cafe"
    assert settings["802-11-wireless-security"] == {"key-mgmt": "wpa-psk"}
    assert settings["connection"]["uuid"] == system_bus.get(NAME, active, ACTIVE, "Uuid")
    wifi.roam(second)
    assert system_bus.get(NAME, wifi.path, WIRELESS, "ActiveAccessPoint") == second.path
    wifi.leave(SSID_NOT_FOUND)
    recording.wait_for("StateChanged", lambda message: message.body == [30, 110, 53])
    assert story(recording.messages()) == [
        (40, 30, 0),
        first.path,
        (50, 40, 0),
        (70, 50, 0),
        (80, 70, 0),
        (90, 80, 0),
        (100, 90, 0),
        second.path,
        (110, 100, 53),
        "/",
        (30, 110, 53),
    ]
    assert system_bus.get(NAME, PATH, NAME, "ActiveConnections") == []


def test_going_over_to_another_network(system_bus: PrivateBus, mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", "02:00:00:00:0a:01", wifi_security.OPEN)
    home = wifi.add_access_point(b"Home", "02:00:00:00:0a:02", wifi_security.WPA3_PERSONAL)
    wifi.join(cafe)
    recording = system_bus.monitor()
    wifi.join(home)
    recording.wait_for("StateChanged", lambda message: message.body == [100, 90, 0])
    told = story(recording.messages())
    assert told[:3] == [(110, 100, 60), "/", (30, 110, 60)]
    assert told[3:5] == [(40, 30, 0), home.path]
    wifi.set_strength(home, 12)
    recording.wait_for("PropertiesChanged", lambda message: message.body[1] == {"Strength": 12})
    wifi.remove_access_point(cafe)
    recording.wait_for("AccessPointRemoved", lambda message: message.body == [cafe.path])


def test_what_is_asked_of_it_is_on_record(system_bus: PrivateBus, mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    wifi.join(wifi.add_access_point(b"Cafe", "02:00:00:00:0a:01", wifi_security.OPEN))
    active = system_bus.get(NAME, wifi.path, DEVICE, "ActiveConnection")
    system_bus.call(NAME, PATH, NAME, "DeactivateConnection", "o", active)
    assert mock_network_manager.calls("DeactivateConnection") == [[active]]
    assert system_bus.get(NAME, wifi.path, DEVICE, "ActiveConnection") == active


def test_restart_forgets_everything(system_bus: PrivateBus, mock_network_manager: MockNetworkManager) -> None:
    mock_network_manager.add_wifi()
    mock_network_manager.stop()
    assert not system_bus.has_owner(NAME)
    mock_network_manager.start()
    assert system_bus.call(NAME, PATH, NAME, "GetDevices") == [[]]
