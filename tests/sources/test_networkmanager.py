"""The Wi-Fi source against python-dbusmock's NetworkManager and a real one, on private buses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.mock_wifi import ACCESS_POINT, WIRELESS, AccessPoint, MockWifi
from tests.net.rig.network_manager import DEVICE
from tests.net.rig.network_manager import NetworkManager as RealNetworkManager
from tests.net.rig.waiting import wait_until
from tests.sources.watching import Watching, at
from wifiguard.core.addresses import mac_bytes
from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft
from wifiguard.sources import SourceUnavailable, sysfs
from wifiguard.sources.networkmanager import NetworkManager

BSSID = "02:11:22:33:44:55"
OTHER = "02:11:22:33:44:66"
HOSTILE = b"\x1b[31m<b>&\xe2\x80\xae\xff\xfe\x00\n'\"; reboot"


@pytest.fixture(autouse=True)
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """What /sys tells of interfaces; no radio unless the test makes one."""
    monkeypatch.setattr(sysfs, "NET", tmp_path)
    if "system_bus" in request.fixturenames:
        bus: PrivateBus = request.getfixturevalue("system_bus")
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    return tmp_path


def radio(net: Path, name: str, operstate: str = "up") -> None:
    (net / name / "phy80211").mkdir(parents=True)
    (net / name / "operstate").write_text(f"{operstate}\n")


def done(reason: str = "", mend: str | None = None, *, essential: bool = False) -> SourceDone:
    return SourceDone(at(), "wifi", not reason, reason, mend, essential)


def associated(
    access_point: AccessPoint, security: Security, weak_group: bool = False, interface: str = "wlan0", **rest: Any
) -> WifiAssociated:
    rest.setdefault("frequency", 2437)
    rest.setdefault("strength", 70)
    bss = Bss(access_point.ssid, mac_bytes(access_point.bssid), security, weak_group, **rest)
    return WifiAssociated(at(interface), bss, _profile(access_point))


def _profile(access_point: AccessPoint) -> str:
    decoded = access_point.ssid.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in decoded)


ABSENT = done("NetworkManager is not running", "sudo systemctl start NetworkManager")


def test_joining_roaming_leaving(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
    upstairs = wifi.add_access_point(b"Cafe", OTHER, wifi_security.OPEN, frequency=5180, strength=40)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(done())
        assert source.told[:mark] == [done()]
        wifi.join(cafe)
        mark = source.wait_for(associated(cafe, Security.OPEN), done(), after=mark)
        wifi.roam(upstairs)
        mark = source.wait_for(associated(upstairs, Security.OPEN, frequency=5180, strength=40), done(), after=mark)
        assert not [o for o in source.told if isinstance(o, WifiLeft)]
        wifi.leave()
        mark = source.wait_for(WifiLeft(at("wlan0"), b"Cafe"), done(), after=mark)
        source.refresh()
        end = source.wait_for(done(), after=mark)
        assert source.told[mark:end] == [done()]


PROTECTIONS = {
    Security.OPEN: wifi_security.OPEN,
    Security.WEP: wifi_security.WEP,
    Security.ENHANCED_OPEN: wifi_security.ENHANCED_OPEN,
    Security.WPA: wifi_security.WPA_PERSONAL,
    Security.WPA_WPA2: wifi_security.WPA_WPA2_PERSONAL,
    Security.WPA2: wifi_security.WPA2_PERSONAL,
    Security.WPA2_ENTERPRISE: wifi_security.WPA2_ENTERPRISE,
    Security.WPA3_TRANSITION: wifi_security.WPA3_TRANSITION,
    Security.WPA3: wifi_security.WPA3_PERSONAL,
    Security.WPA3_ENTERPRISE: wifi_security.WPA3_ENTERPRISE,
}


def test_every_protection_as_found_at_start(mock_network_manager: MockNetworkManager) -> None:
    joined = []
    for number, (security, flags) in enumerate(PROTECTIONS.items()):
        wifi = mock_network_manager.add_wifi(f"wlan{number}")
        access_point = wifi.add_access_point(security.encode(), f"02:00:00:00:01:{number:02x}", flags)
        associate(mock_network_manager, wifi, access_point)
        weak = security in (Security.WPA, Security.WPA_WPA2)
        joined.append(replace(associated(access_point, security, weak, f"wlan{number}"), profile=None))
    with Watching(NetworkManager) as source:
        end = source.wait_for(done())
        assert source.told[:end] == [*joined, done()]


def test_hostile_name_stays_bytes(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    ssid = HOSTILE.ljust(32, b"\xff")
    access_point = wifi.add_access_point(ssid, BSSID, wifi_security.WPA2_PERSONAL)
    wifi.join(access_point)
    with Watching(NetworkManager) as source:
        source.wait_for(done())
        told = source.last(WifiAssociated)
        assert told is not None
        assert told.bss == Bss(ssid, mac_bytes(BSSID), Security.WPA2, frequency=2437, strength=70)


def test_one_network_after_another(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    home = wifi.add_access_point(b"Home", BSSID, wifi_security.WPA2_PERSONAL)
    cafe = wifi.add_access_point(b"Cafe", OTHER, wifi_security.OPEN)
    wifi.join(home)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(associated(home, Security.WPA2), done())
        wifi.join(cafe)
        source.wait_for(WifiLeft(at("wlan0"), b"Home"), associated(cafe, Security.OPEN), done(), after=mark)


def test_a_chosen_access_point_is_not_yet_joined(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
    change(mock_network_manager, wifi.path, WIRELESS, "ActiveAccessPoint", ("o", cafe.path))
    with Watching(NetworkManager) as source:
        for state in (40, 50, 60):
            change(mock_network_manager, wifi.path, DEVICE, "State", ("u", state))
            source.refresh()
            source.wait_for(done(), after=len(source.told))
        assert set(source.told) == {done()}
        change(mock_network_manager, wifi.path, DEVICE, "State", ("u", 70))
        wait_until(lambda: source.last(WifiAssociated), "the association")


def test_own_hotspot_is_no_association(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    change(mock_network_manager, wifi.path, WIRELESS, "Mode", ("u", 3))
    wifi.join(wifi.add_access_point(b"Mine", BSSID, wifi_security.OPEN))
    with Watching(NetworkManager) as source:
        end = source.wait_for(done())
        assert source.told[:end] == [done()]


def test_strength_alone_tells_nothing(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
    wifi.join(cafe)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(done())
        for strength in range(20, 60):
            wifi.set_strength(cafe, strength)
        assert source.told[mark:] == []
        source.refresh()
        source.wait_for(associated(cafe, Security.OPEN, strength=59), done(), after=mark)


def test_protection_that_changes_under_us(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.WPA2_PERSONAL)
    wifi.join(cafe)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(associated(cafe, Security.WPA2), done())
        change(mock_network_manager, cafe.path, ACCESS_POINT, "RsnFlags", ("u", 0))
        source.wait_for(associated(cafe, Security.WEP), done(), after=mark)
        change(mock_network_manager, cafe.path, ACCESS_POINT, "Flags", ("u", 0))
        source.wait_for(associated(cafe, Security.OPEN), done(), after=mark)


def test_absent_then_there_then_restarted(system_bus: PrivateBus, net: Path) -> None:
    with Watching(NetworkManager) as source:
        mark = source.wait_for(ABSENT)
        manager = MockNetworkManager(system_bus)
        mark = source.wait_for(done(), after=mark)
        wifi = manager.add_wifi()
        cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
        wifi.join(cafe)
        mark = source.wait_for(associated(cafe, Security.OPEN), done(), after=mark)
        radio(net, "wlan0")
        manager.stop()
        away = done("NetworkManager is not running", "sudo systemctl start NetworkManager", essential=True)
        end = source.wait_for(away, after=mark)
        assert source.told[mark:end] == [away]  # the radio stays associated, as far as anybody knows
        manager.start()
        wifi = manager.add_wifi()
        cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
        wifi.join(cafe)
        source.wait_for(associated(cafe, Security.OPEN), done(essential=True), after=end)


def test_gone_while_we_were_blind_is_told(mock_network_manager: MockNetworkManager) -> None:
    wifi = mock_network_manager.add_wifi()
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
    wifi.join(cafe)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(associated(cafe, Security.OPEN), done())
        mock_network_manager.stop()
        mark = source.wait_for(ABSENT, after=mark)
        mock_network_manager.start()
        source.wait_for(WifiLeft(at("wlan0"), b"Cafe"), done(), after=mark)


def test_device_that_comes_and_goes(mock_network_manager: MockNetworkManager) -> None:
    with Watching(NetworkManager) as source:
        mark = source.wait_for(done())
        wifi = mock_network_manager.add_wifi("wlx001122334455")
        cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
        wifi.join(cafe)
        joined = associated(cafe, Security.OPEN, interface="wlx001122334455")
        mark = source.wait_for(joined, done(), after=mark)
        mock_network_manager.remove_object(wifi.path, DEVICE, WIRELESS)
        mock_network_manager.emit(
            "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", "DeviceRemoved", "o", ("o", wifi.path)
        )
        source.wait_for(WifiLeft(at("wlx001122334455"), b"Cafe"), done(), after=mark)


NONSENSE: dict[str, tuple[str, tuple[str, Any], tuple[str, Any] | None]] = {
    "State": (DEVICE, ("s", "up"), ("u", 100)),
    "Interface": (DEVICE, ("s", "an-interface-with-a-long-name"), ("s", "wlan0")),
    "ActiveAccessPoint": (WIRELESS, ("s", "none"), None),
    "Mode": (WIRELESS, ("s", "infrastructure"), ("u", 2)),
    "Ssid": (ACCESS_POINT, ("ay", b"x" * 33), ("ay", b"Cafe")),
    "HwAddress": (ACCESS_POINT, ("s", "02:11"), ("s", BSSID)),
    "RsnFlags": (ACCESS_POINT, ("i", -1), ("u", 0)),
    "Frequency": (ACCESS_POINT, ("t", 1 << 60), ("u", 2437)),
    "Strength": (ACCESS_POINT, ("u", 70), ("y", 70)),
}


def test_an_answer_of_the_wrong_kind_is_one_sentence(mock_network_manager: MockNetworkManager) -> None:
    wifi, other = mock_network_manager.add_wifi(), mock_network_manager.add_wifi("wlan1")
    cafe = wifi.add_access_point(b"Cafe", BSSID, wifi_security.OPEN)
    home = other.add_access_point(b"Home", OTHER, wifi_security.WPA2_PERSONAL)
    associate(mock_network_manager, wifi, cafe)
    associate(mock_network_manager, other, home)
    at_home = replace(associated(home, Security.WPA2, interface="wlan1"), profile=None)
    at_cafe = replace(associated(cafe, Security.OPEN), profile=None)
    with Watching(NetworkManager) as source:
        mark = source.wait_for(at_cafe, at_home, done())
        for name, (interface, wrong, right) in NONSENSE.items():
            where = cafe.path if interface == ACCESS_POINT else wifi.path
            change(mock_network_manager, where, interface, name, wrong)
            source.refresh()
            bad = wait_until(lambda: source.last(SourceDone, after=mark, ok=False), f"a word about {name}")  # noqa: B023
            assert bad.reason.startswith("NetworkManager")
            assert len(bad.reason) < 100
            # The other radio is reported all the same.
            end = source.wait_for(at_home, bad, after=mark)
            change(mock_network_manager, where, interface, name, right or ("o", cafe.path))
            source.refresh()
            mark = source.wait_for(at_cafe, at_home, done(), after=end)


def test_a_service_that_is_no_network_manager(system_bus: PrivateBus) -> None:
    program = "import dbus.mainloop.glib as g, gi.repository.GLib as l; g.DBusGMainLoop(set_as_default=True);"
    program += "import dbus; n = dbus.SystemBus(); n.request_name('org.freedesktop.NetworkManager');"
    program += "print('ready', flush=True); l.MainLoop().run()"
    imposter = system_bus.processes.start("imposter", ["/usr/bin/python3", "-c", program], system_bus.as_system)
    imposter.wait_for_output("ready")
    with Watching(NetworkManager) as source:
        source.wait_for(done("what calls itself NetworkManager has no devices to tell of"))


def test_radio_that_network_manager_leaves_alone(mock_network_manager: MockNetworkManager, net: Path) -> None:
    radio(net, "wlan0")
    wifi = mock_network_manager.add_wifi()
    change(mock_network_manager, wifi.path, DEVICE, "State", ("u", 10))
    sentence = "NetworkManager does not look after wlan0, which is connected"
    with Watching(NetworkManager) as source:
        mark = source.wait_for(done(sentence, "nmcli device set wlan0 managed yes", essential=True))
        change(mock_network_manager, wifi.path, DEVICE, "State", ("u", 30))
        source.wait_for(done(essential=True), after=mark)


def test_no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address in (f"unix:path={tmp_path}/none", "nonsense", "unix:path=/dev/null"):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with Watching(NetworkManager) as source:
            error = source.error()
            assert isinstance(error, SourceUnavailable)
            assert (error.reason, error.mend) == ("there is no system message bus", "sudo systemctl start dbus")
            assert source.told == []


def test_bus_that_ends(mock_network_manager: MockNetworkManager, system_bus: PrivateBus) -> None:
    with Watching(NetworkManager) as source:
        source.wait_for(done())
        system_bus.stop()
        error = source.error()
        assert isinstance(error, SourceUnavailable)
        assert error.reason == "the connection to the system message bus broke"


@pytest.mark.root
@pytest.mark.rig("NetworkManager", "ip")
def test_a_real_one_without_a_radio(cafe: Cafe, system_bus: PrivateBus) -> None:
    with Watching(NetworkManager) as source:
        mark = source.wait_for(ABSENT)
        real = RealNetworkManager(cafe.laptop, system_bus)
        mark = source.wait_for(done(), after=mark)
        real.stop()
        mark = source.wait_for(ABSENT, after=mark)
        real.start()
        source.wait_for(done(), after=mark)
        source.refresh()
        source.wait_for(done(), after=len(source.told))
        assert set(source.told) == {ABSENT, done()}


def associate(manager: MockNetworkManager, wifi: MockWifi, access_point: AccessPoint) -> None:
    """As it is a while after joining; quicker than to play it all."""
    change(manager, wifi.path, WIRELESS, "ActiveAccessPoint", ("o", access_point.path))
    change(manager, wifi.path, DEVICE, "State", ("u", 100))


def change(manager: MockNetworkManager, path: str, interface: str, name: str, value: tuple[str, Any]) -> None:
    """Give one property another value, as a signal tells."""
    manager.update(path, interface, {name: value})
