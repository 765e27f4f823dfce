"""A private message bus: the session's or the system's, for one test alone."""

from __future__ import annotations

import json
from typing import Any

from tests.net.rig.bus_arguments import words
from tests.net.rig.bus_monitor import BusMonitor, untyped
from tests.net.rig.command import CommandFailedError, run
from tests.net.rig.processes import Processes
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

# Everything is allowed to everybody, and no service is started on demand: what was not started is not there.
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
DAEMON = "org.freedesktop.DBus"


class PrivateBus:
    """A running dbus-daemon. Programs find it by `as_session` or `as_system`, added to their environment."""

    def __init__(self, processes: Processes, name: str = "bus") -> None:
        self.processes = processes
        self.name = processes.unique(name)
        self._socket = processes.folder / f"{self.name}.socket"
        self._configuration = processes.folder / f"{self.name}.conf"
        self._configuration.write_text(CONFIGURATION.format(socket=self._socket))
        self.address = f"unix:path={self._socket}"
        self.as_session = {"DBUS_SESSION_BUS_ADDRESS": self.address}
        self.as_system = {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
        self.process: Spawned
        self.start()

    def start(self) -> None:
        """Start it; after `stop`, at the same address."""
        self._socket.unlink(missing_ok=True)
        self.process = self.processes.start(
            f"{self.name}-daemon",
            ["dbus-daemon", f"--config-file={self._configuration}", "--nofork", "--print-address=1"],
        )
        self.process.wait_for_output(r"guid=")

    def stop(self) -> None:
        """End the bus: every client is disconnected."""
        self.process.stop()

    def call(self, owner: str, path: str, interface: str, member: str, signature: str = "", *values: Any) -> list[Any]:
        """Call a method; its results without their types. A variant argument is a pair: signature, value."""
        arguments = [signature, *words(signature, values)] if signature else []
        done = self._busctl("call", owner, path, interface, member, *arguments)
        results: list[Any] = untyped(json.loads(done)["data"]) if done.strip() else []
        return results

    def get(self, owner: str, path: str, interface: str, name: str) -> Any:
        """The value of a property, without its type."""
        return untyped(json.loads(self._busctl("get-property", owner, path, interface, name))["data"])

    def get_if_there(self, owner: str, path: str, interface: str, name: str) -> Any:
        """The value of a property, or None while it cannot be read."""
        try:
            return self.get(owner, path, interface, name)
        except CommandFailedError:
            return None

    def has_owner(self, name: str) -> bool:
        """Is the service there?"""
        return bool(self.call(DAEMON, "/org/freedesktop/DBus", DAEMON, "NameHasOwner", "s", name)[0])

    def wait_for_owner(self, name: str, spawned: Spawned) -> None:
        """Until `spawned` owns `name`."""
        wait_until(lambda: spawned.require_running() and self.has_owner(name), f"{name} to appear on the bus")

    def monitor(self) -> BusMonitor:
        """Everything that is said on the bus from now on."""
        argv = ["busctl", f"--address={self.address}", "--json=short", "monitor"]
        return BusMonitor(self.processes.start(f"{self.name}-monitor", argv))

    def logs(self) -> dict[str, str]:
        return self.processes.logs()

    def _busctl(self, *arguments: str) -> str:
        return run(["busctl", f"--address={self.address}", "--json=short", "--timeout=10", "--", *arguments]).stdout
