"""A real NetworkManager on a machine of the lab, without systemd, with a bus and files of its own."""

from __future__ import annotations

import uuid

from tests.net.rig.bus import PrivateBus
from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

NAME = "org.freedesktop.NetworkManager"
PATH = "/org/freedesktop/NetworkManager"
DEVICE = f"{NAME}.Device"
ACTIVATED = 100

# What it would change on the host (its name, /etc/resolv.conf) or ask of it (polkit, the internet) is off.
CONFIGURATION = """
[main]
plugins=keyfile
dhcp=internal
dns=none
rc-manager=unmanaged
systemd-resolved=false
hostname-mode=none
auth-polkit={polkit}
no-auto-default=*
[keyfile]
path={folder}/profiles
[connectivity]
enabled=false
"""
PROFILE = """
[connection]
id={name}
uuid={uuid}
type=ethernet
interface-name={interface}
autoconnect=true
[ipv4]
method=auto
may-fail=false
[ipv6]
method={ipv6}
may-fail=true
"""
# With /sys writable it would wait for udev to announce every device.
ENTER = """
mount -o remount,ro /sys
mount --bind "$1/run" /run
mount --bind "$1/state" /var/lib/NetworkManager
exec NetworkManager --debug --config="$1/NetworkManager.conf" --config-dir="$1/none" --system-config-dir="$1/none" \\
    --intern-config="$1/intern.conf" --state-file="$1/NetworkManager.state" --pid-file="$1/pid"
"""


class NetworkManager:
    """Running from the start; profiles and state outlive `stop` and `start`. `polkit`: "root-only" keeps all others out."""

    def __init__(self, namespace: Namespace, bus: PrivateBus, polkit: str = "false") -> None:
        self.namespace = namespace
        self.bus = bus
        self._folder = namespace.lab.processes.subfolder("network-manager")
        for name in ("profiles", "none", "run/NetworkManager", "state"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "NetworkManager.conf").write_text(CONFIGURATION.format(folder=self._folder, polkit=polkit))
        self.process: Spawned
        self.start()

    def start(self) -> None:
        """Start it, and wait until it knows the devices; what they join may still be under way."""
        self.process = self.namespace.start(
            "NetworkManager", "sh", "-ec", ENTER, "sh", str(self._folder), env=self.bus.as_system
        )
        wait_until(
            lambda: self.process.require_running() and self.bus.get_if_there(NAME, PATH, NAME, "Devices"),
            "NetworkManager to be up",
        )

    def stop(self) -> None:
        """End it as systemd would; addresses stay."""
        self.process.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def add_ethernet(self, interface: str, *, ipv6: bool = True) -> None:
        """Save a profile that joins by itself (DHCP; with `ipv6`, router advertisements), and wait until it has."""
        profile = self._folder / "profiles" / f"{interface}.nmconnection"
        profile.write_text(
            PROFILE.format(
                name=f"cable-{interface}", uuid=uuid.uuid4(), interface=interface, ipv6="auto" if ipv6 else "link-local"
            )
        )
        profile.chmod(0o600)
        self.bus.call(NAME, f"{PATH}/Settings", f"{NAME}.Settings", "ReloadConnections")
        self.wait_for_state(interface, ACTIVATED)
        if ipv6:  # the device may be activated with one family; to insist on both hangs now and then after a restart
            self.wait_for_ipv6(interface)

    def wait_for_ipv6(self, interface: str) -> None:
        """Until it has an address from a router advertisement."""
        show = ("ip", "-6", "address", "show", "dev", interface, "scope", "global")
        wait_until(lambda: self.namespace.run(*show).stdout, f"an IPv6 address of {interface}")

    def device(self, interface: str) -> str:
        """The object path of a device."""
        return str(self.bus.call(NAME, PATH, NAME, "GetDeviceByIpIface", "s", interface)[0])

    def state(self, interface: str) -> int:
        """The device's NMDeviceState."""
        return int(self.bus.get(NAME, self.device(interface), DEVICE, "State"))

    def wait_for_state(self, interface: str, state: int, timeout: float = 15.0) -> None:
        wait_until(
            lambda: self.process.require_running() and self.state(interface) == state,
            f"{interface} to reach state {state}",
            timeout,
        )

    def nmcli(self, *arguments: str) -> str:
        """What its own command line says, in terse form."""
        return self.namespace.run("nmcli", "--terse", *arguments, env=self.bus.as_system).stdout
