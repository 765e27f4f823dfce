"""A real OpenVPN, which takes everything by routes that are more precise than the default route, and leaves that in place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.leaks import Leak, told
from tests.net.rig.openvpn import INSIDE, OpenVpn
from tests.net.rig.requirements import LAB, require

pytestmark = [pytest.mark.root, pytest.mark.rig("openvpn", "openssl", "ping"), pytest.mark.xdist_group("vpn")]
BY_THE_CAFE, BY_THE_CAFE_6 = "via 10.23.0.1 dev wlan0", "via fd23::1 dev wlan0"


@pytest.fixture(scope="module")
def tunnel() -> Iterator[OpenVpn]:
    require(*LAB, root=True)
    with Lab() as lab:
        made = OpenVpn(Cafe(lab))
        made.cafe.laptop.resolve_with(INSIDE)
        yield made


def test_the_vpn_carries_everything(tunnel: OpenVpn) -> None:
    ping = tunnel.cafe.laptop.run("ping", "-c", "1", "-W", "5", INSIDE)
    assert " 0% packet loss" in ping.stdout
    assert told(tunnel.cafe.laptop) == []


# What is done, what takes it back, and the leaks that it is.
CHANGES: dict[str, tuple[list[str], list[str], list[Leak]]] = {
    "IPv6 is not carried": (
        [f"-6 route del {half} dev tun0" for half in ("::/3", "2000::/4", "3000::/4")],
        [f"-6 route add {half} dev tun0" for half in ("::/3", "2000::/4", "3000::/4")],
        [["tun0", "default-route", 6, "::/0", "wlan0"]],
    ),
    "half of everything is not": (
        ["route del 128.0.0.0/1 dev tun0", f"route add 128.0.0.0/1 {BY_THE_CAFE}"],
        [f"route del 128.0.0.0/1 {BY_THE_CAFE}", f"route add 128.0.0.0/1 via {INSIDE} dev tun0"],
        [["tun0", "route", 4, "128.0.0.0/1", "wlan0"]],
    ),
    "more precise than the halves (TunnelVision)": (
        [f"route add 64.0.0.0/2 {BY_THE_CAFE}"],
        [f"route del 64.0.0.0/2 {BY_THE_CAFE}"],
        [["tun0", "route", 4, "64.0.0.0/2", "wlan0"]],
    ),
    "a precise IPv6 route": (
        [f"-6 route add 2600::/16 {BY_THE_CAFE_6}"],
        [f"-6 route del 2600::/16 {BY_THE_CAFE_6}"],
        [["tun0", "route", 6, "2600::/16", "wlan0"]],
    ),
    "a rule of higher rank": (
        ["route add default via 10.23.0.1 dev wlan0 table 99", "rule add table 99 priority 50"],
        ["rule del table 99 priority 50", "route del default via 10.23.0.1 dev wlan0 table 99"],
        # The VPN's own name server is asked past the tunnel as well.
        [["tun0", "default-route", 4, "0.0.0.0/0", "wlan0"], ["tun0", "dns", 4, INSIDE, "wlan0"]],
    ),
    "no leak: a printer behind the café's router": (
        [f"route add 192.168.77.0/24 {BY_THE_CAFE}"],
        [f"route del 192.168.77.0/24 {BY_THE_CAFE}"],
        [],
    ),
    "no leak: the same as a half, but of lower rank": (
        [f"route add 128.0.0.0/1 {BY_THE_CAFE} metric 500"],
        [f"route del 128.0.0.0/1 {BY_THE_CAFE} metric 500"],
        [],
    ),
    "no leak: a company's network only": (
        [
            *("route del 0.0.0.0/1 dev tun0", "route del 128.0.0.0/1 dev tun0", "route add 10.99.0.0/16 dev tun0"),
            *(f"-6 route del {half} dev tun0" for half in ("::/3", "2000::/4", "3000::/4")),
        ],
        [
            f"route add 0.0.0.0/1 via {INSIDE} dev tun0",
            f"route add 128.0.0.0/1 via {INSIDE} dev tun0",
            "route del 10.99.0.0/16 dev tun0",
            *(f"-6 route add {half} dev tun0" for half in ("::/3", "2000::/4", "3000::/4")),
        ],
        [],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_passes_it_by(tunnel: OpenVpn, name: str) -> None:
    do, undo, leaks = CHANGES[name]
    tunnel.ip(*do)
    try:
        assert told(tunnel.cafe.laptop) == leaks
    finally:
        tunnel.ip(*undo)


def test_names_are_asked_of_the_cafe(tunnel: OpenVpn) -> None:
    tunnel.cafe.laptop.resolve_with(INSIDE, tunnel.cafe.router.v4)
    assert told(tunnel.cafe.laptop) == [["tun0", "dns", 4, tunnel.cafe.router.v4, "wlan0"]]
    tunnel.cafe.laptop.resolve_with(INSIDE)
