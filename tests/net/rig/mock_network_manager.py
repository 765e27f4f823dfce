"""python-dbusmock's NetworkManager: the service, its objects, its signals. Its radio is in mock_wifi.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.net.rig.bus import PrivateBus
from tests.net.rig.mock_wifi import MockWifi
from tests.net.rig.network_manager import NAME, PATH
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

MOCK = "org.freedesktop.DBus.Mock"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
ROOT = "/org/freedesktop"  # the object that announces which objects come and go
SETTINGS = f"{PATH}/Settings"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's D-Bus bindings
NONE = "/"  # the path of no object

Properties = Mapping[str, tuple[str, Any]]
"""Name to signature and value."""


class MockNetworkManager:
    """Running from the start: disconnected, no device. `stop` and `start` give a new one that knows nothing."""

    def __init__(self, bus: PrivateBus) -> None:
        self.bus = bus
        self.process: Spawned
        self.start()

    def start(self) -> None:
        """Start it, with what the template leaves out."""
        self._objects = 0
        self.process = self.bus.processes.start(
            "mock-NetworkManager",
            [PYTHON, "-m", "dbusmock", "--system", "--template", "networkmanager"],
            self.bus.as_system,
        )
        # The service's name is there before its objects; the settings are the last of them.
        wait_until(
            lambda: (
                self.process.require_running() and self.bus.get_if_there(NAME, SETTINGS, f"{NAME}.Settings", "Hostname")
            ),
            "the mock's settings",
        )
        more: Properties = {
            "AllDevices": ("ao", []),
            "PrimaryConnection": ("o", NONE),
            "PrimaryConnectionType": ("s", ""),
            "ActivatingConnection": ("o", NONE),
            "Metered": ("u", 0),
        }
        self.mock(PATH, "AddProperties", "sa{sv}", NAME, more)
        self.update(PATH, NAME, {"Version": ("s", "1.42.4"), "State": ("u", 20), "Connectivity": ("u", 1)})
        # The template would do half of it: the access point would stay active. This one keeps the call on record, and
        # the test goes on as it likes.
        self.mock(PATH, "AddMethod", "sssss", NAME, "DeactivateConnection", "o", "", "")

    def stop(self) -> None:
        self.process.stop()

    def add_wifi(self, interface: str = "wlan0", hardware: str = "02:00:00:00:00:02") -> MockWifi:
        """A Wi-Fi device, disconnected, that sees nothing yet; `interface` may be a real one."""
        return MockWifi(self, interface, hardware)

    def add_profile(self, settings: Mapping[str, Properties]) -> str:
        """A saved connection; its object path."""
        path: str = self.bus.call(NAME, SETTINGS, f"{NAME}.Settings", "AddConnection", "a{sa{sv}}", settings)[0]
        return path

    def calls(self, member: str, path: str = PATH) -> list[list[Any]]:
        """The arguments of each call so far of a method of the object at `path`."""
        return [arguments for _at, arguments in self.mock(path, "GetMethodCalls", "s", member)[0]]

    # For parts of the mock:

    def mock(self, path: str, member: str, signature: str, *values: Any) -> list[Any]:
        """Call one of dbusmock's own methods."""
        return self.bus.call(NAME, path, MOCK, member, signature, *values)

    def get(self, path: str, interface: str, name: str) -> Any:
        return self.bus.get(NAME, path, interface, name)

    def update(self, path: str, interface: str, properties: Properties) -> None:
        """Set properties, with one PropertiesChanged each (dbusmock's UpdateProperties fails on object paths)."""
        for name, value in properties.items():
            self.bus.call(NAME, path, "org.freedesktop.DBus.Properties", "Set", "ssv", interface, name, value)

    def emit(self, path: str, interface: str, member: str, signature: str, *values: tuple[str, Any]) -> None:
        """Emit a signal."""
        self.mock(path, "EmitSignal", "sssav", interface, member, signature, values)

    def add_object(self, kind: str, interfaces: Mapping[str, Properties]) -> str:
        """A new object with these interfaces, announced; its path."""
        self._objects += 1
        path = f"{PATH}/{kind}/{self._objects}"
        (first, properties), *others = interfaces.items()
        self.mock(ROOT, "AddObject", "ssa{sv}a(ssss)", path, first, properties, [])
        for interface, more in others:
            self.mock(path, "AddProperties", "sa{sv}", interface, more)
        announced = ("a{sa{sv}}", interfaces)
        self.emit(ROOT, OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", ("o", path), announced)
        return path

    def remove_object(self, path: str, *interfaces: str) -> None:
        self.emit(ROOT, OBJECT_MANAGER, "InterfacesRemoved", "oas", ("o", path), ("as", interfaces))
        self.mock(ROOT, "RemoveObject", "s", path)

    def set_state(self, state: int) -> None:
        """The whole service's NMState."""
        self.update(PATH, NAME, {"State": ("u", state)})
        self.emit(PATH, NAME, "StateChanged", "u", ("u", state))
