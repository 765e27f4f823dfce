"""Interfaces, default routes and the routers behind them, followed through rtnetlink."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from wifiguard.core.host import MOST_GATEWAYS, LinkKind, LinkState, NeighbourSeen, RouteState, SourceDone
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.rtevents import Change, Events
from wifiguard.sources.rtnetlink import Hop, Link, Tables
from wifiguard.sources.sysfs import is_wireless

NAME = "interfaces"
# Changes come in bursts: what a cable or a VPN client does takes a dozen messages.
COALESCE = 0.02
# After a reading we rest this many times as long as it took: whatever floods the tables, we use a tenth of a core.
REST = 9
# Not longer, though: what took so long may have been others' work.
LONGEST_REST = 2.0

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_LOOPBACK, _PPP, _RADIO = 772, 512, frozenset({801, 802, 803})
_TUNNELS = frozenset({768, 769, 776, 778, 823})
_ENCRYPTED = frozenset({"wireguard", "amneziawg", "ovpn", "ovpn-dco", "xfrm", "vti", "vti6", "ppp"})
_HARDWARE = frozenset({"", "wwan", "ipoib", "dsa"})
_ENDS_ELSEWHERE = frozenset({"veth", "macvlan", "macvtap", "ipvlan", "ipvtap", "netkit"})
_CONTAINER_BRIDGE = re.compile(r"docker|podman|cni|virbr|lxcbr|lxdbr|incusbr|br-[0-9a-f]{12}$")


def kind_of(link: Link, *, wireless: bool = False, uplink: bool = False) -> LinkKind:
    """What an interface is. `uplink`: a default route leaves through it."""
    if link.hardware == _LOOPBACK:
        return LinkKind.LOOPBACK
    if wireless or link.hardware in _RADIO:
        return LinkKind.WIFI
    if link.kind in _ENCRYPTED or link.hardware == _PPP:
        return LinkKind.VPN
    if link.kind == "tun":
        # A tap device in a bridge is a virtual machine's cable.
        return LinkKind.CONTAINER if link.tap and link.master else LinkKind.VPN
    if link.kind == "bridge":
        return LinkKind.CONTAINER if _CONTAINER_BRIDGE.match(link.name) else LinkKind.BRIDGE
    if link.kind in _ENDS_ELSEWHERE:
        if uplink and link.elsewhere and not link.master:
            return LinkKind.WIRED  # we are the container: this is our cable
        return LinkKind.CONTAINER if link.kind in ("veth", "netkit") else LinkKind.VIRTUAL
    if link.kind in _HARDWARE and link.hardware not in _TUNNELS:
        return LinkKind.WIRED
    return LinkKind.VIRTUAL


class _Face(Struct, frozen=True):
    """An interface as it is told: the fields of `LinkState`, and what tells a short interruption."""

    index: int
    name: str
    kind: LinkKind
    up: bool
    mac: bytes
    addresses: tuple[str, ...]
    parent: str | None
    master: str | None
    gateways: tuple[bytes, ...]
    changes: int

    def state(
        self, sink: Sink, *, up: bool | None = None, present: bool = True, former: str | None = None
    ) -> LinkState:
        return LinkState(
            sink.seen(self.name),
            self.index,
            self.name,
            self.kind,
            up=self.up if up is None else up,
            present=present,
            mac=self.mac,
            addresses=self.addresses,
            parent=self.parent,
            former_name=former,
            master=self.master,
            gateways=self.gateways,
        )


class _Picture(NamedTuple):
    """All that is told of one moment: interfaces by index, default routes by address family."""

    faces: Mapping[int, _Face]
    routes: Mapping[int, Hop | None]

    def gateways(self) -> list[tuple[int, bytes]]:
        """Every router, with the index of the interface that it is behind; IPv4 first."""
        found = {(face.index, gateway) for face in self.faces.values() for gateway in face.gateways}
        found |= {(hop.index, hop.gateway) for hop in self.routes.values() if hop and hop.gateway}
        return sorted(found, key=lambda key: (key[0], len(key[1]), key[1]))


class Links:
    """The source of `LinkState`, `RouteState` and, for routers only, `NeighbourSeen`.

    Every change is followed by a complete report. An interface that was down between two readings is told down first: the
    next cable may be another network's.
    """

    name = NAME
    essential = True

    def __init__(self) -> None:
        self._wake = asyncio.Event()
        self._due = Change.TABLES
        self._asked = False
        self._told = _Picture({}, {})
        self._told_macs: dict[tuple[int, bytes], bytes] = {}

    def refresh(self) -> None:
        """Report everything again soon."""
        self._asked = True
        self._due |= Change.TABLES
        self._wake.set()

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled; SourceUnavailable where the kernel gives no routing socket."""
        loop = asyncio.get_running_loop()
        try:
            events = Events()
        except OSError as error:
            reason = f"the kernel's tables of interfaces and routes cannot be read: {error.strerror or error}"
            raise SourceUnavailable(reason) from error
        try:
            await self._watch(sink, events)
        finally:
            loop.remove_reader(events.fileno())
            events.close()

    async def _watch(self, sink: Sink, events: Events) -> None:
        loop = asyncio.get_running_loop()

        def heard() -> None:
            # One word is enough until the next reading: a storm of events wakes us once.
            loop.remove_reader(events.fileno())
            self._wake.set()

        watching: list[tuple[int, bytes]] = []
        self._asked = True
        self._due = Change.TABLES
        while True:
            begun = loop.time()
            due, self._due = self._due | events.changes(), Change.NOTHING
            asked, self._asked = self._asked, False
            self._wake.clear()
            now = await asyncio.to_thread(_picture) if due & Change.TABLES else self._told
            routers = now.gateways()
            if routers != watching:
                events.watch({address for _, address in routers})
                watching = routers
            macs = await asyncio.to_thread(_macs, routers) if routers else {}
            if asked or now != self._told or macs != self._told_macs:
                _tell(sink, self._told, now, self._told_macs, macs)
                self._told, self._told_macs = now, macs
            loop.add_reader(events.fileno(), heard)
            await asyncio.sleep(min(REST * (loop.time() - begun), LONGEST_REST))
            await self._wake.wait()
            await asyncio.sleep(COALESCE)


def _picture() -> _Picture:
    with Tables() as tables:
        links = {link.index: link for link in tables.links()}
        addresses = tables.addresses()
        hops: defaultdict[int, set[bytes | None]] = defaultdict(set)
        for hop in tables.default_hops():
            hops[hop.index].add(hop.gateway)
        routes = {version: tables.default_route(family) for version, family in _FAMILIES.items()}
    faces = {
        link.index: _Face(
            link.index,
            link.name,
            kind_of(link, wireless=is_wireless(link.name), uplink=link.index in hops),
            link.up,
            link.mac if any(link.mac) else b"",
            addresses.get(link.index, ()),
            _parent(link, links),
            _name(link.master, links),
            tuple(sorted((g for g in hops.get(link.index, ()) if g), key=lambda g: (len(g), g))[:MOST_GATEWAYS]),
            link.changes,
        )
        for link in links.values()
    }
    return _Picture(faces, routes)


def _macs(routers: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], bytes]:
    with Tables() as tables:
        return {router: mac for router in routers if (mac := tables.neighbour(*router))}


def _parent(link: Link, links: Mapping[int, Link]) -> str | None:
    # What a veth names here is its other end; what lies in another namespace has an index that means nothing in ours.
    return None if link.elsewhere or link.kind in ("veth", "netkit") else _name(link.parent, links)


def _name(index: int | None, links: Mapping[int, Link]) -> str | None:
    found = links.get(index) if index else None
    return found.name if found else None


def _tell(
    sink: Sink,
    before: _Picture,
    now: _Picture,
    macs_before: Mapping[tuple[int, bytes], bytes],
    macs: Mapping[tuple[int, bytes], bytes],
) -> None:
    """Everything as it is now, after what went away."""
    taken = {face.name: face.index for face in now.faces.values()}
    # A name that another interface bears now must be free before that one is told.
    gone = {
        index for index, face in before.faces.items() if index not in now.faces or taken.get(face.name, index) != index
    }
    for index in gone:
        sink.emit(before.faces[index].state(sink, up=False, present=False))
    for index, face in now.faces.items():
        old = before.faces.get(index) if index not in gone else None
        former = old.name if old and old.name != face.name else None
        if old and old.up and face.up and old.changes != face.changes:
            sink.emit(face.state(sink, up=False, former=former))
            former = None
        sink.emit(face.state(sink, former=former))
    for version, hop in now.routes.items():
        carrier = now.faces.get(hop.index) if hop else None
        if carrier is None or hop is None:
            sink.emit(RouteState(sink.seen(), version, None))
        else:
            sink.emit(RouteState(sink.seen(carrier.name), version, carrier.name, hop.gateway))
    for (index, address), mac in macs.items():
        if index in now.faces:
            sink.emit(NeighbourSeen(sink.seen(now.faces[index].name), address, mac))
    for index, address in macs_before.keys() - macs.keys():
        if index in now.faces and index not in gone:
            sink.emit(NeighbourSeen(sink.seen(now.faces[index].name), address, None))
    sink.emit(SourceDone(sink.seen(), NAME, ok=True, essential=True))
