"""A real WireGuard VPN that is meant to carry everything: six leaks are told, three things that are none are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.leaks import told
from tests.net.rig.requirements import LAB, require
from tests.net.rig.wireguard import PORT, Tunnel

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig("wg", "wireguard-go"),
    pytest.mark.xdist_group("vpn"),  # one tunnel for all
]
DNS_INSIDE, DNS_OF_THE_CAFE = "10.66.0.1", "10.23.0.1"


@pytest.fixture(scope="module")
def tunnel() -> Iterator[Tunnel]:
    require(*LAB, root=True)
    with Lab() as lab:
        made = Tunnel(Cafe(lab))
        made.cafe.laptop.resolve_with(DNS_INSIDE)
        yield made


@pytest.fixture
def changed(tunnel: Tunnel) -> Iterator[list[str]]:
    """Commands of ip(8) that take back what a test did."""
    undo: list[str] = []
    yield undo
    tunnel.ip(*undo)
    tunnel.cafe.laptop.resolve_with(DNS_INSIDE)


def test_the_vpn_carries_everything(tunnel: Tunnel) -> None:
    ping = tunnel.cafe.laptop.run("ping", "-c", "1", "-W", "5", "10.66.0.1")
    assert " 0% packet loss" in ping.stdout
    assert told(tunnel.cafe.laptop) == []


LEAKS = {
    "IPv6 has no rule that leads into the tunnel": (
        [
            f"-6 rule del not fwmark {PORT} table {PORT} priority 100",
            "-6 rule del table main suppress_prefixlength 0 priority 99",
        ],
        [
            f"-6 rule add not fwmark {PORT} table {PORT} priority 100",
            "-6 rule add table main suppress_prefixlength 0 priority 99",
        ],
        ["wg0", "default-route", 6, "::/0", "wlan0"],
    ),
    "a rule of higher rank sends everything by the café": (
        ["rule add table main priority 50"],
        ["rule del table main priority 50"],
        ["wg0", "default-route", 4, "0.0.0.0/0", "wlan0"],
    ),
    "a more precise route (TunnelVision)": (
        ["route add 198.18.128.0/17 via 10.23.0.1 dev wlan0", "route add 8.8.8.0/24 via 10.23.0.1 dev wlan0"],
        ["route del 198.18.128.0/17 via 10.23.0.1 dev wlan0", "route del 8.8.8.0/24 via 10.23.0.1 dev wlan0"],
        ["wg0", "route", 4, "8.8.8.0/24", "wlan0"],
    ),
    "half of everything": (
        ["route add 128.0.0.0/1 via 10.23.0.1 dev wlan0"],
        ["route del 128.0.0.0/1 via 10.23.0.1 dev wlan0"],
        ["wg0", "route", 4, "128.0.0.0/1", "wlan0"],
    ),
    "a precise IPv6 route": (
        ["route add 2600::/16 via fd23::1 dev wlan0"],
        ["route del 2600::/16 via fd23::1 dev wlan0"],
        ["wg0", "route", 6, "2600::/16", "wlan0"],
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_told(tunnel: Tunnel, changed: list[str], name: str) -> None:
    do, undo, leak = LEAKS[name]
    tunnel.ip(*do)
    changed += undo
    assert told(tunnel.cafe.laptop) == [leak]


def test_names_are_asked_of_the_cafe(tunnel: Tunnel, changed: list[str]) -> None:
    tunnel.cafe.laptop.resolve_with(DNS_INSIDE, DNS_OF_THE_CAFE)
    assert told(tunnel.cafe.laptop) == [["wg0", "dns", 4, DNS_OF_THE_CAFE, "wlan0"]]


NO_LEAKS: dict[str, Sequence[tuple[str, str]]] = {
    "the way to the VPN's own server": [],  # it stands there all the time
    "a printer behind the café's router": [
        ("route add 192.168.77.0/24 via 10.23.0.1 dev wlan0", "route del 192.168.77.0/24 via 10.23.0.1 dev wlan0"),
        ("route add fd77::/48 via fd23::1 dev wlan0", "route del fd77::/48 via fd23::1 dev wlan0"),
    ],
    "a VPN that carries a company's network only": [
        (
            f"route del default dev wg0 table {PORT}",
            f"route add default dev wg0 table {PORT}",
        ),
        (
            f"route del ::/0 dev wg0 table {PORT}",
            f"route add ::/0 dev wg0 table {PORT}",
        ),
        ("route add 10.99.0.0/16 dev wg0", "route del 10.99.0.0/16 dev wg0"),
    ],
}


@pytest.mark.parametrize("name", NO_LEAKS)
def test_what_is_no_leak_is_not_told(tunnel: Tunnel, changed: list[str], name: str) -> None:
    for do, undo in NO_LEAKS[name]:
        tunnel.ip(do)
        changed.append(undo)
    assert told(tunnel.cafe.laptop) == []
