"""A laptop, a router and an attacker on one link where everybody hears everything, as on open Wi-Fi."""

from __future__ import annotations

import json
import re

from tests.net.rig.command import run
from tests.net.rig.lab import Lab, Namespace
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

ROUTER4, LAPTOP4, ATTACKER4 = "10.23.0.1", "10.23.0.2", "10.23.0.66"
ROUTER6, LAPTOP6, ATTACKER6 = "fe80::1", "fe80::2", "fe80::66"
ROUTER_MAC, LAPTOP_MAC, ATTACKER_MAC = "f4:f2:6d:00:00:01", "3c:52:82:00:00:02", "00:c0:ca:00:00:66"


class SharedAir:
    """Three machines behind a bridge that never learns who is where. `families`: the versions of IP that the network has.

    `speaks6`: whether the laptop has IPv6 at all.
    """

    def __init__(self, lab: Lab, *families: int, speaks6: bool = True) -> None:
        self.lab = lab
        self.families = families
        self.speaks6 = speaks6
        self.air = lab.namespace("air")
        self.air.ip("link add air type bridge ageing_time 0 mcast_snooping 0", "link set air up")
        self.router = self._join("router", "eth0", ROUTER_MAC, ROUTER4, ROUTER6, families)
        self.laptop = self._join("laptop", "wlan0", LAPTOP_MAC, LAPTOP4, LAPTOP6, families)
        # The attacker speaks what he likes.
        self.attacker = self._join("attacker", "eth0", ATTACKER_MAC, ATTACKER4, ATTACKER6, (4, 6))
        if 4 in families:
            self.laptop.ip(f"route add default via {ROUTER4} dev wlan0")
            self.attacker.ip(f"route add default via {ROUTER4} dev eth0")
            self.laptop.resolve_with(ROUTER4)
        if 6 in families:
            self.laptop.ip(f"route add ::/0 via {ROUTER6} dev wlan0")
        self.meet()

    def _join(self, role: str, interface: str, mac: str, v4: str, v6: str, families: tuple[int, ...]) -> Namespace:
        machine = self.lab.namespace(role)
        self.lab.wire(machine, interface, self.air, role)
        self.air.ip(f"link set {role} master air")
        # What the kernel adds by itself would be addresses that no test names. The laptop believes routers, as laptops do.
        believes = int(role == "laptop" and self.speaks6)
        machine.run(
            *("sysctl", "-qw", f"net.ipv6.conf.{interface}.addr_gen_mode=1"),
            f"net.ipv6.conf.{interface}.accept_ra={believes}",
            f"net.ipv6.conf.{interface}.disable_ipv6={int(role == 'laptop' and not self.speaks6)}",
        )
        machine.ip(f"link set {interface} down", f"link set {interface} address {mac}", f"link set {interface} up")
        if 4 in families:
            machine.address(interface, f"{v4}/24")
        if 6 in families or believes:
            machine.address(interface, f"{v6}/64")
        return machine

    def meet(self) -> None:
        """Let the laptop learn anew where its router is, and the router where it is."""
        self.laptop.ip("neighbour flush dev wlan0")
        for target in self._routers():
            wait_until(
                lambda t=target: self.laptop.run("ping", "-nqc1", "-W1", t, check=False).returncode == 0,  # type: ignore[misc]
                "the router to answer",
            )

    def router_mac(self, address: str) -> str | None:
        """Where the laptop's kernel believes the router to be."""
        told = run(["ip", "-n", self.laptop.name, "-json", "neighbour", "show", address]).stdout
        rows = json.loads(told or "[]")
        return rows[0].get("lladdr") if rows else None

    def listen(self, expression: str) -> Spawned:
        """Print when the laptop receives packets of this kind; wait until it is listening."""
        heard = self.laptop.start(
            "tcpdump", "tcpdump", "--immediate-mode", "-lnntti", "wlan0", "-Q", "in", "-c", "1", expression
        )
        heard.wait_for_output("listening on")
        return heard

    @staticmethod
    def heard_at(heard: Spawned) -> float | None:
        """The wall time of the first such packet."""
        found = re.match(r"(\d+\.\d+) ", heard.output())
        return float(found[1]) if found else None

    def _routers(self) -> list[str]:
        return [target for family, target in ((4, ROUTER4), (6, f"{ROUTER6}%wlan0")) if family in self.families]
