"""Odd tables of a real kernel: whatever routes and neighbours a laptop has, the monitor answers and blames nobody."""

from __future__ import annotations

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.command import run
from tests.net.rig.waiting import wait_until
from tests.net.test_attacks import ATTACKS_ON_LINK
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.rig("ping")]

MANY = 100_000


def routes_lead(watched: Watched, name: str | None) -> None:
    """Wait until the monitor has it that IPv4's default route leads there."""
    wait_until(lambda: watched.status()["default_routes"].get("ipv4") == name, f"routes to lead to {name}", 30)


def calm(watched: Watched) -> bool:
    return not watched.status()["rules_stopped"] and not {x["rule"] for x in watched.printed()} & ATTACKS_ON_LINK


def test_two_routers_no_router_and_a_point_to_point_link(cafe: Cafe) -> None:
    laptop, interface, router = cafe.laptop, cafe.interface, cafe.router.v4
    laptop.run("ping", "-nqc1", "-W5", router)
    watched = Watched(laptop)
    first, second = f"default via {router} dev {interface}", f"default via 10.23.0.9 dev {interface} metric 50"
    on_link, tunnel = f"default dev {interface}", "default via 10.9.0.1 dev ppp9"

    laptop.ip(f"route add {second}")
    routes_lead(watched, interface)
    laptop.ip(f"route del {first}", f"route del {second}")
    routes_lead(watched, None)
    laptop.ip(f"route add {on_link}")  # its gateway is 0.0.0.0
    routes_lead(watched, interface)
    laptop.ip(
        *(f"route del {on_link}", "tuntap add ppp9 mode tun", "address add 10.9.0.2 peer 10.9.0.1 dev ppp9"),
        *("link set ppp9 up", f"route add {tunnel}"),
    )
    routes_lead(watched, "ppp9")
    laptop.ip("link delete ppp9", f"route add {first}")
    routes_lead(watched, interface)
    assert calm(watched)


def test_a_hundred_thousand_neighbours(cafe: Cafe) -> None:
    # Permanent ones: the kernel throws out others long before.
    table = "".join(
        f"neighbour replace 10.{n >> 16}.{n >> 8 & 255}.{n & 255} lladdr 02:00:00:{n >> 16:02x}:{n >> 8 & 255:02x}:{n & 255:02x}"
        f" nud permanent dev {cafe.interface}\n"
        for n in range(MANY)
    )
    run(["ip", "-n", cafe.laptop.name, "-batch", "-"], stdin=table, timeout=100)
    cafe.laptop.run("ping", "-nqc1", "-W5", cafe.router.v4)
    watched = Watched(cafe.laptop)
    wait_until(
        lambda: [x for x in watched.status()["networks"] if "router" in x["name"]], "the network to be known", 60
    )
    assert calm(watched)
