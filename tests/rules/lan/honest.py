"""Honest networks, as standards and vendors describe them: messages that look like attacks and are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, RouteState
from wifiguard.core.lan import Delivery, Dhcp6Message, NbnsMessage, RouterSolicitation
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.network import Network, Security, wifi_network
from wifiguard.core.observation import Observation
from wifiguard.core.scenes import (
    LAPTOP,
    LAPTOP6,
    LAPTOP_MAC,
    NEIGHBOUR,
    NEIGHBOUR_MAC,
    OTHER_ROUTER_MAC,
    ROUTER,
    ROUTER6,
    ROUTER_MAC,
    advertisement,
    arp_announcement,
    arp_reply,
    arp_request,
    dhcp,
    discover,
    ip,
    routed,
    router_advertisement,
    seen,
    solicitation,
)
from wifiguard.core.wifi import Bss, WifiAssociated

VRRP_MAC, VRRP6_MAC = bytes.fromhex("00005e000101"), bytes.fromhex("00005e000201")
HSRP_MAC, HSRP2_MAC = bytes.fromhex("00000c07ac0a"), bytes.fromhex("00000c9ff00a")
GLBP_MACS = (bytes.fromhex("0007b4000101"), bytes.fromhex("0007b4000102"))
THIRD_MAC = bytes.fromhex("a483e7000004")
OFFICE = wifi_network(b"Office", Security.WPA2_ENTERPRISE, bytes.fromhex("a42bb0112201"), trusted=True)


class Scenario(NamedTuple):
    """`source`: the document that says that networks do this. `told`: rule → severity of what may be said nevertheless."""

    name: str
    source: str
    observations: tuple[Observation, ...]
    told: tuple[tuple[str, str], ...] = ()


def on(network: Network, *observations: Observation) -> tuple[Observation, ...]:
    """The same on a network that is known."""
    return tuple(replace(obs, seen=obs.seen._replace(network=network)) for obs in observations)


def up(
    tick: float = 0.0,
    name: str = "wlan0",
    *,
    mac: bytes = LAPTOP_MAC,
    address: str = f"{LAPTOP}/24",
    is_up: bool = True,
) -> LinkState:
    return LinkState(seen(tick, name), 3, name, LinkKind.WIFI, up=is_up, mac=mac, addresses=(address,))


def association(tick: float, bssid: str) -> WifiAssociated:
    return WifiAssociated(seen(tick), Bss(b"Home", bytes.fromhex(bssid), Security.WPA2))


def dns(
    tick: float,
    name: str,
    *addresses: str,
    protocol: str = "dns",
    response: bool = True,
    server: str = ROUTER,
    mac: bytes = ROUTER_MAC,
    ttl: int = 300,
    id: int = 7,
    port: int = 40000,
    rcode: int = 0,
    hops: int = 64,
) -> DnsMessage:
    number = {"dns": 53, "mdns": 5353, "llmnr": 5355}[protocol]
    flow = Flow(ip(LAPTOP), port, ip(server), number, "udp")
    records = tuple(DnsRecord(name, 1, ttl, ip(address)) for address in addresses)
    questions = (DnsQuestion(name, 1),)
    return DnsMessage(
        *(seen(tick), flow, protocol, id, response, rcode, questions, records), Delivery(mac, LAPTOP_MAC, 0, hops)
    )


def nbns(tick: float, name: str, suffix: int = 0x20, *, group: bool = False, wins: bool = False) -> NbnsMessage:
    return NbnsMessage(
        *(seen(tick), Delivery(NEIGHBOUR_MAC), ip(NEIGHBOUR), ip(LAPTOP), 9, True, name, suffix),
        group=group,
        wins=wins,
        addresses=(ip(NEIGHBOUR),),
    )


def dhcpv6(tick: float, mac: bytes, *, dns: str = "2001:db8:1::53", relayed: bool = False) -> Dhcp6Message:
    delivery = Delivery(mac, LAPTOP_MAC, 0, 64)
    return Dhcp6Message(
        *(seen(tick), delivery, ip("fe80::7"), 7, 1),
        addresses=(ip("2001:db8:1::20"),),
        dns=(ip(dns),),
        relayed=relayed,
    )


JOINED = (
    discover(0.0),
    dhcp(0.1, 2),
    discover(0.2, kind=3),
    dhcp(0.3, 5),
    arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER),
    arp_reply(1.0, ROUTER, ROUTER_MAC),
)
ASKED = RouterSolicitation(seen(0.5), Delivery(LAPTOP_MAC, b"", 0, 255), ip("::"))


def redundancy() -> Iterator[Scenario]:
    for name, mac, source in (
        ("VRRP", VRRP_MAC, "RFC 9568, 8.1.2"),
        ("HSRP", HSRP_MAC, "RFC 2281, 6"),
        ("HSRP version 2", HSRP2_MAC, "Cisco: First Hop Redundancy Protocols Configuration Guide"),
        ("CARP", VRRP_MAC, "OpenBSD carp(4)"),
    ):
        yield Scenario(
            f"{name}: both routers answer with the shared address",
            source,
            (
                dhcp(0.0, 5),
                *(
                    observation
                    for turn in range(6)
                    for observation in (
                        arp_request(10.0 * turn, LAPTOP, LAPTOP_MAC, ROUTER),
                        arp_reply(10.0 * turn, ROUTER, mac),
                        arp_announcement(10.0 * turn + 5, ROUTER, mac, reply=True),
                    )
                ),
            ),
        )
    yield Scenario(
        "GLBP: two shared addresses answer by turns",
        "Cisco: Configuring GLBP",
        (
            dhcp(0.0, 5),
            *(
                obs
                for turn in range(8)
                for obs in (
                    arp_request(5.0 * turn, LAPTOP, LAPTOP_MAC, ROUTER),
                    arp_reply(5.0 * turn, ROUTER, GLBP_MACS[turn % 2]),
                )
            ),
        ),
    )
    yield Scenario(
        "a stand-in without a shared address takes over and announces itself",
        "keepalived(8): vrrp_garp_master_repeat",
        (*JOINED, *(arp_announcement(100.0 + turn, ROUTER, OTHER_ROUTER_MAC, reply=True) for turn in range(5))),
    )
    yield Scenario(
        "and gives back an hour later",
        "keepalived(8): preempt",
        (
            *JOINED,
            *(arp_announcement(100.0 + turn, ROUTER, OTHER_ROUTER_MAC) for turn in range(5)),
            *(arp_announcement(3700.0 + turn, ROUTER, ROUTER_MAC) for turn in range(5)),
        ),
    )
    yield Scenario(
        "VRRP for IPv6: the shared router's address",
        "RFC 9568, 8.2.2",
        (
            router_advertisement(0.0, mac=VRRP6_MAC),
            *(
                obs
                for turn in range(4)
                for obs in (
                    solicitation(9.0 * turn, LAPTOP6, LAPTOP_MAC, ROUTER6),
                    advertisement(9.0 * turn, ROUTER6, VRRP6_MAC, router=True),
                    advertisement(9.0 * turn + 1, ROUTER6, VRRP6_MAC, "ff02::1", router=True, solicited=False),
                )
            ),
        ),
    )
    yield Scenario(
        "two IPv6 routers that advertise the same prefix",
        "RFC 4861, 6.2.7 (consistency); RFC 4191",
        (
            *(JOINED),
            *(
                router_advertisement(tick, source, mac, dns=("2001:db8:1::53",))
                for tick in (2.0, 60.0, 300.0)
                for source, mac in ((ROUTER6, ROUTER_MAC), ("fe80::2", OTHER_ROUTER_MAC))
            ),
        ),
    )
    yield Scenario(
        "one router for IPv4 and another for IPv6",
        "RFC 7084",
        (
            *JOINED,
            ASKED,
            router_advertisement(0.7, "fe80::2", OTHER_ROUTER_MAC),
            router_advertisement(200.0, "fe80::2", OTHER_ROUTER_MAC),
        ),
    )


def proxies() -> Iterator[Scenario]:
    hosts = [f"192.168.1.{number}" for number in range(101, 109)]
    yield Scenario(
        "proxy ARP: the router answers for hosts on its other side",
        "RFC 1027",
        (
            *JOINED,
            *(
                obs
                for number, host in enumerate(hosts)
                for obs in (
                    arp_request(2.0 + number, LAPTOP, LAPTOP_MAC, host),
                    arp_reply(2.0 + number, host, ROUTER_MAC),
                )
            ),
        ),
    )
    yield Scenario(
        "a Wi-Fi controller answers for its stations, and they answer too",
        "IEEE 802.11-2020, 11.21.14 (proxy ARP)",
        (
            *JOINED,
            *(
                obs
                for number, host in enumerate(hosts[:6])
                for obs in (
                    arp_request(2.0 + number, LAPTOP, LAPTOP_MAC, host),
                    arp_reply(2.0 + number, host, NEIGHBOUR_MAC),
                )
            ),
            arp_request(20.0, LAPTOP, LAPTOP_MAC, hosts[0]),
            arp_reply(20.0, hosts[0], NEIGHBOUR_MAC),
            arp_reply(20.1, hosts[0], THIRD_MAC),
        ),
    )
    yield Scenario(
        "Apple's sleep proxy answers for a sleeping host, which wakes up again",
        "Apple: Bonjour Sleep Proxy",
        (
            *JOINED,
            arp_announcement(5.0, NEIGHBOUR, NEIGHBOUR_MAC),
            *(arp_announcement(600.0 + turn, NEIGHBOUR, THIRD_MAC) for turn in range(3)),
            arp_announcement(640.0, NEIGHBOUR, NEIGHBOUR_MAC),
        ),
    )
    yield Scenario(
        "a sleep proxy announces IPv6 addresses without overriding",
        "RFC 4861, 7.2.8 (proxy neighbour advertisements)",
        (
            router_advertisement(0.0),
            solicitation(1.0, LAPTOP6, LAPTOP_MAC, "fe80::30"),
            advertisement(1.0, "fe80::30", NEIGHBOUR_MAC),
            *(
                advertisement(50.0 + turn, "fe80::30", THIRD_MAC, "ff02::1", solicited=False, override=False)
                for turn in range(5)
            ),
        ),
    )
    yield Scenario(
        "an anycast address is answered for by two hosts",
        "RFC 4861, 7.2.7",
        (
            solicitation(1.0, LAPTOP6, LAPTOP_MAC, "2001:db8:1::"),
            advertisement(1.0, "2001:db8:1::", ROUTER_MAC, override=False),
            advertisement(1.1, "2001:db8:1::", OTHER_ROUTER_MAC, override=False),
        ),
    )
    translated = bytes.fromhex("020fb5") + LAPTOP_MAC[3:]
    yield Scenario(
        "an extender rewrites the hardware addresses of those behind it",
        "Netgear: Universal repeater mode and virtual MAC addresses",
        (
            *JOINED,
            *(
                arp_announcement(float(tick), NEIGHBOUR, mac)
                for tick, mac in enumerate((LAPTOP_MAC, translated, LAPTOP_MAC, translated, LAPTOP_MAC))
            ),
        ),
    )
    yield Scenario(
        "a bond answers with one port or the other",
        "Linux: bonding.txt, balance-alb",
        (
            *JOINED,
            *(
                obs
                for turn in range(8)
                for obs in (
                    arp_request(3.0 * turn, LAPTOP, LAPTOP_MAC, NEIGHBOUR),
                    arp_reply(3.0 * turn, NEIGHBOUR, NEIGHBOUR_MAC[:5] + bytes([3 + turn % 2])),
                    arp_reply(3.0 * turn + 1, NEIGHBOUR, NEIGHBOUR_MAC[:5] + bytes([3 + turn % 2])),
                )
            ),
        ),
    )
    yield Scenario(
        "a cluster's address is a group's hardware address",
        "Microsoft: Network Load Balancing, multicast mode",
        (
            *JOINED,
            *(
                obs
                for turn in range(4)
                for obs in (
                    arp_request(3.0 * turn, LAPTOP, LAPTOP_MAC, NEIGHBOUR),
                    arp_reply(3.0 * turn, NEIGHBOUR, bytes.fromhex("03bfc0a8011e")),
                )
            ),
        ),
    )


def moving() -> Iterator[Scenario]:
    yield Scenario(
        "another access point of the mesh: an extender speaks for the router",
        "Wi-Fi Alliance: EasyMesh",
        (
            up(),
            association(0.0, "a42bb0112201"),
            *JOINED,
            association(100.0, "a42bb0112202"),
            arp_request(100.5, LAPTOP, LAPTOP_MAC, ROUTER),
            arp_reply(100.5, ROUTER, OTHER_ROUTER_MAC),
        ),
    )
    yield Scenario(
        "one network left, another joined that uses the same addresses",
        "RFC 1918",
        (
            up(),
            *JOINED,
            up(60.0, is_up=False),
            up(70.0),
            dhcp(71.0, 5, mac=OTHER_ROUTER_MAC, transaction=2, dns=("192.168.1.53",)),
            arp_request(72.0, LAPTOP, LAPTOP_MAC, ROUTER),
            arp_reply(72.0, ROUTER, OTHER_ROUTER_MAC),
        ),
    )
    yield Scenario(
        "a dock and Wi-Fi at once: both of this laptop's cards answer",
        "Linux: ip-sysctl, arp_ignore",
        (
            up(),
            up(0.0, "eth0", mac=THIRD_MAC, address="192.168.1.21/24"),
            *JOINED,
            *(
                obs
                for turn in range(6)
                for obs in (
                    arp_reply(3.0 * turn, LAPTOP, LAPTOP_MAC, ROUTER, ROUTER_MAC),
                    arp_reply(3.0 * turn + 1, LAPTOP, THIRD_MAC, ROUTER, ROUTER_MAC),
                )
            ),
        ),
    )
    yield Scenario(
        "duplicate address detection before an address is used",
        "RFC 5227, 2.1",
        (
            *JOINED,
            *(arp_request(2.0 + turn, "0.0.0.0", NEIGHBOUR_MAC, ROUTER) for turn in range(3)),
            arp_reply(2.1, ROUTER, ROUTER_MAC, "0.0.0.0", NEIGHBOUR_MAC),
        ),
    )
    yield Scenario(
        "duplicate address detection for IPv6, and the owner's defence",
        "RFC 4862, 5.4",
        (
            router_advertisement(0.0),
            solicitation(1.0, "::", NEIGHBOUR_MAC, ROUTER6),
            advertisement(1.0, ROUTER6, ROUTER_MAC, "ff02::1", router=True, solicited=False),
        ),
    )
    yield Scenario(
        "a link-local address first, then a lease",
        "RFC 3927, 2",
        (
            arp_announcement(0.0, "169.254.7.9", NEIGHBOUR_MAC),
            *JOINED,
            dhcp(9.0, 5, yours=NEIGHBOUR, client=NEIGHBOUR_MAC, transaction=4),
            arp_announcement(10.0, NEIGHBOUR, NEIGHBOUR_MAC),
        ),
    )
    yield Scenario(
        "a lease that ended goes to another machine",
        "RFC 2131, 4.4.5",
        (
            *JOINED,
            arp_announcement(2.0, NEIGHBOUR, NEIGHBOUR_MAC),
            dhcp(50.0, 5, yours=NEIGHBOUR, client=THIRD_MAC, transaction=4),
            *(arp_announcement(51.0 + turn, NEIGHBOUR, THIRD_MAC) for turn in range(3)),
        ),
    )
    yield Scenario(
        "a replaced router: the old one is silent",
        "RFC 826",
        (
            *JOINED,
            arp_request(400.0, LAPTOP, LAPTOP_MAC, ROUTER),
            arp_reply(400.0, ROUTER, OTHER_ROUTER_MAC),
            *(arp_announcement(410.0 + turn, ROUTER, OTHER_ROUTER_MAC) for turn in range(3)),
        ),
    )
    yield Scenario(
        "the kernel checks the router's address again",
        "RFC 4861, 7.3; Linux arp(7)",
        (
            up(),
            RouteState(seen(0.5), 4, "wlan0", ip(ROUTER)),
            NeighbourSeen(seen(0.6), ip(ROUTER), ROUTER_MAC),
            *JOINED,
            *(
                obs
                for turn in range(5)
                for obs in (
                    arp_request(30.0 * turn + 9, LAPTOP, LAPTOP_MAC, ROUTER, to=ROUTER_MAC),
                    arp_reply(30.0 * turn + 9, ROUTER, ROUTER_MAC),
                    arp_request(30.0 * turn + 15, ROUTER, ROUTER_MAC, LAPTOP, to=LAPTOP_MAC),
                    routed(30.0 * turn + 16, ROUTER_MAC),
                    routed(30.0 * turn + 16, ROUTER_MAC, inward=False),
                )
            ),
        ),
    )
    yield Scenario(
        "two routers, and answers of the world come through the other one",
        "RFC 1812, 5.3.3",
        (
            *JOINED,
            *(
                obs
                for turn in range(9)
                for obs in (routed(2.0 * turn + 2, ROUTER_MAC, inward=False), routed(2.0 * turn + 2, OTHER_ROUTER_MAC))
            ),
        ),
    )
    yield Scenario(
        "a virtual machine moves to another host and announces itself",
        "VMware: vMotion and notify switches",
        (
            *JOINED,
            arp_announcement(3.0, NEIGHBOUR, NEIGHBOUR_MAC),
            *(arp_announcement(30.0 + t, NEIGHBOUR, NEIGHBOUR_MAC) for t in range(5)),
        ),
    )


def settings() -> Iterator[Scenario]:
    yield Scenario(
        "a pair of DHCP servers answers every question twice",
        "draft-ietf-dhc-failover-12; ISC dhcpd.conf(5)",
        (
            discover(0.0),
            dhcp(0.1, 2),
            dhcp(0.1, 2, "192.168.1.2", OTHER_ROUTER_MAC),
            discover(0.2, kind=3),
            dhcp(0.3, 5, "192.168.1.2", OTHER_ROUTER_MAC),
            dhcp(300.0, 5, transaction=2),
        ),
    )
    yield Scenario(
        "the pair lists its name servers in another order",
        "ISC dhcpd.conf(5)",
        (
            discover(0.0),
            dhcp(0.1, 2, dns=("192.168.1.1", "192.168.1.2")),
            dhcp(0.1, 2, "192.168.1.2", OTHER_ROUTER_MAC, dns=("192.168.1.2", "192.168.1.1")),
        ),
    )
    yield Scenario(
        "a relay: servers far away answer through one router",
        "RFC 1542, 4",
        (
            discover(0.0),
            dhcp(0.1, 2, "10.9.0.1", relay=ROUTER, dns=("10.9.0.1",)),
            dhcp(0.1, 2, "10.9.0.2", relay=ROUTER, dns=("10.9.0.2",)),
        ),
    )
    yield Scenario(
        "a server that only boots machines from the network",
        "Intel: PXE specification 2.1 (proxyDHCP)",
        (discover(0.0), dhcp(0.1, 2), dhcp(0.1, 2, NEIGHBOUR, NEIGHBOUR_MAC, yours="0.0.0.0", routers=(), dns=())),
    )
    yield Scenario(
        "the server refuses an address of another network",
        "RFC 2131, 4.3.2",
        (*JOINED, dhcp(5.0, 6, yours="0.0.0.0", routers=(), dns=()), dhcp(6.0, 5, transaction=3)),
    )
    yield Scenario(
        "a phone shares its connection, after the home network",
        "Android: tethering",
        (
            up(),
            *JOINED,
            up(50.0, is_up=False),
            up(60.0, address="192.168.43.20/24"),
            dhcp(
                61.0,
                5,
                "192.168.43.1",
                OTHER_ROUTER_MAC,
                routers=("192.168.43.1",),
                dns=("192.168.43.1",),
                yours="192.168.43.20",
                transaction=2,
            ),
            router_advertisement(62.0, "fe80::43", OTHER_ROUTER_MAC, prefixes=("2001:db8:43::/64",)),
        ),
    )
    yield Scenario(
        "a cloud's or provider's routes for one host alone",
        "Google Compute Engine: DHCP; RFC 3442",
        (
            dhcp(
                0.0,
                5,
                yours="10.128.0.7",
                routers=("10.128.0.1",),
                routes=(("10.128.0.1/32", "0.0.0.0"), ("0.0.0.0/0", "10.128.0.1")),
            ),
        ),
    )
    yield Scenario(
        "the default route, and the metadata service's link-local address",
        "OpenStack Neutron: dhcp agent",
        (dhcp(0.0, 5, routes=(("0.0.0.0/0", ROUTER), ("169.254.169.254/32", "192.168.1.2"))),),
    )
    yield Scenario(
        "a company's own routes, on its trusted network",
        "Microsoft: DHCP option 249",
        on(OFFICE, dhcp(0.0, 5, routes=(("10.0.0.0/8", "192.168.1.2"), ("172.16.0.0/12", "192.168.1.2")))),
        (("dhcp-route-injection", "info"),),
    )
    yield Scenario(
        "a company's proxy, on its trusted network",
        "Microsoft: Automatic proxy discovery",
        on(OFFICE, dhcp(0.0, 5, proxy=True), dns(5.0, "wpad.corp.example", "10.0.0.8")),
        (("wpad-offered", "info"),),
    )
    yield Scenario(
        "a router says that there is no proxy",
        'dnsmasq.conf.example: dhcp-option=252,"\\n"',
        (dhcp(0.0, 5), dns(2.0, "wpad.lan", rcode=3)),
    )
    yield Scenario(
        "a managed network's DHCPv6",
        "RFC 8415, 4.1; RFC 4861, 4.2",
        (*JOINED, router_advertisement(1.0, managed=True), dhcpv6(2.0, NEIGHBOUR_MAC)),
    )
    yield Scenario(
        "DHCPv6 only for names and such",
        "RFC 8415, 6.1 (stateless)",
        (*JOINED, router_advertisement(1.0, other=True), dhcpv6(2.0, NEIGHBOUR_MAC)),
    )
    yield Scenario(
        "DHCPv6 through a relay",
        "RFC 8415, 19",
        (*JOINED, router_advertisement(1.0), dhcpv6(2.0, NEIGHBOUR_MAC, relayed=True)),
    )
    yield Scenario(
        "DHCPv6 of the router itself", "RFC 7084, 4.3", (*JOINED, router_advertisement(1.0), dhcpv6(2.0, ROUTER_MAC))
    )


def advertisements() -> Iterator[Scenario]:
    yield Scenario(
        "a border router of a smart home offers routes and no default",
        "Thread 1.3; RFC 4191, 2.3",
        (
            up(),
            *JOINED,
            ASKED,
            router_advertisement(0.7, dns=("fd00::1",)),
            *(
                router_advertisement(
                    30.0 * t,
                    "fe80::77",
                    NEIGHBOUR_MAC,
                    lifetime=0,
                    prefixes=("fd11:22::/64",),
                    routes=("fd33:44::/64",),
                )
                for t in range(1, 6)
            ),
        ),
    )
    yield Scenario(
        "the same on a network without IPv6",
        "Apple: HomePod as a Thread border router",
        (
            up(),
            *JOINED,
            ASKED,
            *(
                router_advertisement(
                    30.0 * t,
                    "fe80::77",
                    NEIGHBOUR_MAC,
                    lifetime=0,
                    prefixes=("fd11:22::/64",),
                    routes=("fd33:44::/64",),
                )
                for t in range(1, 6)
            ),
        ),
    )
    yield Scenario(
        "the provider renumbers: the old prefix is withdrawn",
        "RFC 8978; RFC 9096",
        (
            *JOINED,
            router_advertisement(1.0, prefixes=("2001:db8:1::/64",), dns=("2001:db8:1::1",)),
            router_advertisement(900.0, prefixes=("2001:db8:1::/64",), preferred=0),
            router_advertisement(900.1, prefixes=("2001:db8:2::/64",), dns=("2001:db8:2::1",)),
        ),
    )
    yield Scenario(
        "the router restarts: goodbye, and again",
        "RFC 4861, 6.2.5",
        (*JOINED, router_advertisement(1.0), router_advertisement(50.0, lifetime=0), router_advertisement(80.0)),
    )
    yield Scenario(
        "the IPv4 router gets IPv6 from its provider",
        "RFC 7084",
        (up(), *JOINED, ASKED, router_advertisement(3600.0, dns=("2001:db8:1::1",))),
    )
    yield Scenario(
        "a router with a name server of its own first, then the provider's",
        "RFC 8106, 5.3.1",
        (*JOINED, router_advertisement(1.0, dns=("fe80::1",)), router_advertisement(20.0, dns=("fd00::1",))),
    )


def by_hand() -> Iterator[Scenario]:
    yield Scenario(
        "an IPv6 gateway that was set by hand, whose router advertises itself as well",
        "nmcli(1): ipv6.gateway",
        (
            replace(up(), gateways=(ip("2001:db8:1::1"),)),
            RouteState(seen(0.1), 6, "wlan0", ip("2001:db8:1::1")),
            *JOINED,
            router_advertisement(90.0),
        ),
    )


def names() -> Iterator[Scenario]:
    site = "www.example.com"
    ask = dns(0.0, site, response=False)
    yield Scenario(
        "round robin: the same addresses in another order",
        "RFC 1794",
        (ask, dns(0.02, site, "192.0.2.1", "192.0.2.2"), dns(0.03, site, "192.0.2.2", "192.0.2.1", ttl=299)),
    )
    yield Scenario(
        "a question asked again gets another address of a content network",
        "RFC 1035, 4.2.1",
        (ask, ask, dns(0.9, site, "192.0.2.1", ttl=20), dns(1.1, site, "198.51.100.7", ttl=19)),
    )
    yield Scenario(
        "two name servers asked at once disagree (split horizon, anycast)",
        "systemd-resolved; RFC 8499",
        (
            ask,
            dns(0.0, site, response=False, server="9.9.9.9"),
            dns(0.02, site, "10.0.0.7"),
            dns(0.05, site, "198.51.100.7", server="9.9.9.9"),
        ),
    )
    yield Scenario(
        "a filter answers with nowhere",
        "Pi-hole: blocking modes",
        (dns(0.0, "ads.example", response=False), dns(0.01, "ads.example", "0.0.0.0", ttl=2)),
    )
    yield Scenario(
        "the same answer captured twice",
        "libpcap: the device any",
        (ask, dns(0.02, site, "192.0.2.1"), dns(0.02, site, "192.0.2.1")),
    )
    yield Scenario(
        "another question with the same number later",
        "RFC 5452, 4.3",
        (ask, dns(0.02, site, "192.0.2.1"), dns(30.0, site, response=False), dns(30.02, site, "198.51.100.7", ttl=20)),
    )
    yield Scenario(
        "printers and sleep proxies answer by mDNS for many",
        "RFC 6762, 10; Apple: Bonjour Sleep Proxy",
        tuple(
            dns(float(t), f"printer{t}.local", NEIGHBOUR, protocol="mdns", mac=NEIGHBOUR_MAC, server=NEIGHBOUR)
            for t in range(8)
        ),
    )
    yield Scenario(
        "Windows checks with random names, and nobody answers",
        "Chromium: intranet redirect detector; RFC 4795, 4.2",
        tuple(
            dns(float(t), name, response=False, protocol="llmnr")
            for t, name in enumerate(("qhzkrtpl", "wxvbnmlo", "asdkjhqw"))
        ),
    )
    yield Scenario(
        "a machine answers to its own name by LLMNR and NetBIOS",
        "RFC 4795, 2.3; RFC 1001, 15",
        (
            dns(0.0, "office-pc", NEIGHBOUR, protocol="llmnr", mac=NEIGHBOUR_MAC, server=NEIGHBOUR),
            dns(1.0, "office-pc.corp.example", NEIGHBOUR, protocol="llmnr", mac=NEIGHBOUR_MAC, server=NEIGHBOUR),
            nbns(2.0, "office-pc"),
            nbns(3.0, "office-pc", 0x00),
            nbns(4.0, "workgroup", 0x00, group=True),
            nbns(5.0, "workgroup", 0x1D),
            nbns(6.0, "\\x01\\x02__msbrowse__\\x02", 0x01, group=True),
        ),
    )
    yield Scenario(
        "a WINS server answers for a whole company",
        "RFC 1001, 15.2 (P nodes)",
        tuple(nbns(float(t), f"server{t}", wins=True) for t in range(9)),
    )


def machines() -> Iterator[Scenario]:
    yield Scenario(
        "containers and virtual machines behind bridges of this laptop",
        "Docker: bridge network driver; libvirt: NAT forwarding; podman: netavark",
        (
            up(),
            *JOINED,
            *(
                LinkState(
                    seen(2.0, name), 7, name, LinkKind.CONTAINER, up=True, mac=THIRD_MAC, addresses=("172.17.0.1/16",)
                )
                for name in ("docker0", "virbr0", "podman0")
            ),
        ),
    )
    tunnel = LinkState(seen(5.0, "wg0"), 9, "wg0", LinkKind.VPN, up=True, addresses=("10.9.0.2/32",))
    yield Scenario(
        "a VPN goes up and down",
        "wg-quick(8)",
        (
            up(),
            *JOINED,
            tunnel,
            RouteState(seen(5.1), 4, "wg0", None),
            arp_request(6.0, LAPTOP, LAPTOP_MAC, ROUTER, to=ROUTER_MAC),
            arp_reply(6.0, ROUTER, ROUTER_MAC),
            replace(tunnel, up=False, seen=seen(60.0, "wg0")),
            RouteState(seen(60.1), 4, "wlan0", ip(ROUTER)),
            NeighbourSeen(seen(60.2), ip(ROUTER), ROUTER_MAC),
        ),
    )
    yield Scenario(
        "the laptop wakes up and takes its address again",
        "RFC 4436 (detecting network attachment)",
        (
            up(),
            *JOINED,
            *(arp_announcement(7200.0 + t, LAPTOP, LAPTOP_MAC) for t in range(3)),
            discover(7201.0, 9, kind=3),
            dhcp(7201.1, 5, transaction=9),
            arp_request(7202.0, LAPTOP, LAPTOP_MAC, ROUTER, to=ROUTER_MAC),
            arp_reply(7202.0, ROUTER, ROUTER_MAC),
        ),
    )
    yield Scenario(
        "a trunk: the same addresses in every VLAN",
        "IEEE 802.1Q",
        tuple(
            replace(obs, delivery=obs.delivery._replace(vlan=vlan))
            for turn in range(4)
            for vlan, mac in ((10, ROUTER_MAC), (20, OTHER_ROUTER_MAC))
            for obs in (
                dhcp(5.0 * turn + 0.1, 5, mac=mac, dns=(f"10.0.{vlan}.53",), transaction=turn),
                arp_request(5.0 * turn + 1, LAPTOP, LAPTOP_MAC, ROUTER),
                arp_reply(5.0 * turn + 1, ROUTER, mac),
                router_advertisement(5.0 * turn + 2, mac=mac, prefixes=(f"2001:db8:{vlan}::/64",)),
            )
        ),
    )


SCENARIOS = [*redundancy(), *proxies(), *moving(), *settings(), *advertisements(), *by_hand(), *names(), *machines()]
