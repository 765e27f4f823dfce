"""IPv6 neighbour discovery, against scapy and against liars."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6ND_RS,
    ICMPv6NDOptDNSSL,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptMTU,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRDNSS,
    ICMPv6NDOptRouteInfo,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    fragment6,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from tests.decode.lan_frames import ATTACKER_MAC, LAPTOP_MAC, ROUTER_MAC, SEEN, told
from wifiguard.core.addresses import mac_bytes
from wifiguard.core.lan import (
    Delivery,
    IcmpRedirect,
    NeighbourAdvertisement,
    NeighbourSolicitation,
    Prefix,
    Route,
    RouterAdvertisement,
    RouterSolicitation,
)
from wifiguard.core.messages import Malformed
from wifiguard.decode import nd
from wifiguard.decode.bad import Bad

LINK = Ether(src=ROUTER_MAC, dst=LAPTOP_MAC)
DELIVERY = Delivery(mac_bytes(ROUTER_MAC), mac_bytes(LAPTOP_MAC), 0, 255)


def address(text: str) -> bytes:
    return ipaddress.IPv6Address(text).packed


HERE, THERE, GLOBAL = address("fe80::1"), address("fe80::2"), address("2001:db8::9")


def v6(message: Packet, **fields: object) -> Packet:
    return LINK / IPv6(**{"src": "fe80::1", "dst": "fe80::2", "hlim": 255} | fields) / message


def advertisement() -> Packet:
    return (
        ICMPv6ND_RA(routerlifetime=1800, prf=1, M=1, O=1)
        / ICMPv6NDOptSrcLLAddr(lladdr=ROUTER_MAC)
        / ICMPv6NDOptMTU(mtu=1500)
        / ICMPv6NDOptPrefixInfo(
            prefix="2001:db8::", prefixlen=64, L=1, A=1, validlifetime=86400, preferredlifetime=14400
        )
        / ICMPv6NDOptRouteInfo(prefix="fd00::", plen=48, rtlifetime=600)
        / ICMPv6NDOptRDNSS(dns=["2001:db8::53", "2001:db8::54"], lifetime=900)
        / ICMPv6NDOptDNSSL(searchlist=["lan.example", "b.example"], lifetime=900)
    )


EXPECTED = RouterAdvertisement(
    SEEN,
    DELIVERY,
    HERE,
    lifetime=1800,
    preference=1,
    managed=True,
    other=True,
    link_address=mac_bytes(ROUTER_MAC),
    prefixes=(Prefix(address("2001:db8::"), 64, True, True, 86400, 14400),),
    routes=(Route(address("fd00::"), 48, None, 600),),
    dns=(address("2001:db8::53"), address("2001:db8::54")),
    dns_lifetime=900,
    domains=("lan.example", "b.example"),
)


def test_every_message_is_what_scapy_wrote() -> None:
    frames = (
        v6(ICMPv6ND_RS()),
        v6(advertisement()),
        v6(ICMPv6ND_NS(tgt="2001:db8::9") / ICMPv6NDOptSrcLLAddr(lladdr=ROUTER_MAC)),
        v6(ICMPv6ND_NA(tgt="2001:db8::9", R=1, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=ATTACKER_MAC)),
        v6(ICMPv6ND_NA(tgt="2001:db8::9", R=0, S=0, O=0)),
        v6(ICMPv6ND_Redirect(tgt="fe80::66", dst="2001:db8::9")),
    )
    assert told(*frames) == [
        RouterSolicitation(SEEN, DELIVERY, HERE),
        EXPECTED,
        NeighbourSolicitation(SEEN, DELIVERY, HERE, GLOBAL, mac_bytes(ROUTER_MAC)),
        NeighbourAdvertisement(SEEN, DELIVERY, HERE, THERE, GLOBAL, mac_bytes(ATTACKER_MAC), True, True, True),
        NeighbourAdvertisement(SEEN, DELIVERY, HERE, THERE, GLOBAL, None, False, False, False),
        IcmpRedirect(SEEN, DELIVERY, HERE, THERE, address("fe80::66"), GLOBAL),
    ]


@pytest.mark.parametrize("header", [IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment(id=5)])
def test_an_advertisement_behind_an_extension_header_is_read(header: Packet) -> None:
    (found,) = told(v6(header / advertisement()))
    assert found == RouterAdvertisement(
        **{name: getattr(EXPECTED, name) for name in EXPECTED.__slots__}
        | {"seen": SEEN, "delivery": DELIVERY._replace(extended=True)}
    )


def test_an_advertisement_in_fragments_is_read() -> None:
    whole = v6(IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(id=9) / advertisement() / Raw(b""))
    packet = IPv6(src="fe80::1", dst="fe80::2", hlim=255) / IPv6ExtHdrFragment(id=9) / advertisement()
    pieces = fragment6(packet, 120)
    assert len(pieces) > 1
    assert isinstance(told(whole)[0], RouterAdvertisement)
    (found,) = told(*(LINK / piece for piece in pieces))
    assert isinstance(found, RouterAdvertisement)
    assert found.delivery == DELIVERY._replace(extended=True)
    assert found.prefixes == EXPECTED.prefixes


def test_what_a_router_could_have_forwarded_is_ignored_as_every_host_does() -> None:
    assert told(v6(advertisement(), hlim=254)) == []


@pytest.mark.parametrize("size", [0, 40])
def test_option_lengths_that_lie_are_malformed(size: int) -> None:
    message = bytearray(bytes(v6(ICMPv6ND_RA() / ICMPv6NDOptMTU())))
    message[-7] = size
    assert told(bytes(message)) == [Malformed(SEEN, "ndp", "length")]


def test_a_captive_portal_option() -> None:
    uri = b"https://portal.example/api"
    option = bytes([37, (len(uri) + 2 + 7) // 8]) + uri.ljust((len(uri) + 2 + 7) // 8 * 8 - 2, b"\0")
    (found,) = told(v6(ICMPv6ND_RA(routerlifetime=0) / Raw(option)))
    assert isinstance(found, RouterAdvertisement)
    assert (found.portal, found.lifetime) == (True, 0)


@given(st.integers(133, 137), st.binary(max_size=100), st.data())
def test_any_message_is_read_or_refused(kind: int, body: bytes, data: st.DataObject) -> None:
    whole = bytes(advertisement())
    at = data.draw(st.integers(0, len(whole)))
    changed = bytearray(whole)
    changed[at % len(whole)] ^= data.draw(st.integers(1, 255))
    for message in (bytes([kind]) + body, whole[:at], bytes(changed)):
        if message:
            try:
                nd.message(message, 0, len(message), HERE, THERE, DELIVERY, SEEN)
            except Bad:
                pass
