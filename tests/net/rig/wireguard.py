"""WireGuard between machines of the lab, by wireguard-go: the kernel may have none of its own."""

from __future__ import annotations

import subprocess

from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Namespace
from tests.net.rig.waiting import wait_until

PORT = 51820
EVERYWHERE = "0.0.0.0/0,::/0"
# wireguard-go wants its control socket under /run, by the device's name: each device gets a /run of its own.
PRIVATE_RUN = 'mount --bind "$1" /run && mkdir -p /run/wireguard && shift && exec "$@"'
INSIDE = {"laptop": ("10.66.0.2/24", "fd66::2/64"), "server": ("10.66.0.1/24", "fd66::1/64")}


class WireGuard:
    """A device of `machine` that is up and listens on `PORT`; its own packets bear that mark. `key`: its public key."""

    def __init__(self, machine: Namespace, device: str, *addresses: str) -> None:
        self.machine = machine
        self.device = device
        self._run = machine.lab.processes.subfolder("wireguard")
        process = machine.start("wireguard-go", *self._private("wireguard-go", "-f", device))
        socket = self._run / "wireguard" / f"{device}.sock"
        wait_until(lambda: process.require_running() and socket.exists(), "wireguard-go to listen")
        private = self._wg("genkey").stdout
        (self._run / "key").write_text(private)
        self.key = self._wg("pubkey", stdin=private).stdout.strip()
        self._set("listen-port", str(PORT), "fwmark", str(PORT), "private-key", "/run/key")
        machine.address(device, *addresses)
        machine.ip(f"link set {device} up")

    def peer(self, key: str, allowed: str, *more: str) -> None:
        """Speak with who has this public key. `allowed`: the addresses inside the tunnel that are his; `more`: as for wg(8)."""
        self._set("peer", key, "allowed-ips", allowed, *more)

    def _set(self, *words: str) -> None:
        self._wg("set", self.device, *words)

    def _wg(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.machine.run(*self._private("wg", *words), stdin=stdin)

    def _private(self, *argv: str) -> tuple[str, ...]:
        return ("sh", "-ec", PRIVATE_RUN, "sh", str(self._run), *argv)


class Tunnel:
    """`device` on the laptop leads to the server beyond the café. It carries everything: its routes stand in table 51820."""

    def __init__(self, cafe: Cafe, device: str = "wg0") -> None:
        self.cafe = cafe
        self.device = device
        self.endpoint = cafe.host(66).v4
        laptop = WireGuard(cafe.laptop, device, *INSIDE["laptop"])
        server = WireGuard(cafe.internet, device, *INSIDE["server"])
        laptop.peer(server.key, EVERYWHERE, "endpoint", f"{self.endpoint}:{PORT}", "persistent-keepalive", "5")
        server.peer(laptop.key, EVERYWHERE)
        self.ip(
            f"route add default dev {device} table {PORT}",
            f"route add ::/0 dev {device} table {PORT}",
            f"rule add not fwmark {PORT} table {PORT} priority 100",
            f"-6 rule add not fwmark {PORT} table {PORT} priority 100",
            "rule add table main suppress_prefixlength 0 priority 99",
            "-6 rule add table main suppress_prefixlength 0 priority 99",
            f"route add {self.endpoint}/32 via {cafe.router.v4} dev {cafe.interface}",
        )

    def ip(self, *commands: str) -> None:
        """Commands of ip(8) on the laptop, those of either family (`-6 rule …`): ip's own batches take none."""
        for command in commands:
            self.cafe.laptop.run("ip", *command.split())
