"""An OpenVPN tunnel between two machines of the lab, which takes everything by halves (`redirect-gateway def1 ipv6`)."""

from __future__ import annotations

from pathlib import Path

from tests.net.rig.cafe import Cafe
from tests.net.rig.certificate import Certificate, make_certificate
from tests.net.rig.command import run
from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

PORT = 1194
INSIDE = "10.67.0.1"
# The ends know each other by the fingerprints of their certificates (openvpn(8), --peer-fingerprint).
EITHER = """
dev {device}
dev-type tun
cert {own.certificate}
key {own.key}
peer-fingerprint {other}
x509-username-field O
"""
SERVER = """
local {endpoint}
port {port}
dh none
topology subnet
server 10.67.0.0 255.255.255.0
server-ipv6 fd67::/64
push "redirect-gateway def1 ipv6"
keepalive 5 60
"""
LAPTOP = """
client
nobind
remote {endpoint} {port}
"""


class OpenVpn:
    """`device` on the laptop leads to the server beyond the café. Four halves and quarters of each family carry everything."""

    def __init__(self, cafe: Cafe, device: str = "tun0") -> None:
        self.cafe = cafe
        self.device = device
        self.endpoint = cafe.host(67).v4
        folder = cafe.lab.processes.subfolder("openvpn")
        keys = {role: _certificate(folder / role, role) for role in ("server", "laptop")}
        self.server = self._start(cafe.internet, "server", SERVER, own=keys["server"], other=keys["laptop"])
        self.server.wait_for_output("Initialization Sequence Completed", timeout=30)
        self.laptop = self._start(cafe.laptop, "laptop", LAPTOP, own=keys["laptop"], other=keys["server"])
        self.laptop.wait_for_output("Initialization Sequence Completed", timeout=60)
        wait_until(lambda: f"dev {device}" in cafe.laptop.run("ip", "route").stdout, "the tunnel's routes")

    def ip(self, *commands: str) -> None:
        """Commands of ip(8) on the laptop, those of either family."""
        for command in commands:
            self.cafe.laptop.run("ip", *command.split())

    def _start(self, place: Namespace, role: str, more: str, own: Certificate, other: Certificate) -> Spawned:
        words = {"device": self.device, "endpoint": self.endpoint, "port": PORT}
        file = own.key.with_name("openvpn.conf")
        file.write_text((EITHER + more).format(**words, own=own, other=_fingerprint(other.certificate)))
        return place.start(f"openvpn-{role}", "openvpn", "--config", str(file))


def _certificate(folder: Path, role: str) -> Certificate:
    folder.mkdir()
    return make_certificate(folder, [f"{role}.test"])


def _fingerprint(certificate: Path) -> str:
    said = run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"]).stdout
    return said.partition("=")[2].strip()
