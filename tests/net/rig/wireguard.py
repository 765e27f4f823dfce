"""A WireGuard tunnel between two machines of the lab, by wireguard-go: the kernel may have none of its own."""

from __future__ import annotations

from pathlib import Path

from tests.net.rig.cafe import Cafe
from tests.net.rig.command import run
from tests.net.rig.waiting import wait_until

PORT = 51820
# wireguard-go wants its control socket under /run; each end gets a /run of its own.
PRIVATE_RUN = 'mount --bind "$1" /run && mkdir -p /run/wireguard && shift && exec "$@"'
INSIDE = {"laptop": ("10.66.0.2/24", "fd66::2/64"), "server": ("10.66.0.1/24", "fd66::1/64")}


class Tunnel:
    """`device` on the laptop leads to the server beyond the café. It carries everything: its routes stand in table 51820."""

    def __init__(self, cafe: Cafe, device: str = "wg0") -> None:
        self.cafe = cafe
        self.device = device
        self.endpoint = cafe.host(66).v4
        folder = cafe.lab.processes.subfolder("wireguard")
        laptop, server = self._end(folder, "laptop"), self._end(folder, "server")
        self._peer("laptop", server, f"endpoint {self.endpoint}:{PORT} persistent-keepalive 5")
        self._peer("server", laptop, "")
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

    def _end(self, folder: Path, role: str) -> str:
        """Start one end; its public key."""
        place = self.cafe.laptop if role == "laptop" else self.cafe.internet
        home = folder / role
        home.mkdir()
        (home / "key").write_text(run(["wg", "genkey"]).stdout)
        (home / "key").chmod(0o600)
        place.start(f"wireguard-{role}", "sh", "-ec", PRIVATE_RUN, "sh", str(home), "wireguard-go", "-f", self.device)
        wait_until(lambda: (home / "wireguard" / f"{self.device}.sock").exists(), "wireguard-go to listen")
        self._setting = home
        self._wg(
            role,
            "private-key",
            "/run/key",
            "listen-port",
            str(PORT),
            *(("fwmark", str(PORT)) if role == "laptop" else ()),
        )
        place.address(self.device, *INSIDE[role])
        place.ip(f"link set {self.device} up")
        return run(["wg", "pubkey"], stdin=(home / "key").read_text()).stdout.strip()

    def _peer(self, role: str, key: str, more: str) -> None:
        self._wg(role, "peer", key, "allowed-ips", "0.0.0.0/0,::/0", *more.split())

    def _wg(self, role: str, *words: str) -> None:
        place = self.cafe.laptop if role == "laptop" else self.cafe.internet
        home = self._setting.parent / role
        place.run("sh", "-ec", PRIVATE_RUN, "sh", str(home), "wg", "set", self.device, *words)
