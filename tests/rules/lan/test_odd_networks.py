"""Odd and hostile input: no rule raises, whatever the laptop's tables and the link say."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import DHCP6_Advertise, DHCP6OptDNSServers, DHCP6OptServerId
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRDNSS,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.netbios import NBNS_ADD_ENTRY, NBNSHeader, NBNSQueryResponse

from tests.decode.lan_frames import ATTACKER_MAC, LAPTOP_MAC, ROUTER_MAC
from wifiguard.core.engine import Engine
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, ProbeAnswer, Remembered, RouteState
from wifiguard.core.network import unidentified_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Finding, Output
from wifiguard.core.scenes import LAPTOP, ROUTER, arp_announcement, arp_reply, dhcp, ip, router_advertisement, seen
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files
from wifiguard.streams import Streams

LINK = Ether(src=ROUTER_MAC, dst=LAPTOP_MAC)
V4, V6 = IP(src="10.0.0.1", dst="10.0.0.2", ttl=64), IPv6(src="fe80::1", dst="fe80::2", hlim=255)
FRAMES = [
    bytes(frame)
    for frame in (
        LINK / ARP(op=2, hwsrc=ROUTER_MAC, psrc="10.0.0.1", hwdst=LAPTOP_MAC, pdst="10.0.0.2"),
        LINK / Dot1Q(vlan=9) / ARP(op=2, hwsrc=ATTACKER_MAC, psrc="10.0.0.1", hwdst=LAPTOP_MAC, pdst="10.0.0.2"),
        LINK / V4 / ICMP(type=5, code=1, gw="10.0.0.9") / IP(src="10.0.0.2", dst="192.0.2.1"),
        LINK
        / V4
        / UDP(sport=67, dport=68)
        / BOOTP(op=2, yiaddr="10.0.0.2", chaddr=b"\2\0\0\0\0\2")
        / DHCP(
            options=[
                ("message-type", "ack"),
                ("server_id", "10.0.0.1"),
                ("router", "10.0.0.1"),
                (121, b"\1\x80\n\0\0\x09"),
                "end",
            ]
        ),
        LINK
        / V4
        / UDP(sport=53, dport=40000)
        / DNS(id=1, qr=1, qd=DNSQR(qname="wpad.lan"), an=DNSRR(rrname="wpad.lan", rdata="10.0.0.9")),
        LINK
        / V4
        / UDP(sport=5355, dport=40000)
        / DNS(id=1, qr=1, qd=DNSQR(qname="x"), an=DNSRR(rrname="x", rdata="10.0.0.9")),
        LINK
        / V4
        / UDP(sport=137, dport=137)
        / NBNSHeader(RESPONSE=1, ANCOUNT=1)
        / NBNSQueryResponse(RR_NAME=b"x", ADDR_ENTRY=[NBNS_ADD_ENTRY(NB_ADDRESS="10.0.0.9")]),
        LINK / IP(src="93.184.216.34", dst="10.0.0.2") / TCP(sport=443, dport=40000, flags="SA"),
        LINK
        / V6
        / ICMPv6ND_RA(routerlifetime=1800)
        / ICMPv6NDOptSrcLLAddr(lladdr=ROUTER_MAC)
        / ICMPv6NDOptPrefixInfo(prefix="2001:db8::", prefixlen=64)
        / ICMPv6NDOptRDNSS(dns=["2001:db8::53"], lifetime=900),
        LINK / V6 / ICMPv6ND_NA(tgt="fe80::1", R=1, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=ATTACKER_MAC),
        LINK / V6 / ICMPv6ND_NS(tgt="fe80::1") / ICMPv6NDOptSrcLLAddr(lladdr=LAPTOP_MAC),
        LINK / V6 / ICMPv6ND_Redirect(tgt="fe80::9", dst="2001:db8::1") / ICMPv6NDOptDstLLAddr(lladdr=ATTACKER_MAC),
        LINK
        / V6
        / UDP(sport=547, dport=546)
        / DHCP6_Advertise(trid=1)
        / DHCP6OptServerId()
        / DHCP6OptDNSServers(dnsservers=["fe80::9"]),
    )
]


def engine() -> Engine:
    return Engine([file.make(Catalogue()) for file in rule_files().values() if file.group == "lan"])


def judged(observations: Iterable[Observation]) -> list[Output]:
    running = engine()
    out = [output for obs in observations for output in running.observe(obs)] + running.finish()
    assert running.disabled == {}
    return out


def findings(observations: Iterable[Observation]) -> set[str]:
    return {output.rule for output in judged(observations) if isinstance(output, Finding)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_frames_say_no_rule_raises(data: st.DataObject) -> None:
    told: list[Observation] = []
    streams = Streams(told.append, 1)
    for tick in range(data.draw(st.integers(1, 12))):
        frame = bytearray(data.draw(st.sampled_from(FRAMES)))
        for _ in range(data.draw(st.integers(0, 3))):
            frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
        length = data.draw(st.integers(1, len(frame)))
        streams.packet(bytes(frame[:length]), Seen(tick, tick), length)
    judged(told)


def link(**fields: object) -> LinkState:
    base = LinkState(seen(0.0), 3, "wlan0", LinkKind.WIFI, up=True, addresses=(f"{LAPTOP}/24",))
    return replace(base, **fields)  # type: ignore[arg-type]


CALM = (dhcp(2.0, 5), arp_reply(3.0, ROUTER, b"\2\0\0\0\0\1"), router_advertisement(4.0))


@pytest.mark.parametrize(
    "tables",
    [
        (link(gateways=(ip("0.0.0.0"),)), RouteState(seen(0.0), 4, "wlan0", ip("0.0.0.0"))),
        (link(gateways=(ip(ROUTER), ip("192.168.1.2"))), RouteState(seen(0.0), 4, "wlan0", ip(ROUTER))),
        (link(), RouteState(seen(0.0), 4, None), RouteState(seen(0.0), 6, None)),
        (link(kind=LinkKind.VPN, addresses=("10.9.0.2/32",)), RouteState(seen(0.0), 4, "wlan0", None)),
        (link(addresses=()), link(up=False), link(present=False), link()),
        (
            NeighbourSeen(seen(0.0), ip(ROUTER), None),
            NeighbourSeen(seen(0.0), b"", b""),
            NeighbourSeen(seen(0.0), ip("fe80::1"), b"\2"),
        ),
    ],
    ids=[
        "gateway 0.0.0.0",
        "two gateways",
        "no gateway",
        "point to point",
        "no address, then gone",
        "half a neighbour",
    ],
)
def test_odd_tables(tables: tuple[Observation, ...]) -> None:
    assert findings((*tables, *CALM)) == set()


def test_a_neighbour_table_of_a_hundred_thousand() -> None:
    table = (
        NeighbourSeen(seen(0.0), (0x0A000000 + n).to_bytes(4, "big"), b"\2" + n.to_bytes(5, "big"))
        for n in range(100_000)
    )
    assert findings(table) == set()


def test_addresses_that_are_nobodys() -> None:
    nobody, everybody = b"\0" * 6, b"\xff" * 6
    claims = [
        arp_announcement(float(tick), address, mac)
        for tick, (address, mac) in enumerate(
            [("0.0.0.0", b"\2\0\0\0\0\1"), (ROUTER, nobody), (ROUTER, everybody), ("255.255.255.255", b"\2\0\0\0\0\1")]
            * 5
        )
    ]
    assert findings((dhcp(0.0, 5), *claims)) == set()


def test_answers_of_probes_and_memories_that_make_no_sense() -> None:
    network = unidentified_network("wlan0")
    odd = ("", ",", "x", "::", "1.2.3.4", "02:00:00:00:00:01", "02:00:00:00:00:01,zz", "\0")
    for rule in rule_files():
        for text in odd:
            question = (("address", text), ("macs", text), ("name", text))
            answers = (("answered", text), ("?", text), ("verdict", text), ("state", text), (text, text))
            for probe in ("owners", "unknown-name", "names", "proves-itself", "portal", text):
                judged(
                    [
                        ProbeAnswer(seen(1.0), rule, probe, question, answers),
                        ProbeAnswer(seen(1.0), rule, probe, (), ()),
                    ]
                )
            judged([Remembered(seen(1.0), rule, network, ((text, text), ("server", text)))])


def test_a_rogue_router_that_the_kernel_keeps_is_news_when_it_returns() -> None:
    """The kernel believes it for hours; that does not make it one of the laptop's routers."""
    rogue = ip("fe80::66")
    believed = link(gateways=(rogue,))
    observations = (
        link(),
        NeighbourSeen(seen(0.1), ip(ROUTER), b"\2\0\0\0\0\1"),
        router_advertisement(60.0, "fe80::66", b"\2\0\0\0\0\6"),
        replace(believed, seen=seen(60.1)),
        router_advertisement(9000.0, "fe80::66", b"\2\0\0\0\0\6"),
    )
    told = [output for output in judged(observations) if isinstance(output, Finding)]
    assert [(found.rule, found.seen.tick) for found in told] == [
        ("rogue-router-advertisement", 60.0),
        ("rogue-router-advertisement", 9000.0),
    ]
