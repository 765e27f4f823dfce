"""Which changes the kernel wakes us for, and how its tables are read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from select import select

import pytest

from tests.net.rig.cafe import Cafe
from tests.sources.watching import made_in
from wifiguard.sources.rtevents import Change, Events
from wifiguard.sources.rtnetlink import DEFAULT_ROUTES, Hop, Tables

pytestmark = [pytest.mark.root, pytest.mark.rig("ip")]


@pytest.fixture
def events(cafe: Cafe) -> Iterator[Events]:
    """Those of the laptop that concern its routers."""
    found = made_in(cafe.laptop.ns_file, Events)
    found.watch({ip_address(address).packed for address in cafe.router})
    settle(found)
    yield found
    found.close()


@pytest.fixture
def tables(cafe: Cafe) -> Iterator[Tables]:
    with made_in(cafe.laptop.ns_file, Tables) as found:
        yield found


def settle(events: Events) -> Change:
    """All that comes until there is quiet."""
    found = Change.NOTHING
    while select([events], [], [], 0.1)[0]:
        found |= events.changes()
    return found


SILENT = {
    "other neighbour": "neighbour add 10.23.0.9 lladdr 02:00:00:00:00:09 dev wlan0",
    "other neighbour, IPv6": "neighbour add fd23::9 lladdr 02:00:00:00:00:09 dev wlan0",
    "route to one network": "route add 192.0.2.0/24 via 10.23.0.1 dev wlan0",
    "route to one network, IPv6": "route add 2001:db8:7::/48 via fd23::1 dev wlan0",
}
WAKES = {
    "router's neighbour entry": ("neighbour replace 10.23.0.1 lladdr 02:00:00:00:00:09 dev wlan0", Change.NEIGHBOURS),
    "router's, IPv6": ("neighbour replace fd23::1 lladdr 02:00:00:00:00:09 dev wlan0", Change.NEIGHBOURS),
    "default route": ("route add default via 10.23.0.7 dev wlan0 metric 7", Change.TABLES),
    "default route, IPv6": ("route add ::/0 via fd23::7 dev wlan0 metric 7", Change.TABLES),
    "half": ("route add 128.0.0.0/1 via 10.23.0.7 dev wlan0", Change.TABLES),
    "default route in another table": ("route add default via 10.23.0.7 dev wlan0 table 7", Change.TABLES),
    "address": ("address add 10.99.0.1/32 dev wlan0", Change.TABLES),
    "rule": ("rule add table 7 pref 7", Change.TABLES),
    "link": ("link set wlan0 mtu 1400", Change.TABLES),
}


@pytest.mark.parametrize("what", SILENT)
def test_no_wake_up(cafe: Cafe, events: Events, what: str) -> None:
    cafe.laptop.ip(SILENT[what])
    assert settle(events) is Change.NOTHING


@pytest.mark.parametrize("what", WAKES)
def test_wake_up(cafe: Cafe, events: Events, what: str) -> None:
    command, change = WAKES[what]
    cafe.laptop.ip(command)
    assert settle(events) & change


def test_what_bridges_learn_wakes_nobody(cafe: Cafe, events: Events) -> None:
    laptop = cafe.laptop
    laptop.ip("link add br0 type bridge", "link add v0 type veth peer name v1", "link set v0 master br0")
    settle(events)
    laptop.run("bridge", "fdb", "add", "02:00:00:00:00:77", "dev", "v0", "master", "static")
    assert settle(events) is Change.NOTHING


def test_watching_others(cafe: Cafe, events: Events) -> None:
    many = {bytes([10, 23, 7, n]) for n in range(250)}
    events.watch(many | {ip_address(f"fd23:7::{n:x}").packed for n in range(250)})
    cafe.laptop.ip("neighbour replace 10.23.0.1 lladdr 02:00:00:00:00:09 dev wlan0")
    assert settle(events) is Change.NOTHING
    cafe.laptop.ip("neighbour add 10.23.7.249 lladdr 02:00:00:00:00:09 dev wlan0")
    assert settle(events) is Change.NEIGHBOURS


def test_overrun_means_everything_may_have_changed(cafe: Cafe, events: Events) -> None:
    for turn in range(3):
        verb = "add" if turn % 2 == 0 else "delete"
        cafe.laptop.ip(*(f"address {verb} 10.{n // 250}.{n % 250}.1/32 dev wlan0" for n in range(2000)))
    assert events.changes() == Change.NEIGHBOURS | Change.TABLES


def test_a_full_routing_table_is_read_for_its_defaults_alone(cafe: Cafe, tables: Tables) -> None:
    laptop = cafe.laptop
    laptop.ip(*(f"route add 11.{n // 256}.{n % 256}.0/24 via 10.23.0.1 dev wlan0" for n in range(64 * 256)))
    index = next(link.index for link in tables.links() if link.name == "wlan0")
    assert tables.default_hops() == [Hop(index, ip_address(router).packed) for router in cafe.router]


def test_a_flood_of_default_routes_is_cut(cafe: Cafe, tables: Tables) -> None:
    cafe.laptop.ip(*(f"route add ::/0 via fd23::{n:x} dev wlan0 metric {n}" for n in range(2000, 3000)))
    assert len(tables.default_hops()) <= 2 * DEFAULT_ROUTES
    assert tables.default_route(socket.AF_INET6) is not None


def test_answers_about_nothing(tables: Tables) -> None:
    assert tables.neighbour(1, bytes([10, 23, 0, 1])) is None
    assert tables.neighbour(4711, bytes([10, 23, 0, 1])) is None
    assert tables.neighbour(1, bytes(16)) is None


def test_many_interfaces(cafe: Cafe, tables: Tables) -> None:
    """More than one datagram holds."""
    cafe.laptop.ip(*(f"link add br{n} type bridge" for n in range(200)))
    names = {link.name for link in tables.links()}
    assert names == {"lo", "wlan0", *(f"br{n}" for n in range(200))}


def test_sockets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from wifiguard.sources import SourceUnavailable
    from wifiguard.sources.links import Links

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("wifiguard.sources.netlink.listening", refuse)
    with pytest.raises(SourceUnavailable, match="cannot be read: Operation not permitted"):
        asyncio.run(_run(Links))


async def _run(make: Callable[[], object]) -> None:
    await make().run(None)  # type: ignore[attr-defined]
