"""The kernel's tables of links, addresses, routes and neighbours, read through rtnetlink(7).

Tables are read whole, never pieced together from events: whatever was lost or came in an odd order, the next reading
is right. Nothing here sends a packet.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from msgspec import Struct

from wifiguard.core.filtering import Address, Prefix
from wifiguard.sources import netlink
from wifiguard.sources.netlink import Attributes, Message, attribute, attributes, number, text

# A flood of router advertisements makes a default route each; more than these tell nothing new.
DEFAULT_ROUTES = 256
# Routes that are told at most: a laptop has a hundred, one that takes part in BGP a million.
MOST_ROUTES = 4096

NEW_ROUTE, DELETE_ROUTE, NEW_NEIGHBOUR, DELETE_NEIGHBOUR = 24, 25, 28, 29
_NEW_LINK, _NEW_ADDRESS = 16, 20
_GET_LINK, _GET_ADDRESS, _GET_ROUTE, _GET_NEIGHBOUR = 18, 22, 26, 30

_LINK = struct.Struct("=BxHiII")  # family, hardware, index, flags, change
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_LINK, _IFLA_MASTER, _IFLA_LINKINFO = 1, 3, 5, 10, 18
_IFLA_EXT_MASK, _IFLA_PROMISCUITY, _IFLA_CARRIER_CHANGES, _IFLA_LINK_NETNSID = 29, 30, 35, 37
_INFO_KIND, _INFO_DATA, _TUN_TYPE, _TUN_TYPE_TAP = 1, 2, 3, 2
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_EXT_MASK_SKIP_STATS = 1 << 3

_ADDRESS = struct.Struct("=BBBBI")  # family, length of the prefix, flags, scope, index
_IFA_ADDRESS, _IFA_LOCAL = 1, 2

_ROUTE = struct.Struct(
    "=BBBBBBBBI"
)  # family, length of the destination, of the source, tos, table, protocol, scope, type, flags
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_MULTIPATH, _RTA_VIA = 1, 4, 5, 9, 18
_NEXT_HOP = struct.Struct("=HBBi")  # length, flags, hops, index
_RTN_UNICAST, _TABLE_LOCAL = 1, 255

_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # family, index, state, flags, type
_NDA_DST, _NDA_LLADDR = 1, 2
# Reachable, stale, delay, probe, noarp, permanent: the states in which the kernel uses the MAC address.
_NUD_VALID = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80

# Public addresses, far apart. Where the kernel would send most of them is the default route, with all that a VPN does to
# it: policy rules, metrics, halves (0.0.0.0/1 and 128.0.0.0/1), long lists that leave out private space.
_PROBES = {
    socket.AF_INET: ("23.45.67.89", "68.101.34.7", "99.7.201.3", "151.42.13.88", "198.60.22.4"),
    socket.AF_INET6: ("2001:4c8::17", "2400:1a9:8::3", "2607:2b0:44::9", "2a02:7b40::5", "3a00:11::1"),
}


class Link(Struct, frozen=True):
    """A row of the link table. `kind` is the kernel's own word, "" for hardware; `master` and `parent` are indices.

    `elsewhere`: its other end or its parent is in another network namespace. `changes` counts how often the carrier came
    or went, `promiscuity` who wants every frame: the kernel hides IFF_PROMISC of those that asked by a packet socket.
    """

    index: int
    name: str
    hardware: int
    kind: str
    tap: bool
    up: bool
    mac: bytes
    master: int | None
    parent: int | None
    elsewhere: bool
    changes: int
    promiscuity: int = 0


class Route(Struct, frozen=True):
    """A row of a routing table: what goes to `destination` leaves by the interface `index`; `direct`: to a neighbour there."""

    destination: Prefix
    index: int
    direct: bool


class Hop(Struct, frozen=True):
    """Where packets go next: out of the interface `index`, to `gateway` (None: straight into the device)."""

    index: int
    gateway: bytes | None


class Tables:
    """Questions to the kernel; a context manager. OSError where netlink is not to be had.

    Every answer waits for whoever is changing the tables: a container that ends can take a second. Ask from a thread.
    """

    def __init__(self) -> None:
        self._kernel = netlink.Conversation(netlink.ROUTE)

    def links(self) -> list[Link]:
        """Every interface."""
        question = _LINK.pack(0, 0, 0, 0, 0) + attribute(_IFLA_EXT_MASK, struct.pack("=I", _EXT_MASK_SKIP_STATS))
        told = self._kernel.dump(_GET_LINK, question, lambda message, _: message.kind == _NEW_LINK)
        return [link for message in told if (link := read_link(message.body))]

    def addresses(self) -> dict[int, tuple[str, ...]]:
        """Interface index → its addresses in CIDR notation, IPv4 first, sorted."""
        told = self._kernel.dump(
            _GET_ADDRESS, _ADDRESS.pack(0, 0, 0, 0, 0), lambda message, _: message.kind == _NEW_ADDRESS
        )
        found: dict[int, list[tuple[int, bytes, str]]] = {}
        for index, address, length in filter(None, (read_address(message.body) for message in told)):
            found.setdefault(index, []).append((address.version, address.packed, f"{address}/{length}"))
        return {index: tuple(cidr for _, _, cidr in sorted(rows)) for index, rows in found.items()}

    def default_hops(self) -> list[Hop]:
        """The next hops of all default routes, in all tables, each once; halves of everything count."""
        hops: dict[Hop, None] = {}
        for family in _PROBES:
            question = _route_question(family)
            for message in self._kernel.dump(_GET_ROUTE, question, _is_default):
                if (told := read_route(message.body)) is not None:
                    hops.update(dict.fromkeys(told[1]))
        return list(hops)

    def routes(self) -> list[Route]:
        """All routes of all tables but the local one, at most MOST_ROUTES of a family."""
        found: list[Route] = []
        for family in _PROBES:
            question = _route_question(family)
            for message in self._kernel.dump(
                _GET_ROUTE, question, lambda told, known: told.kind == NEW_ROUTE and known < MOST_ROUTES
            ):
                if (told := read_route(message.body)) is not None:
                    found += (Route(told[0], hop.index, direct=hop.gateway is None) for hop in told[1])
        return found

    def toward(self, address: Address) -> Hop | None:
        """Where this machine sends what goes to `address`; None: nowhere."""
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        packed = address.packed
        question = _route_question(family, 8 * len(packed)) + attribute(_RTA_DST, packed)
        answer = self._kernel.ask(_GET_ROUTE, question)
        if answer is None or len(answer.body) < _ROUTE.size:
            return None
        return next(_hops(attributes(answer.body[_ROUTE.size :])), None)

    def default_route(self, family: socket.AddressFamily) -> Hop | None:
        """Where this machine sends what goes to the internet; None: nowhere."""
        answers = Counter(self.toward(ipaddress.ip_address(probe)) for probe in _PROBES[family])
        return answers.most_common(1)[0][0]

    def neighbour(self, index: int, address: bytes) -> bytes | None:
        """The MAC address by which the kernel reaches `address`; None where it knows none (that works)."""
        family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        # One entry, not the table: that may hold a hundred thousand.
        question = _NEIGHBOUR.pack(family, index, 0, 0, 0) + attribute(_NDA_DST, address)
        answer = self._kernel.ask(_GET_NEIGHBOUR, question)
        if answer is None or len(answer.body) < _NEIGHBOUR.size:
            return None
        if not _NEIGHBOUR.unpack_from(answer.body)[2] & _NUD_VALID:
            return None
        return attributes(answer.body[_NEIGHBOUR.size :]).get(_NDA_LLADDR) or None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kernel.close()


def read_link(body: bytes) -> Link | None:
    """A message about a link (ifinfomsg); None where it is cut."""
    if len(body) < _LINK.size:
        return None
    _, hardware, index, flags, _ = _LINK.unpack_from(body)
    found = attributes(body[_LINK.size :])
    info = attributes(found.get(_IFLA_LINKINFO, b""))
    kind = text(info, _INFO_KIND)
    return Link(
        index,
        text(found, _IFLA_IFNAME),
        hardware,
        kind,
        tap=kind == "tun" and number(attributes(info.get(_INFO_DATA, b"")), _TUN_TYPE) == _TUN_TYPE_TAP,
        up=flags & (_IFF_UP | _IFF_RUNNING) == _IFF_UP | _IFF_RUNNING,
        mac=found.get(_IFLA_ADDRESS, b""),
        master=number(found, _IFLA_MASTER),
        parent=number(found, _IFLA_LINK),
        elsewhere=_IFLA_LINK_NETNSID in found,
        changes=number(found, _IFLA_CARRIER_CHANGES) or 0,
        promiscuity=number(found, _IFLA_PROMISCUITY) or 0,
    )


def read_address(body: bytes) -> tuple[int, Address, int] | None:
    """A message about an address (ifaddrmsg): interface, address, length of the prefix; None for what is none of IP's."""
    if len(body) < _ADDRESS.size:
        return None
    _, length, _, _, index = _ADDRESS.unpack_from(body)
    found = attributes(body[_ADDRESS.size :])
    # On a point-to-point link IFA_ADDRESS is the other side's.
    address = _address(found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS))
    return None if address is None else (index, address, length)


def read_route(body: bytes) -> tuple[Prefix, list[Hop]] | None:
    """A message about a route (rtmsg): destination and next hops; None for those that lead nowhere or to this machine."""
    if len(body) < _ROUTE.size:
        return None
    family, length, _, _, table, _, _, kind, _ = _ROUTE.unpack_from(body)
    if kind != _RTN_UNICAST or table == _TABLE_LOCAL or family not in _PROBES:
        return None
    found = attributes(body[_ROUTE.size :])
    everything = bytes(4 if family == socket.AF_INET else 16)
    destination = found.get(_RTA_DST, everything)
    try:
        return ipaddress.ip_network((destination, length)), list(_hops(found))
    except ValueError:
        return None


def _route_question(family: int, length: int = 0) -> bytes:
    return _ROUTE.pack(family, length, 0, 0, 0, 0, 0, 0, 0)


def _is_default(message: Message, known: int) -> bool:
    # The destination's length: 0, or 1 for a half of everything.
    return message.kind == NEW_ROUTE and message.body[1:2] <= b"\1" and known < DEFAULT_ROUTES


def _hops(route: Attributes) -> Iterator[Hop]:
    several = route.get(_RTA_MULTIPATH, b"")
    at = 0
    while at + _NEXT_HOP.size <= len(several):
        length, _, _, index = _NEXT_HOP.unpack_from(several, at)
        if length < _NEXT_HOP.size:
            break
        yield Hop(index, _gateway(attributes(several[at + _NEXT_HOP.size : at + length])))
        at += length + 3 & ~3
    index = number(route, _RTA_OIF)
    if index is not None:
        yield Hop(index, _gateway(route))


def _gateway(hop: Attributes) -> bytes | None:
    # An IPv4 route may lead through an IPv6 neighbour (RFC 5549): that stands in RTA_VIA, after the number of its family.
    address = _address(hop.get(_RTA_GATEWAY) or hop.get(_RTA_VIA, b"")[2:])
    return None if address is None else address.packed


def _address(packed: bytes | None) -> Address | None:
    return ipaddress.ip_address(packed) if packed is not None and len(packed) in (4, 16) else None
