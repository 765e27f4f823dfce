"""Messages of a small network, for the examples of rules: a router, this laptop, a neighbour and an attacker."""

from __future__ import annotations

import ipaddress

from wifiguard.core.lan import (
    BROADCAST,
    ArpSeen,
    Delivery,
    DhcpMessage,
    NeighbourAdvertisement,
    NeighbourSolicitation,
    Prefix,
    Route,
    RouterAdvertisement,
    RouterTraffic,
)
from wifiguard.core.observation import Seen

ROUTER_MAC = bytes.fromhex("f4f26d000001")
LAPTOP_MAC = bytes.fromhex("3c5282000002")
NEIGHBOUR_MAC = bytes.fromhex("9c5c8e000003")
ATTACKER_MAC = bytes.fromhex("00c0ca000066")
OTHER_ROUTER_MAC = bytes.fromhex("78dd08000009")
ROUTER, LAPTOP, NEIGHBOUR = "192.168.1.1", "192.168.1.20", "192.168.1.30"
ROUTER6, LAPTOP6, ATTACKER6 = "fe80::1", "fe80::20", "fe80::66"
_ALL_NODES_MAC = bytes.fromhex("333300000001")


def ip(text: str) -> bytes:
    """An address as bytes."""
    return ipaddress.ip_address(text).packed


def seen(tick: float, interface: str = "wlan0") -> Seen:
    """A moment, in seconds since the scene began."""
    return Seen(tick, tick, interface=interface)


def arp_request(tick: float, sender: str, mac: bytes, target: str, to: bytes = BROADCAST) -> ArpSeen:
    """`sender` at `mac` asks for `target`."""
    return ArpSeen(seen(tick), Delivery(mac, to), False, mac, ip(sender), bytes(6), ip(target))


def arp_reply(
    tick: float, sender: str, mac: bytes, target: str = LAPTOP, target_mac: bytes = LAPTOP_MAC, to: bytes | None = None
) -> ArpSeen:
    """`target` is told that `sender` is at `mac`."""
    delivery = Delivery(mac, target_mac if to is None else to)
    return ArpSeen(seen(tick), delivery, True, mac, ip(sender), target_mac, ip(target))


def arp_announcement(tick: float, sender: str, mac: bytes, *, reply: bool = False) -> ArpSeen:
    """Everybody is told that `sender` is at `mac` (gratuitous ARP)."""
    return ArpSeen(seen(tick), Delivery(mac, BROADCAST), reply, mac, ip(sender), BROADCAST, ip(sender))


def solicitation(tick: float, source: str, mac: bytes, target: str) -> NeighbourSolicitation:
    """`source` at `mac` asks for `target`."""
    link = None if source == "::" else mac
    return NeighbourSolicitation(seen(tick), Delivery(mac, _ALL_NODES_MAC, 0, 255), ip(source), ip(target), link)


def advertisement(
    tick: float,
    target: str,
    mac: bytes,
    destination: str = LAPTOP6,
    *,
    router: bool = False,
    solicited: bool = True,
    override: bool = True,
) -> NeighbourAdvertisement:
    """`destination` is told that `target` is at `mac`."""
    to = _ALL_NODES_MAC if destination.startswith("ff") else LAPTOP_MAC
    return NeighbourAdvertisement(
        *(seen(tick), Delivery(mac, to, 0, 255), ip(target), ip(destination), ip(target), mac),
        router=router,
        solicited=solicited,
        override=override,
    )


def router_advertisement(
    tick: float,
    source: str = ROUTER6,
    mac: bytes = ROUTER_MAC,
    *,
    lifetime: int = 1800,
    preference: int = 0,
    prefixes: tuple[str, ...] = ("2001:db8:1::/64",),
    routes: tuple[str, ...] = (),
    dns: tuple[str, ...] = (),
    managed: bool = False,
    other: bool = False,
    preferred: int = 14400,
    extended: bool = False,
) -> RouterAdvertisement:
    """A router describes the link."""
    networks = [ipaddress.IPv6Network(prefix) for prefix in prefixes]
    ways = [ipaddress.IPv6Network(route) for route in routes]
    return RouterAdvertisement(
        *(seen(tick), Delivery(mac, _ALL_NODES_MAC, 0, 255, extended), ip(source), lifetime),
        preference=preference,
        managed=managed,
        other=other,
        link_address=mac,
        prefixes=tuple(Prefix(n.network_address.packed, n.prefixlen, True, True, 86400, preferred) for n in networks),
        routes=tuple(Route(n.network_address.packed, n.prefixlen, None, 1800) for n in ways),
        dns=tuple(ip(server) for server in dns),
        dns_lifetime=1800 if dns else 0,
    )


def dhcp(
    tick: float,
    kind: int,
    server: str = ROUTER,
    mac: bytes = ROUTER_MAC,
    *,
    transaction: int = 1,
    client: bytes = LAPTOP_MAC,
    yours: str = LAPTOP,
    routers: tuple[str, ...] = (ROUTER,),
    dns: tuple[str, ...] = (ROUTER,),
    routes: tuple[tuple[str, str], ...] = (),
    route_option: int | None = 121,
    relay: str | None = None,
    proxy: bool = False,
    portal: bool = False,
) -> DhcpMessage:
    """A server's message: 2 offer, 5 acknowledgement, 6 refusal. `routes`: (prefix, gateway)."""
    ways = [(ipaddress.IPv4Network(prefix), gateway) for prefix, gateway in routes]
    return DhcpMessage(
        *(seen(tick), Delivery(mac, client, 0, 64), ip(server), True, kind, transaction, client, ip(yours)),
        server=ip(server),
        relay=ip(relay) if relay else None,
        netmask=ip("255.255.255.0"),
        routers=tuple(ip(router) for router in routers),
        dns=tuple(ip(each) for each in dns),
        routes=tuple(Route(n.network_address.packed, n.prefixlen, ip(gateway)) for n, gateway in ways),
        route_option=route_option if routes else None,
        proxy=proxy,
        portal=portal,
    )


def discover(tick: float, transaction: int = 1, client: bytes = LAPTOP_MAC, kind: int = 1) -> DhcpMessage:
    """A client's message: 1 discover, 3 request, 8 inform."""
    return DhcpMessage(
        *(seen(tick), Delivery(client, BROADCAST, 0, 64), bytes(4), False, kind, transaction, client, bytes(4))
    )


def routed(tick: float, mac: bytes, near: str = LAPTOP, *, inward: bool = True) -> RouterTraffic:
    """A frame from (`inward`) or to `mac` carried traffic of the world outside."""
    return RouterTraffic(seen(tick), mac, inward, ip(near))
