"""Observations of the local link: who claims which address, who offers to route, to configure and to resolve.

Addresses and hardware addresses are bytes. `Delivery` says which neighbour's frame carried a message, which is what tells an
attacker from the machine that he names as the sender.
"""

from __future__ import annotations

from typing import NamedTuple

from wifiguard.core.observation import Observation

BROADCAST = b"\xff" * 6


class Delivery(NamedTuple):
    """How a frame came over the link.

    `mac` of its sender and `to` of its receiver, empty where the link has none (or a capture does not keep them). `vlan`: its
    tags, outermost first, 12 bits each. `hops`: what is left of the packet's time to live. `extended`: IPv6 with extension
    headers or in fragments, where simple filters do not look.
    """

    mac: bytes = b""
    to: bytes = b""
    vlan: int = 0
    hops: int = 0
    extended: bool = False


class ArpSeen(Observation, frozen=True):
    """One ARP message over Ethernet for IPv4 (RFC 826). A sender of 0.0.0.0 asks without claiming (RFC 5227)."""

    delivery: Delivery
    reply: bool
    sender_mac: bytes
    sender: bytes
    target_mac: bytes
    target: bytes


class NeighbourSolicitation(Observation, frozen=True):
    """Who has `target`? (RFC 4861, 4.3). `link_address` binds `source` to it; a source of :: detects duplicates."""

    delivery: Delivery
    source: bytes
    target: bytes
    link_address: bytes | None


class NeighbourAdvertisement(Observation, frozen=True):
    """`target` is at `link_address` (RFC 4861, 4.4); without one, at the frame's sender."""

    delivery: Delivery
    source: bytes
    destination: bytes
    target: bytes
    link_address: bytes | None
    router: bool
    solicited: bool
    override: bool


class RouterSolicitation(Observation, frozen=True):
    """Is there a router? (RFC 4861, 4.1)"""

    delivery: Delivery
    source: bytes


class Prefix(NamedTuple):
    """A prefix information option (RFC 4861, 4.6.2); lifetimes in seconds, 0xffffffff: without end."""

    address: bytes
    length: int
    on_link: bool
    autonomous: bool
    valid: int
    preferred: int


class Route(NamedTuple):
    """A route that was offered: `address`/`length` through `gateway`, None: through who said it. `lifetime` None: the lease's."""

    address: bytes
    length: int
    gateway: bytes | None = None
    lifetime: int | None = None


class RouterAdvertisement(Observation, frozen=True):
    """A router describes the link (RFC 4861, 4.2). `lifetime` seconds as default router, 0: it is none.

    `preference` -1, 0 or 1 (RFC 4191). `managed`, `other`: addresses, other settings come by DHCPv6. `dns` with its lifetime
    (RFC 8106). `portal`: it names a captive portal (RFC 8910).
    """

    delivery: Delivery
    source: bytes
    lifetime: int
    preference: int = 0
    managed: bool = False
    other: bool = False
    link_address: bytes | None = None
    prefixes: tuple[Prefix, ...] = ()
    routes: tuple[Route, ...] = ()
    dns: tuple[bytes, ...] = ()
    dns_lifetime: int = 0
    domains: tuple[str, ...] = ()
    portal: bool = False


class IcmpRedirect(Observation, frozen=True):
    """`source` says: send what goes to `destination` through `gateway` (RFC 792, RFC 4861 4.5). `victim`: who is told.

    `link_address`: where the gateway is, which only IPv6 says.
    """

    delivery: Delivery
    source: bytes
    victim: bytes
    gateway: bytes
    destination: bytes
    link_address: bytes | None = None


class DhcpMessage(Observation, frozen=True):
    """One DHCPv4 message (RFC 2131). `kind`: option 53, 0 for BOOTP. `client`: the hardware address that it is about.

    `yours`: the address that is given. `server`: option 54. `relay`: giaddr. `routers` option 3, `dns` 6, `domain` 15, `routes`
    33, 121 and 249, with `route_option` the last of these. `boot`: 66 or 67 names a file to boot. `proxy`: 252 names a proxy's
    configuration. `portal`: 114 (RFC 8910). `ipv6_only`: 108 (RFC 8925).
    """

    delivery: Delivery
    source: bytes
    from_server: bool
    kind: int
    transaction: int
    client: bytes
    yours: bytes
    server: bytes | None = None
    relay: bytes | None = None
    netmask: bytes | None = None
    routers: tuple[bytes, ...] = ()
    dns: tuple[bytes, ...] = ()
    domain: str | None = None
    routes: tuple[Route, ...] = ()
    route_option: int | None = None
    proxy: bool = False
    boot: bool = False
    portal: bool = False
    ipv6_only: bool = False
    lease: int | None = None


class Dhcp6Message(Observation, frozen=True):
    """One DHCPv6 message (RFC 8415). `kind`: 1 solicit, 2 advertise, 7 reply …; relayed ones are read inside (`relayed`).

    `server`: its identifier (DUID). `addresses` that are given, `dns` option 23, `domains` 24, `portal` 103.
    """

    delivery: Delivery
    source: bytes
    kind: int
    transaction: int
    server: bytes | None = None
    addresses: tuple[bytes, ...] = ()
    dns: tuple[bytes, ...] = ()
    domains: tuple[str, ...] = ()
    portal: bool = False
    relayed: bool = False


class NbnsMessage(Observation, frozen=True):
    """One NetBIOS name service message (RFC 1002, 4.2). `name` lower case without padding, `suffix` its 16th byte.

    `broadcast`: it asks everybody. `wins`: answered by a name server. `group`: a group's name, that many may answer for.
    """

    delivery: Delivery
    source: bytes
    destination: bytes
    id: int
    response: bool
    name: str
    suffix: int
    broadcast: bool = False
    wins: bool = False
    group: bool = False
    addresses: tuple[bytes, ...] = ()


class RouterTraffic(Observation, frozen=True):
    """A frame from (`inward`) or to the hardware address `mac` carried traffic of a host far away: a router's work.

    Told once a second at most for each address and direction. `near`: the host on this link that it was from or for.
    """

    mac: bytes
    inward: bool
    near: bytes
    vlan: int = 0
