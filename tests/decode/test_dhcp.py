"""DHCPv4 and DHCPv6, against scapy and against liars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import (
    DUID_LL,
    DHCP6_Advertise,
    DHCP6_RelayReply,
    DHCP6OptDNSDomains,
    DHCP6OptDNSServers,
    DHCP6OptIA_NA,
    DHCP6OptIAAddress,
    DHCP6OptRelayMsg,
    DHCP6OptServerId,
)
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from tests.decode.lan_frames import ATTACKER_MAC, LAPTOP_MAC, ROUTER_MAC, SEEN, told
from wifiguard.core.addresses import address_text, mac_bytes
from wifiguard.core.lan import Delivery, Dhcp6Message, DhcpMessage, Route
from wifiguard.decode import dhcp, dhcp6
from wifiguard.decode.bad import Bad

ROUTER = bytes([10, 0, 0, 1])
GIVEN = bytes([10, 0, 0, 100])
addresses = st.binary(min_size=4, max_size=4)


def ip(*octets: int) -> bytes:
    return bytes(octets)


def offer(options: list[object], **fields: object) -> Packet:
    return (
        Ether(src=ROUTER_MAC, dst=LAPTOP_MAC)
        / IP(src="10.0.0.1", dst="10.0.0.100", ttl=64)
        / UDP(sport=67, dport=68)
        / BOOTP(op=2, xid=7, yiaddr="10.0.0.100", chaddr=mac_bytes(LAPTOP_MAC), **fields)
        / DHCP(options=[("message-type", "offer"), *options, "end"])
    )


def expected(**fields: object) -> DhcpMessage:
    delivery = Delivery(mac_bytes(ROUTER_MAC), mac_bytes(LAPTOP_MAC), 0, 64)
    base = DhcpMessage(SEEN, delivery, ROUTER, True, 2, 7, mac_bytes(LAPTOP_MAC), GIVEN)
    return DhcpMessage(**{name: getattr(base, name) for name in base.__slots__} | {"seen": SEEN} | fields)  # type: ignore[arg-type]


def test_all_that_a_server_can_say() -> None:
    frame = offer(
        [
            ("server_id", "10.0.0.1"),
            ("subnet_mask", "255.255.255.0"),
            ("router", "10.0.0.1", "10.0.0.2"),
            ("name_server", "10.0.0.53", "10.0.0.54"),
            ("domain", b"Lan.Example\0"),
            ("lease_time", 3600),
            (66, b"tftp"),
            (108, b"\0\0\7\x08"),
            (114, b"https://portal.example/"),
            (121, b"\x00\x0a\x00\x00\x01\x01\x80\x0a\x00\x00\x42\x18\xc0\xa8\x07\x0a\x00\x00\x42"),
            (252, b"http://wpad.example/wpad.dat"),
        ]
    )
    routes = (
        Route(ip(0, 0, 0, 0), 0, ROUTER),
        Route(ip(128, 0, 0, 0), 1, ip(10, 0, 0, 66)),
        Route(ip(192, 168, 7, 0), 24, ip(10, 0, 0, 66)),
    )
    full = expected(
        server=ROUTER,
        netmask=ip(255, 255, 255, 0),
        routers=(ROUTER, ip(10, 0, 0, 2)),
        dns=(ROUTER[:3] + b"\x35", ROUTER[:3] + b"\x36"),
        domain="lan.example",
        routes=routes,
        route_option=121,
        proxy=True,
        boot=True,
        portal=True,
        ipv6_only=True,
        lease=3600,
    )
    if "name_server" not in dir(DHCP):  # scapy calls option 6 name_server and option 5 IEN_name_server, by version
        frame[DHCP].options = [
            (6, b"\n\0\0\x35\n\0\0\x36") if o[0] == "name_server" else o for o in frame[DHCP].options
        ]
    assert told(bytes(frame)) == [full]


@given(
    st.lists(st.tuples(st.integers(0, 32), addresses, addresses), min_size=1, max_size=8), st.sampled_from([121, 249])
)
def test_routes_are_packed_by_their_length(routes: list[tuple[int, bytes, bytes]], code: int) -> None:
    value = b"".join(bytes([length]) + to[: (length + 7) // 8] + via for length, to, via in routes)
    (found,) = told(bytes(offer([(code, value)])))
    assert isinstance(found, DhcpMessage)
    wanted = tuple(Route(to[: (length + 7) // 8].ljust(4, b"\0"), length, via) for length, to, via in routes)
    assert (found.routes, found.route_option) == (wanted, code)


def test_old_routes_count_only_where_there_are_no_new_ones() -> None:
    old, new = (33, b"\x08\x08\x08\x08\x0a\0\0\x42"), (121, b"\x08\x0a\x0a\0\0\x01")
    (found,) = told(bytes(offer([old])))
    assert isinstance(found, DhcpMessage)
    assert (found.routes, found.route_option) == ((Route(ip(8, 8, 8, 8), 32, ip(10, 0, 0, 66)),), 33)
    (found,) = told(bytes(offer([old, new])))
    assert isinstance(found, DhcpMessage)
    assert found.route_option == 121


def test_options_in_parts_and_in_other_fields_are_joined() -> None:
    parts = offer([(121, b"\x18\xc0\xa8"), (121, b"\x07\x0a\x00\x00\x42")])
    overload = offer([(52, b"\3")], file=b"\x79\x06\x08\x09\x0a\x00\x00\x42\xff", sname=b"\xfc\x04http\xff")
    first, second = told(bytes(parts), bytes(overload))
    assert isinstance(first, DhcpMessage)
    assert isinstance(second, DhcpMessage)
    assert first.routes == (Route(ip(192, 168, 7, 0), 24, ip(10, 0, 0, 66)),)
    assert (second.routes, second.proxy) == ((Route(ip(9, 0, 0, 0), 8, ip(10, 0, 0, 66)),), True)


@pytest.mark.parametrize("value", [b"\n", b" ", b"\0", b""])
def test_a_blank_proxy_option_says_that_there_is_no_proxy(value: bytes) -> None:
    (found,) = told(bytes(offer([(252, value)])))
    assert isinstance(found, DhcpMessage)
    assert not found.proxy


def test_a_portal_that_is_open_is_none() -> None:
    (found,) = told(bytes(offer([(114, b"urn:ietf:params:capport:unrestricted")])))
    assert isinstance(found, DhcpMessage)
    assert not found.portal


def test_what_relays_and_servers_say_to_each_other_is_no_neighbours_offer() -> None:
    frame = offer([("server_id", "10.0.0.1")])
    frame[UDP].dport = 67
    assert told(bytes(frame)) == []


@pytest.mark.parametrize("option", [b"\x79\xff\0", b"\x79\x01\x21", b"\x79\x02\x20\x08", b"\x06"])
def test_lengths_that_lie_are_malformed(option: bytes) -> None:
    message = bytes(offer([])[BOOTP]).removesuffix(b"\xff") + option
    with pytest.raises(Bad):
        dhcp.message(message, ROUTER, Delivery(), SEEN)


@given(st.binary(max_size=120), st.binary(max_size=64), st.integers(0, 3))
def test_any_options_are_read_or_refused(options: bytes, file: bytes, overload: int) -> None:
    head = bytes([2, 1, 6, 0]) + bytes(40) + bytes(64) + file.ljust(128, b"\0")
    message = head + b"\x63\x82\x53\x63\x35\x01\x02\x34\x01" + bytes([overload]) + options
    for end in (len(message), len(message) // 2, 239, 10):
        try:
            dhcp.message(message[:end], ROUTER, Delivery(), SEEN)
        except Bad:
            pass


def advertise() -> Packet:
    return (
        DHCP6_Advertise(trid=9)
        / DHCP6OptServerId(duid=DUID_LL(lladdr=ATTACKER_MAC))
        / DHCP6OptIA_NA(iaid=1, ianaopts=[DHCP6OptIAAddress(addr="fe80::1234")])
        / DHCP6OptDNSServers(dnsservers=["fe80::66", "2001:db8::53"])
        / DHCP6OptDNSDomains(dnsdomains=["corp.example."])
    )


def v6(message: Packet, port: int = 546) -> bytes:
    link = Ether(src=ATTACKER_MAC, dst=LAPTOP_MAC) / IPv6(src="fe80::66", dst="fe80::2", hlim=64)
    return bytes(link / UDP(sport=547, dport=port) / message)


def test_what_a_dhcpv6_server_gives() -> None:
    (found,) = told(v6(advertise()))
    assert isinstance(found, Dhcp6Message)
    assert (found.kind, found.transaction, found.relayed) == (2, 9, False)
    assert [address_text(address) for address in found.addresses] == ["fe80::1234"]
    assert [address_text(address) for address in found.dns] == ["fe80::66", "2001:db8::53"]
    assert found.domains == ("corp.example",)
    assert found.server == bytes(DUID_LL(lladdr=ATTACKER_MAC))


def test_a_relayed_message_is_read_inside() -> None:
    relay = DHCP6_RelayReply(linkaddr="2001:db8::1", peeraddr="fe80::2") / DHCP6OptRelayMsg(message=advertise())
    found = dhcp6.message(bytes(relay), bytes(16), Delivery(), SEEN)
    assert (found.kind, found.relayed, len(found.dns)) == (2, True, 2)


@given(st.binary(max_size=80), st.data())
def test_any_dhcpv6_is_read_or_refused(noise: bytes, data: st.DataObject) -> None:
    whole = bytes(advertise())
    at = data.draw(st.integers(0, len(whole)))
    for message in (
        whole[:at],
        whole[:at] + noise,
        noise,
        b"\x0d" + noise.rjust(33, b"\0") + b"\0\x09\0\4" + noise[:4],
    ):
        try:
            dhcp6.message(message, bytes(16), Delivery(), SEEN)
        except Bad:
            pass
