"""Every link type, tag and tunnel around one segment, built by scapy: what is handed up is what scapy put in."""

from __future__ import annotations

import random
import struct
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, PrismHeader, RadioTap
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting
from scapy.layers.ipsec import AH
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback
from scapy.layers.ppi import PPI, PPI_Hdr
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.frames import Frames, supported

SAID = b"GET / HTTP/1.1\r\nHost: x.example\r\n\r\n"
FOUR = IP(src="192.0.2.7", dst="198.51.100.9")
SIX = IPv6(src="2001:db8::7", dst="2001:db8::9")
SEGMENT = TCP(sport=40000, dport=80, flags="PA", seq=7) / SAID
ETHER = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")
SIGNED = AH(nh=6, payloadlen=4, icv=bytes(12))
AIR = Dot11(type=2, FCfield=1, addr1="02:00:00:00:00:01", addr2="02:00:00:00:00:02", addr3="02:00:00:00:00:03")
SNAPPED = LLC() / SNAP(code=0x0800) / FOUR / SEGMENT


class Segment(NamedTuple):
    source: bytes
    source_port: int
    destination: bytes
    destination_port: int
    sequence: int
    flags: int
    said: bytes


IN_FOUR = Segment(bytes([192, 0, 2, 7]), 40000, bytes([198, 51, 100, 9]), 80, 7, 0x18, SAID)
IN_SIX = IN_FOUR._replace(
    source=bytes.fromhex("20010db8") + bytes(11) + b"\7", destination=bytes.fromhex("20010db8") + bytes(11) + b"\x09"
)


class Ears:
    """Takes what frames carry."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.others: list[str] = []

    def tcp(self, *told: object) -> None:
        *ends, data, start, end, _ = told
        self.segments.append(Segment(*ends, data[start:end]))  # type: ignore[arg-type, index]

    def udp(self, *told: object) -> None:
        self.others.append("udp")

    def fragment(self, *told: object) -> None:
        self.others.append("fragment")

    def icmp(self, *told: object) -> None:
        self.others.append("icmp")

    def other(self, protocol: str, *told: object) -> None:
        self.others.append(protocol)


def heard(link_type: int, frame: Packet | bytes, *, wire: int = 0) -> Ears:
    ears = Ears()
    data = bytes(frame)
    Frames(link_type, ears).read(data, max(wire, len(data)), Seen(0.0, 0.0))
    return ears


def subframe(packet: Packet) -> bytes:
    """A part of an A-MSDU."""
    body = bytes(LLC() / SNAP(code=0x0800) / packet)
    return bytes(12) + struct.pack("!H", len(body)) + body + bytes(-(14 + len(body)) % 4)


AVS = struct.pack("!II", 0x80211001, 64) + bytes(56)
# Radiotap with flags: the header is padded to words.
PADDED = struct.pack("<BBHIB", 0, 0, 9, 2, 0x20)

LINKS: list[tuple[str, int, Packet | bytes, Segment]] = [
    ("Ethernet", 1, ETHER / FOUR / SEGMENT, IN_FOUR),
    ("IPv6", 1, ETHER / SIX / SEGMENT, IN_SIX),
    ("options of IPv4", 1, ETHER / IP(src=FOUR.src, dst=FOUR.dst, options=b"\1" * 8) / SEGMENT, IN_FOUR),
    ("headers of IPv6", 1, ETHER / SIX / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt() / SEGMENT, IN_SIX),
    ("authentication", 1, ETHER / IPv6(src=SIX.src, dst=SIX.dst, nh=51) / SIGNED / SEGMENT, IN_SIX),
    ("SNAP", 1, Ether(dst=ETHER.dst, src=ETHER.src, type=len(SNAPPED)) / SNAPPED, IN_FOUR),
    ("a padded frame", 1, bytes(ETHER / FOUR / SEGMENT) + bytes(20), IN_FOUR),
    ("802.1Q", 1, ETHER / Dot1Q(vlan=7) / FOUR / SEGMENT, IN_FOUR),
    ("QinQ", 1, ETHER / Dot1AD(vlan=7) / Dot1Q(vlan=8) / SIX / SEGMENT, IN_SIX),
    ("four tags", 1, ETHER / Dot1AD() / Dot1Q() / Dot1Q() / Dot1Q() / FOUR / SEGMENT, IN_FOUR),
    ("SNAP behind a tag", 1, ETHER / Dot1Q(type=len(SNAPPED)) / SNAPPED, IN_FOUR),
    ("MPLS", 1, Ether(dst=ETHER.dst, type=0x8847) / MPLS(s=0) / MPLS(s=1) / FOUR / SEGMENT, IN_FOUR),
    ("PPPoE", 1, ETHER / PPPoE(sessionid=7) / PPP(proto=0x21) / FOUR / SEGMENT, IN_FOUR),
    ("PPPoE with IPv6 behind a tag", 1, ETHER / Dot1Q() / PPPoE(sessionid=7) / PPP(proto=0x57) / SIX / SEGMENT, IN_SIX),
    ("6in4", 1, ETHER / FOUR / SIX / SEGMENT, IN_SIX),
    ("4in6", 1, ETHER / SIX / FOUR / SEGMENT, IN_FOUR),
    ("IP in IP", 1, ETHER / IP(src="203.0.113.1", dst="203.0.113.2") / FOUR / SEGMENT, IN_FOUR),
    ("GRE", 1, ETHER / FOUR / GRE() / SIX / SEGMENT, IN_SIX),
    ("GRE with key and number", 1, ETHER / FOUR / GRE(key_present=1, seqnum_present=1) / FOUR / SEGMENT, IN_FOUR),
    ("GRE with Ethernet", 1, ETHER / SIX / GRE(proto=0x6558, chksum_present=1) / ETHER / FOUR / SEGMENT, IN_FOUR),
    ("mirrored frames", 1, ETHER / FOUR / GRE(proto=0x88BE, seqnum_present=1) / Raw(bytes(8)) / ETHER / FOUR / SEGMENT, IN_FOUR),
    ("VXLAN", 1, ETHER / FOUR / UDP(sport=1) / VXLAN(vni=7) / ETHER / Dot1Q() / FOUR / SEGMENT, IN_FOUR),
    ("VXLAN on the old port", 1, ETHER / FOUR / UDP(sport=1, dport=8472) / VXLAN() / ETHER / FOUR / SEGMENT, IN_FOUR),
    ("four tunnels", 1, ETHER / FOUR / GRE() / SIX / FOUR / SIX / FOUR / SEGMENT, IN_FOUR),
    ("raw IP", 101, FOUR / SEGMENT, IN_FOUR),
    ("raw IPv6", 12, SIX / SEGMENT, IN_SIX),
    ("IPv6 alone", 229, SIX / SEGMENT, IN_SIX),
    ("loopback", 0, Loopback(type=2) / FOUR / SEGMENT, IN_FOUR),
    ("loopback of macOS", 0, struct.pack("<I", 30) + bytes(SIX / SEGMENT), IN_SIX),
    ("loopback of OpenBSD", 108, struct.pack("!I", 24) + bytes(SIX / SEGMENT), IN_SIX),
    ("PPP", 9, PPP(proto=0x21) / FOUR / SEGMENT, IN_FOUR),
    ("PPP in HDLC", 50, b"\xff\x03" + bytes(PPP(proto=0x57) / SIX / SEGMENT), IN_SIX),
    ("HDLC", 104, b"\x0f\0\x08\0" + bytes(FOUR / SEGMENT), IN_FOUR),
    ("Linux cooked", 113, CookedLinux(proto=0x0800) / FOUR / SEGMENT, IN_FOUR),
    ("Linux cooked, tagged", 113, CookedLinux(proto=0x8100) / Dot1Q() / FOUR / SEGMENT, IN_FOUR),
    ("Linux cooked v2", 276, CookedLinuxV2(proto=0x86DD) / SIX / SEGMENT, IN_SIX),
    ("bare 802.11", 105, AIR / SNAPPED, IN_FOUR),
    ("802.11 with QoS", 105, Dot11(type=2, subtype=8, FCfield=2) / Dot11QoS() / SNAPPED, IN_FOUR),
    ("802.11 between access points", 105, Dot11(type=2, FCfield=3, addr4="02:00:00:00:00:04") / SNAPPED, IN_FOUR),
    ("radiotap", 127, RadioTap() / AIR / SNAPPED, IN_FOUR),
    ("radiotap with more flags", 127, RadioTap(present="TSFT+Flags+Channel", Flags="FCS") / AIR / SNAPPED, IN_FOUR),
    (
        "radiotap with padding",
        127,
        PADDED + bytes(Dot11(type=2, subtype=8) / Dot11QoS()) + bytes(2) + bytes(SNAPPED),
        IN_FOUR,
    ),
    ("PPI with 802.11", 192, PPI(dlt=105) / AIR / SNAPPED, IN_FOUR),
    ("PPI with Ethernet", 192, PPI(dlt=1) / ETHER / FOUR / SEGMENT, IN_FOUR),
    ("PPI with raw IP", 192, PPI(dlt=101, headers=[PPI_Hdr() / Raw(bytes(8))]) / SIX / SEGMENT, IN_SIX),
    ("Prism", 119, PrismHeader(len=len(PrismHeader())) / AIR / SNAPPED, IN_FOUR),
    ("AVS", 163, AVS + bytes(AIR / SNAPPED), IN_FOUR),
]  # fmt: skip
IDS = [name for name, *_ in LINKS]


@pytest.mark.parametrize(("name", "link_type", "frame", "expected"), LINKS, ids=IDS)
def test_what_a_frame_carries(name: str, link_type: int, frame: Packet | bytes, expected: Segment) -> None:
    assert heard(link_type, frame).segments == [expected]


@pytest.mark.parametrize(("name", "link_type", "frame", "expected"), LINKS, ids=IDS)
def test_a_frame_cut_by_the_capture_is_no_complaint(
    name: str, link_type: int, frame: Packet | bytes, expected: Segment
) -> None:
    data = bytes(frame)
    for size in range(len(data)):
        try:
            ears = heard(link_type, data[:size], wire=len(data))
        except Bad as bad:
            # The radio's own header is no packet's: a file that cuts it is of no use.
            assert (link_type, bad.protocol) in {(link, "wifi") for link in (105, 119, 127, 163, 192)}
        else:
            assert [each._replace(said=b"") for each in ears.segments] in ([], [expected._replace(said=b"")])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LINKS), st.integers())
def test_spoilt_frames_raise_nothing_but_bad(link: tuple[str, int, Packet | bytes, Segment], seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(bytes(link[2]))
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    data = data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data
    try:
        heard(link[1], bytes(data))
    except Bad:
        pass


def test_every_part_of_an_aggregate_is_read() -> None:
    head = bytes(Dot11(type=2, subtype=8) / Dot11QoS(A_MSDU_Present=1))
    ears = heard(105, head + subframe(FOUR / SEGMENT) + subframe(FOUR / TCP(flags="S")) + subframe(FOUR / SEGMENT))
    assert [each.said for each in ears.segments] == [SAID, b"", SAID]


@pytest.mark.parametrize(
    ("frame", "protocol"),
    [
        (ETHER / FOUR / GRE() / FOUR / SIX / FOUR / SIX / FOUR / SEGMENT, "ip"),
        (ETHER / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / Dot1Q() / FOUR / SEGMENT, "vlan"),
        (Ether(type=0x8847) / MPLS(s=0) / MPLS(s=0) / MPLS(s=0) / MPLS(s=0) / MPLS(s=1) / FOUR, "mpls"),
        (ETHER / SIX / Raw(bytes(SIX / SEGMENT)), None),
    ],
)
def test_nesting_has_an_end(frame: Packet, protocol: str | None) -> None:
    if protocol is None:
        assert heard(1, frame).segments == []
        return
    with pytest.raises(Bad) as caught:
        heard(1, frame)
    assert (caught.value.protocol, caught.value.reason) == (protocol, Reason.NESTING)


@pytest.mark.parametrize(
    ("link_type", "frame", "others"),
    [
        (105, Dot11(type=2, FCfield=0x41) / Raw(bytes(60)), ["wifi"]),
        (105, Dot11(type=2, subtype=4) / SNAPPED, ["wifi"]),  # null: a subtype without payload
        (127, RadioTap(present="Flags", Flags="badFCS") / AIR / SNAPPED, []),
        (192, PPI(dlt=105, headers=[PPI_Hdr(pfh_type=2) / Raw(bytes(8) + b"\4" + bytes(11))]) / AIR / SNAPPED, []),
        (1, ETHER / Raw(b"\x88\x64"), []),
        (1, ETHER / PPPoE(code=0xA7) / PPP(proto=0x21) / FOUR / SEGMENT, []),
        (1, ETHER / FOUR / GRE(version=1) / FOUR / SEGMENT, []),
        (1, ETHER / FOUR / TCP(flags="A"), []),
        (1, ETHER / FOUR / UDP(sport=1, dport=2) / b"x", ["udp"]),
    ],
)
def test_what_carries_no_segment(link_type: int, frame: Packet, others: list[str]) -> None:
    ears = heard(link_type, frame)
    assert (ears.segments, ears.others) == ([], others)


def test_link_types_that_are_read() -> None:
    assert {link for _, link, *_ in LINKS} <= {link for link in range(300) if supported(link)}
    assert not supported(147)
    assert heard(147, ETHER / FOUR / SEGMENT).segments == []
