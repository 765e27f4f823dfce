"""The kernel's tables of links, addresses, routes and neighbours, read through rtnetlink; and word that they changed.

Tables are read whole, never pieced together from events: whatever was lost or came in an odd order, the next reading
is right. Nothing here sends a packet.
"""

from __future__ import annotations

import ctypes
import errno
import ipaddress
import os
import socket
import struct
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Flag, auto
from types import TracebackType
from typing import Any, Self

from pyroute2.netlink import NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, rtnl
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.iprsocket import IPRSocket
from pyroute2.netlink.rtnl.ndmsg import ndmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

# A flood of router advertisements makes a default route each; more than these tell nothing new.
DEFAULT_ROUTES = 256
# Routes that are told at most: a laptop has a hundred, one that takes part in BGP a million.
MOST_ROUTES = 4096
# A dump during which the table changed is repeated this often; after that its follower, the next event, mends it.
ATTEMPTS = 3
# Larger than any message: a datagram is never cut.
CHUNK = 1 << 17

# Messages taken at once: more than the socket's buffer holds.
TURN = 4096

_HEADER = struct.Struct("=IHHII")
_INT = struct.Struct("=i")
_IFF_UP = 0x1
_IFF_RUNNING = 0x40
_EXT_MASK_SKIP_STATS = 1 << 3
_RTN_UNICAST = 1
_TABLE_LOCAL = 255
_TUN_TYPE_TAP = 2
_NDA_DST = 1
_SO_ATTACH_FILTER = 26
# Reachable, stale, delay, probe, noarp, permanent: the states in which the kernel uses the MAC address.
_NUD_VALID = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80

# Public addresses, far apart. Where the kernel would send most of them is the default route, with all that a VPN does to
# it: policy rules, metrics, halves (0.0.0.0/1 and 128.0.0.0/1), long lists that leave out private space.
_PROBES = {
    socket.AF_INET: ("23.45.67.89", "68.101.34.7", "99.7.201.3", "151.42.13.88", "198.60.22.4"),
    socket.AF_INET6: ("2001:4c8::17", "2400:1a9:8::3", "2607:2b0:44::9", "2a02:7b40::5", "3a00:11::1"),
}

_GROUPS = (
    rtnl.RTMGRP_LINK
    | rtnl.RTMGRP_NEIGH
    | rtnl.RTMGRP_IPV4_IFADDR
    | rtnl.RTMGRP_IPV4_ROUTE
    | rtnl.RTMGRP_IPV4_RULE
    | rtnl.RTMGRP_IPV6_IFADDR
    | rtnl.RTMGRP_IPV6_ROUTE
    | rtnl.RTMGRP_IPV6_RULE
)

_BPF = struct.Struct("=HBBI")
_LD_W, _LD_H, _LD_B, _JEQ, _JGT, _JA, _RET = 0x20, 0x28, 0x30, 0x15, 0x25, 0x05, 0x06
_PASS, _DROP = (_RET, 0, 0, 0xFFFFFFFF), (_RET, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Link:
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


@dataclass(frozen=True, slots=True)
class Route:
    """A row of a routing table: what goes to `destination` leaves by the interface `index`; `direct`: to a neighbour there."""

    destination: ipaddress.IPv4Network | ipaddress.IPv6Network
    index: int
    direct: bool


@dataclass(frozen=True, slots=True)
class Hop:
    """Where packets go next: out of the interface `index`, to `gateway` (None: straight into the device)."""

    index: int
    gateway: bytes | None


class Tables:
    """Questions to the kernel; a context manager. OSError where netlink is not to be had.

    Every answer waits for whoever is changing the tables: a container that ends can take a second. Ask from a thread.
    """

    def __init__(self) -> None:
        self._socket: Any = _open(groups=0)
        self._sequence = 0

    def links(self) -> list[Link]:
        """Every interface."""
        request = ifinfmsg()
        request["attrs"] = [("IFLA_EXT_MASK", _EXT_MASK_SKIP_STATS)]
        return [_link(m) for m in self._dump(request, rtnl.RTM_GETLINK, rtnl.RTM_NEWLINK)]

    def addresses(self) -> dict[int, tuple[str, ...]]:
        """Interface index → its addresses in CIDR notation, IPv4 first, sorted."""
        found: dict[int, list[Any]] = {}
        for message in self._dump(ifaddrmsg(), rtnl.RTM_GETADDR, rtnl.RTM_NEWADDR):
            # On a point-to-point link IFA_ADDRESS is the other side's.
            address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
            if address is not None:
                cidr = ipaddress.ip_interface(f"{address}/{message['prefixlen']}")
                found.setdefault(message["index"], []).append(cidr)
        return {
            index: tuple(str(cidr) for cidr in sorted(cidrs, key=lambda c: (c.version, c)))
            for index, cidrs in found.items()
        }

    def default_hops(self) -> list[Hop]:
        """The next hops of all default routes, in all tables, each once; halves of everything count."""
        hops: dict[Hop, None] = {}
        for family in _PROBES:
            request = rtmsg()
            request["family"] = family
            for message in self._dump(request, rtnl.RTM_GETROUTE, rtnl.RTM_NEWROUTE, only_defaults=True):
                if message["type"] == _RTN_UNICAST and message["table"] != _TABLE_LOCAL:
                    hops.update(dict.fromkeys(_hops(message)))
        return list(hops)

    def routes(self) -> list[Route]:
        """All routes of all tables but the local one, at most MOST_ROUTES."""
        found: list[Route] = []
        for family in _PROBES:
            request = rtmsg()
            request["family"] = family
            for message in self._dump(request, rtnl.RTM_GETROUTE, rtnl.RTM_NEWROUTE, most=MOST_ROUTES):
                if message["type"] != _RTN_UNICAST or message["table"] == _TABLE_LOCAL:
                    continue
                everything = "0.0.0.0" if family == socket.AF_INET else "::"
                destination = f"{message.get_attr('RTA_DST') or everything}/{message['dst_len']}"
                found += (
                    Route(ipaddress.ip_network(destination), hop.index, direct=hop.gateway is None)
                    for hop in _hops(message)
                )
        return found

    def toward(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Hop | None:
        """Where this machine sends what goes to `address`; None: nowhere."""
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        return self._route(family, str(address))

    def default_route(self, family: socket.AddressFamily) -> Hop | None:
        """Where this machine sends what goes to the internet; None: nowhere."""
        answers = Counter(self._route(family, probe) for probe in _PROBES[family])
        return answers.most_common(1)[0][0]

    def neighbour(self, index: int, address: bytes) -> bytes | None:
        """The MAC address by which the kernel reaches `address`; None where it knows none (that works)."""
        request = ndmsg()
        request["family"] = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        request["ifindex"] = index
        request["attrs"] = [("NDA_DST", str(ipaddress.ip_address(address)))]
        # One entry, not the table: that may hold a hundred thousand.
        answer = self._ask(request, rtnl.RTM_GETNEIGH)
        if answer is None or not answer["state"] & _NUD_VALID:
            return None
        mac = answer.get_attr("NDA_LLADDR")
        return _mac(mac) or None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _route(self, family: socket.AddressFamily, destination: str) -> Hop | None:
        request = rtmsg()
        request["family"] = family
        request["dst_len"] = 32 if family == socket.AF_INET else 128
        request["attrs"] = [("RTA_DST", destination)]
        answer = self._ask(request, rtnl.RTM_GETROUTE)
        return None if answer is None else next(_hops(answer), None)

    def _dump(
        self, request: Any, kind: int, answer: int, *, only_defaults: bool = False, most: int | None = None
    ) -> list[Any]:
        messages: list[Any] = []
        for _ in range(ATTEMPTS):
            sequence = self._send(request, kind, NLM_F_REQUEST | NLM_F_DUMP)
            messages = []
            interrupted = done = False
            while not done:
                data = self._socket.socket.recv(CHUNK)
                for offset, kind_here, flags, number in _walk(data):
                    if number != sequence:
                        continue
                    interrupted |= bool(flags & NLM_F_DUMP_INTR)
                    done |= kind_here in (NLMSG_DONE, NLMSG_ERROR)
                    if kind_here == NLMSG_ERROR and (code := _INT.unpack_from(data, offset + _HEADER.size)[0]):
                        raise OSError(-code, os.strerror(-code))
                    if (
                        kind_here == answer
                        and len(messages) != most
                        and (not only_defaults or _is_default(data, offset, len(messages)))
                    ):
                        messages.append(self._decoded(answer, data, offset))
            if not interrupted:
                break
        return messages

    def _ask(self, request: Any, kind: int) -> Any:
        """The one message that answers; None where the kernel says that there is none."""
        sequence = self._send(request, kind, NLM_F_REQUEST)
        while True:
            data = self._socket.socket.recv(CHUNK)
            for offset, kind_here, _, number in _walk(data):
                if number == sequence:
                    return None if kind_here == NLMSG_ERROR else self._decoded(kind_here, data, offset)

    def _decoded(self, kind: int, data: bytes, offset: int) -> Any:
        message = self._socket.marshal.msg_map[kind](data, offset=offset)
        message.decode()
        return message

    def _send(self, request: Any, kind: int, flags: int) -> int:
        self._sequence += 1
        self._socket.put(request, kind, flags, msg_seq=self._sequence)
        return self._sequence


class Change(Flag):
    """What a look at the events found."""

    NOTHING = 0
    NEIGHBOURS = auto()
    TABLES = auto()


class Events:
    """Word from the kernel that something changed. Neighbours count only if they are among the `watch`ed addresses."""

    def __init__(self) -> None:
        self._socket: Any = _open(_GROUPS)
        self._socket.socket.setblocking(False)
        self.watch(())

    def fileno(self) -> int:
        """Readable when something changed."""
        return int(self._socket.socket.fileno())

    def watch(self, gateways: Collection[bytes]) -> None:
        """From now on the kernel wakes us for these neighbours only, and for no route but default routes."""
        program = event_filter(gateways)
        code = ctypes.create_string_buffer(program, len(program))
        attach = struct.pack("HL", len(program) // _BPF.size, ctypes.addressof(code))
        self._socket.socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, attach)

    def changes(self) -> Change:
        """Take what has come since the last call, a bounded part of it, and say what it was about."""
        found = Change.NOTHING
        for _ in range(TURN):
            try:
                data = self._socket.socket.recv(CHUNK)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                # More came than the kernel could queue: something changed, whatever it was.
                return Change.NEIGHBOURS | Change.TABLES
            for _, kind, _, _ in _walk(data):
                neighbour = kind in (rtnl.RTM_NEWNEIGH, rtnl.RTM_DELNEIGH)
                found |= Change.NEIGHBOURS if neighbour else Change.TABLES
        return found

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def event_filter(gateways: Collection[bytes]) -> bytes:
    """A classic BPF program over rtnetlink messages: passes links, addresses, rules, default routes, these neighbours.

    Without it every host of a busy network would wake us. IPv6 addresses are compared by their last four bytes: a
    stranger that passes costs one look at the table.
    """
    # Netlink is in host order, BPF loads in network order.
    new_route, del_route = socket.htons(rtnl.RTM_NEWROUTE), socket.htons(rtnl.RTM_DELROUTE)
    new_neighbour, del_neighbour = socket.htons(rtnl.RTM_NEWNEIGH), socket.htons(rtnl.RTM_DELNEIGH)
    body = _HEADER.size  # rtmsg: family, dst_len, ...; ndmsg: family, ...; 12 bytes, then attributes
    out = [
        (_LD_H, 0, 0, 4),  # nlmsg_type
        (_JEQ, 3, 0, new_route),
        (_JEQ, 2, 0, del_route),
        (_JEQ, 5, 0, new_neighbour),
        (_JEQ, 4, 2, del_neighbour),
        (_LD_B, 0, 0, body + 1),  # the length of the destination's prefix: 0, or 1 for a half
        (_JGT, 1, 0, 1),
        _PASS,
        _DROP,
        (_LD_B, 0, 0, body),  # bridges report the MAC addresses that they learn here too
        (_JEQ, 2, 0, socket.AF_INET),
        (_JEQ, 1, 0, socket.AF_INET6),
        _DROP,
        (_LD_H, 0, 0, body + 14),  # the first attribute has always been the address; if not, let it pass
        (_JEQ, 1, 0, socket.htons(_NDA_DST)),
        _PASS,
        (_LD_B, 0, 0, body),
        (_JEQ, 2, 0, socket.AF_INET6),
        (_LD_W, 0, 0, body + 16),
        (_JA, 0, 0, 1),
        (_LD_W, 0, 0, body + 28),
    ]
    for word in sorted({int.from_bytes(address[-4:]) for address in gateways}):
        out += [(_JEQ, 0, 1, word), _PASS]
    out.append(_DROP)
    return b"".join(_BPF.pack(*instruction) for instruction in out)


def _open(groups: int) -> Any:
    opened = IPRSocket()
    try:
        opened.bind(groups=groups)
    except KeyError as error:
        # What the library says when every attempt failed, whatever the cause was.
        opened.close()
        raise OSError(errno.EADDRNOTAVAIL, "the kernel refused a routing socket") from error
    return opened


def _walk(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Offset, type, flags and sequence number of every message in a datagram."""
    offset = 0
    while offset + _HEADER.size <= len(data):
        length, kind, flags, number, _ = _HEADER.unpack_from(data, offset)
        if length < _HEADER.size:
            return
        yield offset, kind, flags, number
        offset += (length + 3) & ~3


def _is_default(data: bytes, offset: int, known: int) -> bool:
    return data[offset + _HEADER.size + 1] <= 1 and known < DEFAULT_ROUTES


def _link(message: Any) -> Link:
    info = message.get_attr("IFLA_LINKINFO")
    kind = (info.get_attr("IFLA_INFO_KIND") if info else None) or ""
    data = info.get_attr("IFLA_INFO_DATA") if kind == "tun" else None
    return Link(
        index=message["index"],
        name=os.fsdecode(message.get_attr("IFLA_IFNAME") or ""),  # bytes where it is no UTF-8
        hardware=message["ifi_type"],
        kind=kind,
        tap=data is not None and data.get_attr("IFLA_TUN_TYPE") == _TUN_TYPE_TAP,
        up=message["flags"] & (_IFF_UP | _IFF_RUNNING) == _IFF_UP | _IFF_RUNNING,
        mac=_mac(message.get_attr("IFLA_ADDRESS")),
        master=message.get_attr("IFLA_MASTER"),
        parent=message.get_attr("IFLA_LINK"),
        elsewhere=message.get_attr("IFLA_LINK_NETNSID") is not None,
        changes=message.get_attr("IFLA_CARRIER_CHANGES") or 0,
        promiscuity=message.get_attr("IFLA_PROMISCUITY") or 0,
    )


def _mac(text: str | None) -> bytes:
    """The hardware address that the library wrote out in colon notation; empty where there is none."""
    try:
        return bytes.fromhex(text.replace(":", "")) if text else b""
    except ValueError:
        return b""


def _hops(route: Any) -> Iterator[Hop]:
    for hop in route.get_attr("RTA_MULTIPATH") or ():
        yield Hop(hop["oif"], _gateway(hop))
    index = route.get_attr("RTA_OIF")
    if index is not None:
        yield Hop(index, _gateway(route))


def _gateway(hop: Any) -> bytes | None:
    # An IPv4 route may lead through an IPv6 neighbour (RFC 5549): that stands in RTA_VIA.
    via = hop.get_attr("RTA_VIA")
    text = hop.get_attr("RTA_GATEWAY") or (via and via["addr"])
    return ipaddress.ip_address(text).packed if text else None
