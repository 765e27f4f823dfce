"""A laptop on a café's network, and the internet behind the café's router."""

from __future__ import annotations

from typing import NamedTuple

from tests.net.rig.lab import Lab

ROUTER = ("10.23.0.1", "fd23::1")
LAPTOP = ("10.23.0.2", "fd23::2")


class Addresses(NamedTuple):
    """One host's two addresses."""

    v4: str
    v6: str


class Cafe:
    """Two machines: `laptop` (one interface) and `internet` (the router, and every host behind it).

    With `configured=False` the laptop's interface has no address: its network manager gets one by DHCP.
    """

    def __init__(self, lab: Lab, interface: str = "wlan0", *, configured: bool = True) -> None:
        self.lab = lab
        self.interface = interface
        self.router = Addresses(*ROUTER)
        self.laptop_addresses = Addresses(*LAPTOP)
        self.laptop = lab.namespace("laptop")
        self.internet = lab.namespace("cafe")
        lab.wire(self.laptop, interface, self.internet, "eth0")
        self.internet.address("eth0", f"{self.router.v4}/24", f"{self.router.v6}/64")
        self.laptop.resolve_with(self.router.v4)
        if configured:
            self.laptop.address(interface, f"{self.laptop_addresses.v4}/24", f"{self.laptop_addresses.v6}/64")
            self.laptop.ip(
                f"route add default via {self.router.v4} dev {interface}",
                f"route add ::/0 via {self.router.v6} dev {interface}",
            )

    def host(self, number: int) -> Addresses:
        """Addresses of a new host on the internet (1 to 254): servers in `internet` answer there."""
        addresses = Addresses(f"203.0.113.{number}", f"2001:db8::{number:x}")
        self.internet.address("lo", f"{addresses.v4}/32", f"{addresses.v6}/128")
        return addresses
