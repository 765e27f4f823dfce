"""NetworkManager asks for the lease: a false server's routes are taken, told by their server, and over with the honest one."""

from __future__ import annotations

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.dnsmasq import Dhcp, Dnsmasq
from tests.net.rig.lab import Lab
from tests.net.rig.network_manager import NetworkManager
from tests.net.rig.shared_air import ATTACKER4, ATTACKER_MAC, ROUTER4, SharedAir
from tests.net.rig.waiting import wait_until
from tests.net.watched import Line, Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("NetworkManager", "dbus-daemon", "busctl", "dnsmasq", "ping")]

HONEST = Dhcp(prefix=None)
FALSE = Dhcp("10.23.0.210", "10.23.0.220", prefix=None)
STOLEN = "93.184.216.0/24"
SOON = "[rules.second-dhcp-server]\nquiet_seconds = 3\n"


def test_the_servers_and_the_routes_are_told(lab: Lab, system_bus: PrivateBus) -> None:
    air = SharedAir(lab, 4)
    honest = Dnsmasq(air.router, {}, dhcp=HONEST)
    air.laptop.ip("address flush dev wlan0 scope global")  # else NetworkManager takes the interface for somebody else's
    manager = NetworkManager(air.laptop, system_bus)
    watched = Watched(air.laptop, settings=SOON, env=system_bus.as_system)
    manager.add_ethernet("wlan0", ipv6=False)
    air.meet()

    def told(rule: str, state: str) -> Line | None:
        return next((line for line in watched.printed(rule) if line["state"] == state), None)

    def routes() -> str:
        return air.laptop.run("ip", "route").stdout

    def ask_again() -> None:
        manager.nmcli("connection", "up", "cable-wlan0")

    def learned() -> bool:
        (network,) = watched.lines("networks")
        return "DHCP server" in watched.command("networks", "show", network["id"])

    assert f"default via {ROUTER4} dev wlan0" in routes()
    # What the network is like is learned of a trusted one; NetworkManager leaves it each time that it asks for a lease.
    wait_until(lambda: watched.status()["networks"], "the network to be known", 30)
    watched.command("trust")
    ask_again()
    wait_until(learned, "its server to be learned", 30)
    assert not watched.printed("second-dhcp-server") + watched.printed("dhcp-route-injection")

    honest.process.stop()
    options = (f"dhcp-option=3,{ROUTER4}", f"dhcp-option=121,{STOLEN},{ATTACKER4}")
    false = Dnsmasq(air.attacker, {}, dhcp=FALSE, options=options)
    ask_again()
    wait_until(lambda: f"{STOLEN} via {ATTACKER4}" in routes(), "NetworkManager to take the routes", 30)
    injected = wait_until(lambda: told("dhcp-route-injection", "new"), "the routes to be told", 30)
    assert (injected["severity"], injected["evidence"]["routes"]) == ("high", [f"{STOLEN} via {ATTACKER4}"])
    second = wait_until(lambda: told("second-dhcp-server", "new"), "the server to be told", 30)
    assert ATTACKER_MAC in [server["mac"] for server in second["evidence"]["servers"]]

    false.process.stop()
    Dnsmasq(air.router, {}, dhcp=HONEST)
    ask_again()
    wait_until(lambda: STOLEN not in routes(), "the routes to be gone", 30)
    wait_until(lambda: told("dhcp-route-injection", "resolved"), "the routes to be over", 30)
    wait_until(lambda: told("second-dhcp-server", "resolved"), "the false server to be over", 30)
