"""The kernel's filter, judged by what it passes: packets built by scapy, run through the compiled program."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator
from contextlib import contextmanager

import cypcap
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP
from scapy.layers.dns import DNS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6ND_RA,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.l2 import ARP, LLC, SNAP, STP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether, Loopback
from scapy.packet import Packet, Raw

from wifiguard.sources.bpf import ETHERNET, MAX_INSTRUCTIONS, SHUNTS, Filter, check_kernel_runs, filter_text
from wifiguard.streams import Shunt

HELLO = b"\x16\x03\x01\x00\x10" + b"h" * 16
BULK = b"\x17\x03\x03\x40\x00" + b"b" * 600
QUIC = b"\xc3\x00\x00\x00\x01" + b"q" * 1195
# With both addresses given, scapy asks nobody for one.
FAR, NEAR = "02:00:00:00:00:01", "02:00:00:00:00:02"
ETHER = Ether(dst=FAR, src=NEAR)
V4 = IP(src="192.0.2.7", dst="198.51.100.9")
V6 = IPv6(src="2001:db8::7", dst="2001:db8::9")


@contextmanager
def dead(link_type: int) -> Iterator[cypcap.Pcap]:
    with cypcap.open_dead(link_type, 65535) as handle:
        yield handle


def passes(program: cypcap.BpfProgram, raw: bytes) -> bool:
    return bool(program.offline_filter(cypcap.Pkthdr(caplen=len(raw), len=len(raw)), raw))


NETWORK: list[tuple[str, Packet, bool]] = [
    ("icmp redirect", V4 / ICMP(type=5, code=1) / IP() / UDP(), True),
    ("icmp echo", V4 / ICMP(), False),
    ("router advertisement", V6 / ICMPv6ND_RA(), True),
    ("ra behind hop-by-hop", V6 / IPv6ExtHdrHopByHop() / ICMPv6ND_RA(), True),
    ("ra behind destination options", V6 / IPv6ExtHdrDestOpt() / ICMPv6ND_RA(), True),
    ("ra behind routing", V6 / IPv6ExtHdrRouting() / ICMPv6ND_RA(), True),
    ("ra in a fragment", V6 / IPv6ExtHdrFragment() / ICMPv6ND_RA(), True),
    ("dhcp", V4 / UDP(sport=68, dport=67) / BOOTP(), True),
    ("dhcpv6", V6 / UDP(sport=546, dport=547) / b"\x01abc", True),
    ("dns query", V4 / UDP(sport=40000, dport=53) / DNS(), True),
    ("dns answer over IPv6", V6 / UDP(sport=53, dport=40000) / DNS(), True),
    ("mdns", V4 / UDP(sport=5353, dport=5353) / DNS(), True),
    ("llmnr", V6 / UDP(sport=40000, dport=5355) / DNS(), True),
    ("nbns", V4 / UDP(sport=137, dport=137) / (b"n" * 50), True),
    ("other udp", V4 / UDP(sport=40000, dport=9999) / (b"x" * 100), False),
    ("other udp over IPv6", V6 / UDP(sport=40000, dport=9999) / (b"x" * 100), False),
    ("empty udp", V4 / UDP(sport=40000, dport=9999), False),
    ("quic long header", V4 / UDP(sport=40000, dport=443) / QUIC, True),
    ("quic long header from 443 over IPv6", V6 / UDP(sport=443, dport=40000) / QUIC, True),
    ("quic version 1 on another port", V4 / UDP(sport=40000, dport=8443) / QUIC, True),
    (
        "quic version 2 on another port",
        V6 / UDP(sport=40000, dport=8443) / (b"\xd0\x6b\x33\x43\xcf" + b"q" * 100),
        True,
    ),
    ("quic short header", V4 / UDP(sport=40000, dport=443) / (b"\x43" + b"q" * 1195), False),
    ("quic short header over IPv6", V6 / UDP(sport=443, dport=40000) / (b"\x43" + b"q" * 1195), False),
    ("rtp", V4 / UDP(sport=40000, dport=40002) / (b"\x80\x60" + b"r" * 160), False),
    ("noise that looks like a long header", V4 / UDP(sport=40000, dport=40002) / (b"\xc5\x60" + b"r" * 160), False),
    ("syn", V4 / TCP(dport=80, flags="S"), True),
    ("syn with options", V4 / TCP(dport=80, flags="S", options=[("MSS", 1460), ("SAckOK", b"")]), True),
    ("syn ack over IPv6", V6 / TCP(sport=80, flags="SA"), True),
    ("fin", V4 / TCP(dport=80, flags="FA"), True),
    ("rst over IPv6", V6 / TCP(dport=80, flags="R"), True),
    ("bare ack", V4 / TCP(dport=80, flags="A"), False),
    ("bare ack with options", V4 / TCP(dport=80, flags="A", options=[("Timestamp", (1, 2))]), False),
    ("bare ack behind ip options", IP(options=b"\x01" * 8, dst="198.51.100.9") / TCP(flags="A"), False),
    ("bare ack over IPv6", V6 / TCP(dport=80, flags="A"), False),
    ("bare ack with options over IPv6", V6 / TCP(flags="A", options=[("Timestamp", (1, 2))]), False),
    ("payload", V4 / TCP(dport=8080, flags="A") / b"G", True),
    ("payload behind options", V4 / TCP(flags="PA", options=[("Timestamp", (1, 2))]) / b"G", True),
    ("payload behind ip options", IP(options=b"\x01" * 8, dst="198.51.100.9") / TCP(flags="A") / b"G", True),
    ("payload over IPv6", V6 / TCP(dport=8080, flags="A") / b"G", True),
    ("segment above 64 KiB (length 0)", IP(len=0, dst="198.51.100.9") / TCP(flags="A") / b"G", True),
    ("fragment", IP(frag=100, dst="198.51.100.9") / (b"x" * 64), True),
    ("more fragments", IP(flags="MF", dst="198.51.100.9") / UDP(dport=9999) / (b"x" * 64), True),
    ("gre", IP(proto=47, dst="198.51.100.9") / (b"x" * 64), True),
    ("6in4", IP(proto=41, dst="198.51.100.9") / V6 / TCP(flags="A"), True),
    ("ip in ip over IPv6", IPv6(nh=4, dst="2001:db8::9") / V4 / TCP(flags="A"), True),
    ("authenticated router advertisement", IPv6(nh=51, dst="2001:db8::9") / (b"x" * 64), True),
    ("vxlan", V4 / UDP(sport=40000, dport=4789) / (b"\x08" + b"x" * 64), True),
    ("esp", IP(proto=50, dst="198.51.100.9") / (b"x" * 64), False),
    ("vxlan on Linux's old port", V6 / UDP(sport=40000, dport=8472) / (b"\x08" + b"x" * 64), True),
    ("wireguard", V4 / UDP(sport=51820, dport=51820) / (b"\x04\x00\x00\x00" + b"w" * 100), False),
    ("wireguard begins", V4 / UDP(sport=51820, dport=443) / (b"\x01\x00\x00\x00" + b"w" * 144), True),
    ("wireguard answers over IPv6", V6 / UDP(sport=443, dport=51820) / (b"\x02\x00\x00\x00" + b"w" * 88), True),
    ("almost wireguard", V4 / UDP(sport=51820, dport=443) / (b"\x01\x00\x00\x00" + b"w" * 145), False),
]


def framed(packet: Packet, link_type: int) -> bytes:
    """The packet behind the header of a link type."""
    six = isinstance(packet, IPv6)
    kind = 0x86DD if six else 0x0800
    match link_type:
        case 1:
            return bytes(ETHER / packet)
        case 0:
            return bytes(Loopback(type=10 if six else 2) / packet)
        case 12:
            return bytes(packet)
        case 113:
            return bytes(CookedLinux(src=bytes(6), proto=kind) / packet)
        case 276:
            return bytes(CookedLinuxV2(proto=kind) / packet)
        case 108:
            return (10 if six else 2).to_bytes(4, "big") + bytes(packet)
    raise AssertionError(link_type)


IP_LINKS = (1, 0, 12, 113, 276, 108)


@pytest.mark.parametrize("link_type", IP_LINKS)
def test_what_passes_on_each_link_type(link_type: int) -> None:
    with dead(link_type) as handle:
        program = Filter(handle).program()
    # One shunted stranger: the second stage runs, and changes nothing for others.
    with dead(link_type) as handle:
        staged = Filter(handle).program(
            [Shunt(bytes([203, 0, 113, 1]), 443, 40000, "tcp"), Shunt(bytes(16), 443, 40000, "tcp")]
        )
    for verdicts in (program, staged):
        got = {name: passes(verdicts, framed(packet, link_type)) for name, packet, _ in NETWORK}
        assert got == {name: expected for name, _, expected in NETWORK}


@pytest.mark.parametrize(
    "tags",
    [
        Dot1Q(vlan=7),
        Dot1AD(vlan=7),
        Dot1Q(vlan=7) / Dot1Q(vlan=8),
        Dot1AD(vlan=7) / Dot1Q(vlan=8),
    ],
    ids=["802.1Q", "802.1ad", "twice", "QinQ"],
)
def test_vlan_tags_change_nothing(tags: Packet) -> None:
    with dead(ETHERNET) as handle:
        program = Filter(handle).program()
    got = {name: passes(program, bytes(ETHER / tags / packet)) for name, packet, _ in NETWORK}
    assert got == {name: expected for name, _, expected in NETWORK}


def test_ethernet_that_is_not_ip() -> None:
    with dead(ETHERNET) as handle:
        program = Filter(handle).program()
    assert passes(program, bytes(ETHER / ARP(op=2, hwsrc=NEAR, psrc="192.0.2.7")))
    assert passes(program, bytes(ETHER / Dot1Q(vlan=7) / ARP(op=2, hwsrc=NEAR, psrc="192.0.2.7")))
    assert not passes(program, bytes(Dot3(dst=FAR, src=NEAR) / STP()))
    assert not passes(program, bytes(Ether(dst=FAR, src=NEAR, type=0x88CC) / Raw(b"lldp" * 20)))
    assert not passes(program, b"")
    assert not passes(program, bytes(Ether(dst=FAR, src=NEAR, type=0x8100)))
    assert passes(program, bytes(Dot3(dst=FAR, src=NEAR) / LLC() / SNAP(code=0x0800) / V4 / TCP(flags="A")))
    assert passes(program, bytes(Ether(dst=FAR, src=NEAR, type=0x8864) / Raw(b"pppoe session")))
    assert passes(program, bytes(Ether(dst=FAR, src=NEAR, type=0x8847) / Raw(b"mpls" * 8)))
    assert passes(program, bytes(ETHER / Dot1Q(type=0x8847) / Raw(b"mpls" * 8)))
    assert not passes(program, bytes(ETHER / Dot1Q(type=0x88CC) / Raw(b"lldp" * 8)))
    assert passes(program, bytes(ETHER / Dot1Q() / Dot1Q() / Dot1Q() / V4 / TCP(flags="A")))


SERVER4 = Shunt(ipaddress.ip_address("192.0.2.7").packed, 443, 40000, "tcp")
SERVER6 = Shunt(ipaddress.ip_address("2001:db8::7").packed, 443, 40000, "tcp")
QUIC4 = Shunt(ipaddress.ip_address("192.0.2.7").packed, 443, 40000, "udp")

SHUNTED: list[tuple[str, Packet, bool]] = [
    ("bulk", V4 / TCP(sport=443, dport=40000, flags="A") / BULK, False),
    ("bulk behind options", V4 / TCP(sport=443, dport=40000, flags="A", options=[("Timestamp", (1, 2))]) / BULK, False),
    (
        "bulk behind ip options",
        IP(src="192.0.2.7", options=b"\x01" * 8) / TCP(sport=443, dport=40000, flags="A") / BULK,
        False,
    ),
    ("bulk over IPv6", V6 / TCP(sport=443, dport=40000, flags="A") / BULK, False),
    ("a short payload", V4 / TCP(sport=443, dport=40000, flags="PA") / b"x", False),
    ("other direction", IP(src="198.51.100.9", dst="192.0.2.7") / TCP(dport=443, flags="PA") / BULK, True),
    ("another flow of the sender", V4 / TCP(sport=443, dport=40001, flags="A") / BULK, True),
    ("another flow of the sender over IPv6", V6 / TCP(sport=443, dport=40001, flags="A") / BULK, True),
    ("other port", V4 / TCP(sport=444, dport=40000, flags="A") / BULK, True),
    ("other port over IPv6", V6 / TCP(sport=444, dport=40000, flags="A") / BULK, True),
    ("other host", IP(src="192.0.2.8") / TCP(sport=443, dport=40000, flags="A") / BULK, True),
    ("other host over IPv6", IPv6(src="2001:db8:1::7") / TCP(sport=443, dport=40000, flags="A") / BULK, True),
    ("syn ack", V4 / TCP(sport=443, dport=40000, flags="SA"), True),
    ("syn ack over IPv6", V6 / TCP(sport=443, dport=40000, flags="SA"), True),
    ("fin with payload", V4 / TCP(sport=443, dport=40000, flags="FA") / BULK, True),
    ("rst", V4 / TCP(sport=443, dport=40000, flags="R"), True),
    ("tls handshake", V4 / TCP(sport=443, dport=40000, flags="A") / HELLO, True),
    (
        "tls handshake over IPv6",
        V6 / TCP(sport=443, dport=40000, flags="A", options=[("Timestamp", (1, 2))]) / HELLO,
        True,
    ),
    ("http answer", V4 / TCP(sport=443, dport=40000, flags="A") / b"HTTP/1.1 200 OK\r\n", True),
    ("http request over IPv6", V6 / TCP(sport=443, dport=40000, flags="A") / b"POST /login HTTP/1.1\r\n", True),
    ("smtp greeting", V4 / TCP(sport=443, dport=40000, flags="A") / b"220 mail.example\r\n", True),
    ("imap greeting", V4 / TCP(sport=443, dport=40000, flags="A") / b"* OK ready\r\n", True),
    ("ssh greeting", V6 / TCP(sport=443, dport=40000, flags="A") / b"SSH-2.0-x\r\n", True),
    ("bare ack", V4 / TCP(sport=443, dport=40000, flags="A"), False),
    ("fragment", IP(src="192.0.2.7", frag=100, proto=6) / BULK, True),
    ("quic from the same port", V4 / UDP(sport=443, dport=40000) / QUIC, False),
    ("quic to the same port", V4 / UDP(sport=40000, dport=443) / QUIC, True),
    ("quic from the same port over IPv6", V6 / UDP(sport=443, dport=40000) / QUIC, True),
    ("dns", V4 / UDP(sport=53, dport=40000) / DNS(), True),
    ("router advertisement", V6 / ICMPv6ND_RA(), True),
]


@pytest.mark.parametrize("link_type", IP_LINKS)
def test_a_shunt_drops_bulk_and_passes_beginnings(link_type: int) -> None:
    with dead(link_type) as handle:
        program = Filter(handle).program([SERVER4, SERVER6, QUIC4])
    got = {name: passes(program, framed(packet, link_type)) for name, packet, _ in SHUNTED}
    assert got == {name: expected for name, _, expected in SHUNTED}


@pytest.mark.parametrize("tags", [Dot1Q(vlan=7), Dot1AD(vlan=7) / Dot1Q(vlan=8)], ids=["802.1Q", "QinQ"])
def test_a_shunt_finds_its_flow_behind_vlan_tags(tags: Packet) -> None:
    with dead(ETHERNET) as handle:
        program = Filter(handle).program([SERVER4, SERVER6, QUIC4])
    got = {name: passes(program, bytes(ETHER / tags / packet)) for name, packet, _ in SHUNTED}
    assert got == {name: expected for name, _, expected in SHUNTED}


senders = st.sampled_from(
    [
        Shunt(ipaddress.ip_address(f"192.0.2.{host}").packed, *ports, transport)
        for host in (1, 2)
        for ports in ((443, 40000), (443, 40001), (8443, 40000))
        for transport in ("tcp", "udp")
    ]
    + [
        Shunt(ipaddress.ip_address(f"2001:db8:{net}::{host}").packed, *ports, transport)
        for net in (1, 2)
        for host in (1, 2)
        for ports in ((443, 40000), (443, 40001), (8443, 40000))
        for transport in ("tcp", "udp")
    ]
)


@given(st.lists(senders, max_size=SHUNTS), senders)
@settings(max_examples=300, deadline=None)
def test_exactly_the_shunted_are_dropped(shunts: list[Shunt], sender: Shunt) -> None:
    with dead(12) as handle:
        program = Filter(handle).program(shunts)
    source = str(ipaddress.ip_address(sender.address))
    network = IP(src=source) if len(sender.address) == 4 else IPv6(src=source)
    ports = {"sport": sender.port, "dport": sender.peer_port}
    transport = TCP(**ports, flags="A") / BULK if sender.transport == "tcp" else UDP(**ports) / QUIC
    assert passes(program, bytes(network / transport)) is (sender not in shunts)


def test_the_most_shunts_fit_the_kernel_and_more_are_left_out() -> None:
    shunts = [Shunt(random.Random(i).randbytes(16), 443, 40000, "tcp") for i in range(SHUNTS + 10)]
    with dead(ETHERNET) as handle:
        program = Filter(handle).program(shunts)
    assert len(list(program)) < MAX_INSTRUCTIONS / 2
    kept, left = (
        bytes(
            ETHER / IPv6(src=str(ipaddress.ip_address(shunt.address))) / TCP(sport=443, dport=40000, flags="A") / BULK
        )
        for shunt in (shunts[SHUNTS - 1], shunts[SHUNTS])
    )
    assert (passes(program, kept), passes(program, left)) == (False, True)


@pytest.mark.parametrize("link_type", [105, 127])
def test_the_air_passes_management_and_data(link_type: int) -> None:
    radiotap = b"" if link_type == 105 else b"\x00\x00\x08\x00\x00\x00\x00\x00"
    beacon, deauth, open_data, protected, ack = (
        radiotap + bytes.fromhex(control) + bytes(60) for control in ("8000", "c000", "0801", "0841", "d400")
    )
    with dead(link_type) as handle:
        program = Filter(handle).program([SERVER4])
    got = [passes(program, frame) for frame in (beacon, deauth, open_data, protected, ack)]
    assert got == [True, True, True, True, False]


def test_an_unknown_link_type_passes_everything() -> None:
    assert filter_text(147) == ""
    with dead(147) as handle:
        program = Filter(handle).program([SERVER4])
    assert passes(program, b"anything")


def test_a_program_that_leaves_the_kernel_is_refused() -> None:
    with dead(ETHERNET) as handle:
        loop = list(handle.compile("ip6 protochain 58", netmask=cypcap.NETMASK_UNKNOWN))
    with pytest.raises(ValueError, match="loops"):
        check_kernel_runs(loop)
    with pytest.raises(ValueError, match="5000 instructions"):
        check_kernel_runs([(6, 0, 0, 0)] * 5000)
