"""What goes past a VPN that is meant to carry everything, by the kernel's own answer to "where would you send this?"."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Mapping, Sequence

from wifiguard.core.exposure import Leak, VpnLeak
from wifiguard.core.filtering import Address, Prefix
from wifiguard.core.host import LinkKind
from wifiguard.core.observation import Observation
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.posture import Place
from wifiguard.sources.resolved import servers
from wifiguard.sources.rtnetlink import Route, Tables

NAME = "vpn"
_FAMILIES: dict[int, tuple[socket.AddressFamily, str]] = {
    4: (socket.AF_INET, "0.0.0.0/0"),
    6: (socket.AF_INET6, "::/0"),
}
# Leaks of one kind that are told, at most.
MOST = 8


def tunnelled(places: Sequence[Place]) -> bool:
    """Whether a VPN is up."""
    return any(place.link.kind is LinkKind.VPN and place.link.up for place in places)


def bypasses(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`: leaks of every VPN that is up and offers, or carries, a default route."""
    tunnels = {p.link.index: p.link.name for p in places if p.link.kind is LinkKind.VPN and p.link.up}
    outside = {p.link.index: p for p in places if p.outward}
    if not tunnels or not outside:
        return
    try:
        with Tables() as tables:
            offered = {hop.index for hop in tables.default_hops()}
            carried = {f: hop for f, (family, _) in _FAMILIES.items() if (hop := tables.default_route(family))}
            full = offered | {hop.index for hop in carried.values()}
            leaks = list(_leaks(tables, tunnels, outside)) if full & tunnels.keys() else []
            by_default = [
                (hop.index, Leak.DEFAULT_ROUTE, family, _FAMILIES[family][1])
                for family, hop in carried.items()
                if hop.index in outside
            ]
    except OSError as error:
        raise SourceUnavailable(f"the kernel's routes cannot be read: {error.strerror or error}") from error
    # Everything leaks already: that single ranges do too is no news.
    whole = {family for _, _, family, _ in by_default}
    told = [*by_default, *(leak for leak in leaks if leak[1] is Leak.DNS or leak[2] not in whole)]
    for device in (tunnels[index] for index in sorted(full & tunnels.keys())):
        for index, leak, family, destination in told:
            yield VpnLeak(sink.seen(outside[index].link.name), device, leak, family, destination)


Told = tuple[int, Leak, int, str]


def _leaks(tables: Tables, tunnels: Mapping[int, str], outside: Mapping[int, Place]) -> Iterator[Told]:
    ranges = [route for route in tables.routes() if route.index in outside and _leads_away(route)]
    for family in _FAMILIES:
        mine = [route for route in ranges if route.destination.version == family]
        single = [route for route in mine if route.destination.num_addresses == 1]
        # The way to the VPN's own server must lead outside.
        server = single[0].destination if len(single) == 1 else None
        passing = [r for r in mine if r.destination != server and _takes(tables, r)]
        for route in passing[:MOST]:
            yield route.index, Leak.ROUTE, family, str(route.destination)
    for asked in servers()[:MOST]:
        if asked.address.is_loopback:
            continue
        hop = None if asked.interface else tables.toward(asked.address)
        index = asked.interface or (hop.index if hop else 0)
        if index in outside:
            yield index, Leak.DNS, asked.address.version, str(asked.address)


def _leads_away(route: Route) -> bool:
    """To the internet by way of a router: neighbours and private networks are not what a VPN hides."""
    return route.destination.prefixlen > 0 and not route.direct and _public(route.destination) is not None


def _takes(tables: Tables, route: Route) -> bool:
    """Whether packets to the range really go that way, whatever rules and metrics say."""
    probe = _public(route.destination)
    hop = tables.toward(probe) if probe is not None else None
    return hop is not None and hop.index == route.index


def _public(destination: Prefix) -> Address | None:
    """A public address in the range, looked for at a few places; None where there is none."""
    first, size = int(destination.network_address), destination.num_addresses
    kind = ipaddress.IPv4Address if destination.version == 4 else ipaddress.IPv6Address
    for part in (1, 5, 9, 13, 3, 7):
        address = kind(first + min(size - 1, size * part // 16 + 1))
        if address.is_global and not address.is_multicast:
            return address
    return None
