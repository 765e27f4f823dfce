"""The interfaces source against a real kernel, in network namespaces."""

from __future__ import annotations

import json
import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.command import CommandFailedError
from tests.net.rig.lab import Lab, Namespace
from tests.net.rig.waiting import wait_until
from tests.sources.watching import Watching, at
from wifiguard.core.addresses import mac_bytes
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, RouteState, SourceDone
from wifiguard.sources import sysfs
from wifiguard.sources.links import Links

pytestmark = [pytest.mark.root, pytest.mark.rig("ip")]
DONE = SourceDone(at(), "interfaces", ok=True, essential=True)


def packed(address: str) -> bytes:
    return ip_address(address).packed


def facts(machine: Namespace, interface: str) -> dict[str, Any]:
    """What ip(8) says of an interface."""
    found: dict[str, Any] = json.loads(machine.run("ip", "-json", "address", "show", "dev", interface).stdout)[0]
    return found


def mac(machine: Namespace, interface: str) -> bytes:
    return mac_bytes(facts(machine, interface)["address"])


def addresses(machine: Namespace, interface: str) -> tuple[str, ...]:
    """As an observation has them: IPv4 first."""
    found = [f"{a['local']}/{a['prefixlen']}" for a in facts(machine, interface)["addr_info"]]
    return tuple(sorted(found, key=lambda a: (":" in a, ip_address(a.partition("/")[0]))))


def state(machine: Namespace, name: str, kind: LinkKind, *, up: bool = True, **rest: Any) -> LinkState:
    """The observation of an interface that is there now."""
    index = facts(machine, name)["ifindex"]
    rest.setdefault("addresses", addresses(machine, name))
    return LinkState(at(name), index, name, kind, up=up, mac=mac(machine, name), **rest)


def watch(machine: Namespace) -> Watching:
    return Watching(Links, machine.ns_file)


def add(machine: Namespace, *commands: str) -> None:
    """ip(8) commands; the test is skipped where this kernel lacks the kind of interface."""
    try:
        machine.ip(*commands)
    except CommandFailedError as error:
        if "Unknown device type" in str(error) or "not supported" in str(error):
            pytest.skip(f"this kernel cannot: {commands[0]}")
        raise


def reach(machine: Namespace, gateway: str) -> None:
    """Make the kernel resolve a neighbour, as any packet would."""
    machine.run("python3", "-c", f"import socket; socket.socket({_family(gateway)}, 2).sendto(b'x', ({gateway!r}, 9))")


def _family(address: str) -> int:
    return 10 if ":" in address else 2


def test_first_report_is_complete(cafe: Cafe) -> None:
    laptop, router = cafe.laptop, cafe.router
    reach(laptop, router.v4)
    reach(laptop, router.v6)
    theirs = mac(cafe.internet, "eth0")
    with watch(laptop) as source:
        source.wait_for(DONE)
        wait_until(lambda: source.last(NeighbourSeen), "the router")
        end = source.wait_for(DONE)
        told = source.told[:end]
    lo = LinkState(at("lo"), 1, "lo", LinkKind.LOOPBACK, up=True, addresses=("127.0.0.1/8", "::1/128"))
    gateways = (packed(router.v4), packed(router.v6))
    assert told == [
        lo,
        state(laptop, "wlan0", LinkKind.WIRED, gateways=gateways),
        RouteState(at("wlan0"), 4, "wlan0", gateways[0]),
        RouteState(at("wlan0"), 6, "wlan0", gateways[1]),
        *(NeighbourSeen(at("wlan0"), gateway, theirs) for gateway in gateways),
        DONE,
    ]


def test_gateway_becomes_known_changes_and_fails(cafe: Cafe) -> None:
    laptop, gateway = cafe.laptop, cafe.router.v4
    first = mac(cafe.internet, "eth0")
    with watch(laptop) as source:
        mark = source.wait_for(DONE)
        assert source.last(NeighbourSeen) is None
        reach(laptop, gateway)
        mark = source.wait_for(NeighbourSeen(at("wlan0"), packed(gateway), first), DONE, after=mark)
        impostor = "02:00:00:00:66:66"
        laptop.ip(f"neighbour replace {gateway} lladdr {impostor} dev wlan0")
        wanted = NeighbourSeen(at("wlan0"), packed(gateway), mac_bytes(impostor))
        mark = source.wait_for(wanted, DONE, after=mark)
        laptop.ip(f"neighbour delete {gateway} dev wlan0")
        source.wait_for(NeighbourSeen(at("wlan0"), packed(gateway), None), DONE, after=mark)


def test_other_neighbours_wake_nobody(cafe: Cafe) -> None:
    laptop = cafe.laptop
    reach(laptop, cafe.router.v4)
    with watch(laptop) as source:
        source.wait_for(DONE)
        before = len(source.told)
        laptop.ip(*(f"neighbour add 10.23.0.{n} lladdr 02:00:00:00:00:01 dev wlan0" for n in range(10, 200)))
        laptop.ip("address add 10.23.0.77/32 dev wlan0")  # something to wait for
        source.wait_for(state(laptop, "wlan0", LinkKind.WIRED, gateways=_gateways(cafe)), DONE, after=before)
        assert {o.address for o in source.told if isinstance(o, NeighbourSeen)} <= set(_gateways(cafe))


def _gateways(cafe: Cafe) -> tuple[bytes, bytes]:
    return packed(cafe.router.v4), packed(cafe.router.v6)


def test_cable_pulled_and_plugged(cafe: Cafe) -> None:
    laptop, gateways = cafe.laptop, _gateways(cafe)
    with watch(laptop) as source:
        mark = source.wait_for(DONE)
        cafe.internet.ip("link set eth0 down")
        mark = source.wait_for(state(laptop, "wlan0", LinkKind.WIRED, up=False, gateways=gateways), DONE, after=mark)
        cafe.internet.ip("link set eth0 up")
        source.wait_for(state(laptop, "wlan0", LinkKind.WIRED, gateways=gateways), DONE, after=mark)


def test_short_interruption_is_not_lost(cafe: Cafe) -> None:
    laptop, gateways = cafe.laptop, _gateways(cafe)
    with watch(laptop) as source:
        mark = source.wait_for(DONE)
        # One batch: long over before anybody can look.
        cafe.internet.ip("link set eth0 down", "link set eth0 up")
        down = state(laptop, "wlan0", LinkKind.WIRED, up=False, gateways=gateways)
        source.wait_for(down, state(laptop, "wlan0", LinkKind.WIRED, gateways=gateways), DONE, after=mark)


def test_renamed_and_removed(cafe: Cafe) -> None:
    laptop = cafe.laptop
    with watch(laptop) as source:
        mark = source.wait_for(DONE)
        laptop.ip("link set wlan0 down", "link set wlan0 name wlp3s0", "link set wlp3s0 up")
        wait_until(lambda: source.last(LinkState, "wlp3s0"), "the new name")
        first = next(o for o in source.told if isinstance(o, LinkState) and o.name == "wlp3s0")
        assert first.former_name == "wlan0"
        index = first.index
        assert not [o for o in source.told if isinstance(o, LinkState) and not o.present]
        laptop.ip("link delete wlp3s0")
        wait_until(lambda: (found := source.last(LinkState, "wlp3s0")) and not found.present, "the removal")
        gone = source.last(LinkState, "wlp3s0")
        assert gone is not None
        assert (gone.index, gone.up, gone.former_name) == (index, False, None)
        source.wait_for(RouteState(at(), 4, None), RouteState(at(), 6, None), DONE, after=mark)


def test_names_exchanged_leave_no_stale_name(lab: Lab) -> None:
    one, other = lab.namespace("one"), lab.namespace("other")
    lab.wire(one, "net0", other, "far0")
    lab.wire(one, "net1", other, "far1")
    with watch(one) as source:
        mark = source.wait_for(DONE)
        before = {name: facts(one, name)["ifindex"] for name in ("net0", "net1")}
        names = ("link set net0 name x", "link set net1 name net0", "link set x name net1")
        one.ip("link set net0 down", "link set net1 down", *names, "link set net0 up", "link set net1 up")
        wanted = [state(one, name, LinkKind.CONTAINER) for name in ("net0", "net1")]
        for state_now in wanted:
            source.wait_for(state_now, DONE, after=mark)
        assert {s.name: s.index for s in wanted} == {"net0": before["net1"], "net1": before["net0"]}


def test_lowest_metric_carries_the_default_route(lab: Lab) -> None:
    laptop, left, right = (lab.namespace(role) for role in ("laptop", "left", "right"))
    lab.wire(laptop, "dock0", left, "eth0")
    lab.wire(laptop, "wlan0", right, "eth0")
    laptop.address("dock0", "10.1.0.2/24", "fd01::2/64")
    laptop.address("wlan0", "10.2.0.2/24", "fd02::2/64")
    laptop.ip(
        "route add default via 10.1.0.1 dev dock0 metric 100",
        "route add default via 10.2.0.1 dev wlan0 metric 600",
        "route add ::/0 via fd01::1 dev dock0 metric 100",
        "route add ::/0 via fd02::1 dev wlan0 metric 600",
    )
    with watch(laptop) as source:
        mark = source.wait_for(
            state(laptop, "dock0", LinkKind.WIRED, gateways=(packed("10.1.0.1"), packed("fd01::1"))),
            state(laptop, "wlan0", LinkKind.WIRED, gateways=(packed("10.2.0.1"), packed("fd02::1"))),
            RouteState(at("dock0"), 4, "dock0", packed("10.1.0.1")),
            RouteState(at("dock0"), 6, "dock0", packed("fd01::1")),
            DONE,
        )
        laptop.ip("link set dock0 down")
        mark = source.wait_for(
            RouteState(at("wlan0"), 4, "wlan0", packed("10.2.0.1")),
            RouteState(at("wlan0"), 6, "wlan0", packed("fd02::1")),
            DONE,
            after=mark,
        )
        # A route for another table, and one without a metric, as netifaces falls over.
        laptop.ip("route add default via 10.2.0.1 dev wlan0 table 77", "route add blackhole 192.0.2.0/24")
        laptop.ip("route del default via 10.2.0.1 dev wlan0 metric 600")
        source.wait_for(RouteState(at(), 4, None), RouteState(at("wlan0"), 6, "wlan0", packed("fd02::1")), after=mark)


VPN = {
    "halves": ("route add 0.0.0.0/1 dev tun0", "route add 128.0.0.0/1 dev tun0"),
    "device-only default": (
        "route del default dev wlan0",
        "route add default via 10.23.0.1 dev wlan0 metric 600",
        "route add default dev tun0 metric 50",
    ),
    "WireGuard's own table": (
        "route add default dev tun0 table 51820",
        "rule add not fwmark 0xca6c table 51820 pref 32000",
        "rule add table main suppress_prefixlength 0 pref 31999",
    ),
    "everything but private space": tuple(
        f"route add {prefix} dev tun0"
        for prefix in ("0.0.0.0/5", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/3")
    )
    + tuple(f"route add {prefix} dev tun0" for prefix in ("173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4", "193.0.0.0/8"))
    + tuple(f"route add {prefix} dev tun0" for prefix in ("194.0.0.0/7", "196.0.0.0/6", "200.0.0.0/5")),
}


@pytest.mark.parametrize("how", VPN)
def test_vpn_takes_the_default_route(cafe: Cafe, how: str) -> None:
    laptop = cafe.laptop
    with watch(laptop) as source:
        mark = source.wait_for(RouteState(at("wlan0"), 4, "wlan0", packed(cafe.router.v4)), DONE)
        laptop.ip("tuntap add dev tun0 mode tun", "address add 10.8.0.2/24 dev tun0", "link set tun0 up", *VPN[how])
        mark = source.wait_for(RouteState(at("tun0"), 4, "tun0"), DONE, after=mark)
        told = source.last(LinkState, "tun0")
        assert told is not None
        assert told.kind is LinkKind.VPN
        # The router underneath stays known: it is on its interface.
        assert source.last(LinkState, "wlan0") == state(laptop, "wlan0", LinkKind.WIRED, gateways=_gateways(cafe))
        laptop.ip("link delete tun0")
        source.wait_for(RouteState(at("wlan0"), 4, "wlan0", packed(cafe.router.v4)), DONE, after=mark)


def test_one_injected_route_is_not_the_default_route(cafe: Cafe) -> None:
    """TunnelVision steers single networks; the answer must not depend on which."""
    laptop = cafe.laptop
    laptop.ip("tuntap add dev tun0 mode tun", "address add 10.8.0.2/24 dev tun0", "link set tun0 up")
    laptop.ip("route add 23.0.0.0/8 dev tun0", "route add 2001:4c8::/32 dev tun0")
    with watch(laptop) as source:
        source.wait_for(
            RouteState(at("wlan0"), 4, "wlan0", packed(cafe.router.v4)),
            RouteState(at("wlan0"), 6, "wlan0", packed(cafe.router.v6)),
            DONE,
        )


def test_ipv4_by_way_of_an_ipv6_router_and_two_routers_at_once(lab: Lab) -> None:
    laptop, other = lab.namespace("laptop"), lab.namespace("other")
    lab.wire(laptop, "eth0", other, "eth0")
    laptop.address("eth0", "10.1.0.2/24", "fd01::2/64")
    laptop.ip("route add 0.0.0.0/0 via inet6 fd01::1 dev eth0")
    with watch(laptop) as source:
        mark = source.wait_for(RouteState(at("eth0"), 4, "eth0", packed("fd01::1")), DONE)
        laptop.ip("route replace default nexthop via 10.1.0.3 dev eth0 nexthop via 10.1.0.4 dev eth0")
        both = (packed("10.1.0.3"), packed("10.1.0.4"))
        source.wait_for(state(laptop, "eth0", LinkKind.WIRED, gateways=both), after=mark)
        wait_until(lambda: (r := source.last(RouteState, "eth0")) and r.gateway in both, "one of the two")


def test_kill_switch_is_no_route(cafe: Cafe) -> None:
    with watch(cafe.laptop) as source:
        mark = source.wait_for(DONE)
        cafe.laptop.ip("rule add unreachable pref 100")
        cafe.laptop.run("ip", "-6", "route", "replace", "blackhole", "default", "metric", "1")
        source.wait_for(RouteState(at(), 4, None), RouteState(at(), 6, None), DONE, after=mark)


KINDS = {
    "bridge": (("link add br0 type bridge",), "br0", LinkKind.BRIDGE, {}),
    "docker's bridge": (("link add docker0 type bridge",), "docker0", LinkKind.CONTAINER, {}),
    "veth": (("link add v0 type veth peer name v1",), "v0", LinkKind.CONTAINER, {}),
    "tun": (("tuntap add dev tailscale0 mode tun",), "tailscale0", LinkKind.VPN, {}),
    "tap": (("tuntap add dev tap0 mode tap",), "tap0", LinkKind.VPN, {}),
    "virtual machine": (
        ("link add virbr0 type bridge", "tuntap add dev vnet0 mode tap", "link set vnet0 master virbr0"),
        "vnet0",
        LinkKind.CONTAINER,
        {"master": "virbr0"},
    ),
    "dummy": (("link add d0 type dummy",), "d0", LinkKind.VIRTUAL, {}),
    "ifb": (("link add i0 type ifb",), "i0", LinkKind.VIRTUAL, {}),
    "wireguard": (("link add wg0 type wireguard",), "wg0", LinkKind.VPN, {}),
    "vlan": (
        ("link add p0 type veth peer name p1", "link add link p0 name p0.7 type vlan id 7"),
        "p0.7",
        LinkKind.VIRTUAL,
        {"parent": "p0"},
    ),
    "macvlan": (
        ("link add p0 type veth peer name p1", "link add link p0 name m0 type macvlan"),
        "m0",
        LinkKind.VIRTUAL,
        {"parent": "p0"},
    ),
    "bond": (("link add bond0 type bond",), "bond0", LinkKind.VIRTUAL, {}),
    "xfrm": (("link add ipsec0 type xfrm dev lo if_id 7",), "ipsec0", LinkKind.VPN, {"parent": "lo"}),
    "gre": (("link add g0 type gre local 10.0.0.1 remote 10.0.0.2",), "g0", LinkKind.VIRTUAL, {}),
}


@pytest.mark.parametrize("what", KINDS)
def test_kinds_as_this_kernel_makes_them(lab: Lab, what: str) -> None:
    machine = lab.namespace("machine")
    commands, name, kind, rest = KINDS[what]
    with watch(machine) as source:
        mark = source.wait_for(DONE)
        add(machine, *commands)
        wait_until(lambda: source.last(LinkState, name), name)
        source.wait_for(DONE, after=mark)
        told = source.last(LinkState, name)
        assert told is not None
        assert (told.kind, told.parent, told.master) == (kind, rest.get("parent"), rest.get("master"))


def test_refresh_reports_everything_again(cafe: Cafe) -> None:
    with watch(cafe.laptop) as source:
        end = source.wait_for(DONE)
        first = source.told[:end]
        source.refresh()
        again = source.wait_for(DONE, after=end)
        assert source.told[end:again] == first


def test_a_storm_ends_in_the_truth(lab: Lab) -> None:
    """Thousands of events, more than the socket can hold, while nobody reads them."""
    machine = lab.namespace("machine")
    with watch(machine) as source:
        source.wait_for(DONE)
        machine.ip("link add b0 type bridge", "link set b0 up")
        for _ in range(4):
            machine.ip(*(f"address add 10.{n // 250}.{n % 250}.1/32 dev b0" for n in range(1000)))
            machine.ip("address flush dev b0", "link set b0 down", "link set b0 up")
        machine.ip("address add 10.99.0.1/24 dev b0")
        up = facts(machine, "b0")["operstate"] in ("UP", "UNKNOWN")
        source.wait_for(state(machine, "b0", LinkKind.BRIDGE, up=up), DONE, timeout=30)
        assert len(source.told) < 8000


def test_a_great_neighbour_table_costs_nothing(cafe: Cafe) -> None:
    laptop = cafe.laptop
    laptop.run("sysctl", "-qw", "net.ipv4.neigh.default.gc_thresh3=200000", check=False)
    laptop.ip("address add 10.64.0.1/10 dev wlan0")
    lines = (
        f"neighbour add 10.{64 + n // 65536}.{n // 256 % 256}.{n % 256} lladdr 02:00:00:00:00:01 dev wlan0 nud permanent"
        for n in range(2, 20002)
    )
    with watch(laptop) as source:
        source.wait_for(DONE)
        before, cpu = len(source.told), os.times()
        laptop.ip(*lines)
        source.refresh()
        source.wait_for(DONE, after=before)
        used = os.times()
        assert not [
            o for o in source.told[before:] if isinstance(o, NeighbourSeen) and o.address not in _gateways(cafe)
        ]
        assert used.user + used.system - cpu.user - cpu.system < 1.0


def test_a_radio_is_known_by_sysfs(cafe: Cafe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wlan0" / "phy80211").mkdir(parents=True)
    monkeypatch.setattr(sysfs, "NET", tmp_path)
    with watch(cafe.laptop) as source:
        source.wait_for(state(cafe.laptop, "wlan0", LinkKind.WIFI, gateways=_gateways(cafe)), DONE)


def test_a_name_that_is_no_text(lab: Lab) -> None:
    machine = lab.namespace("machine")
    with watch(machine) as source:
        mark = source.wait_for(DONE)
        machine.run("sh", "-c", r"""ip link add name "$(printf '\033[1m\377')" type bridge""")
        source.wait_for(DONE, after=mark)
        told = [o for o in source.told[mark:] if isinstance(o, LinkState) and o.name != "lo"]
        assert [os.fsencode(o.name) for o in told] == [b"\x1b[1m\xff"]
