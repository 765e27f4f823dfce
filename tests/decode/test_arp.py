"""ARP, against scapy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether

from tests.decode.lan_frames import ATTACKER_MAC, LAPTOP_MAC, ROUTER_MAC, SEEN, told
from wifiguard.core.addresses import address_text, mac_bytes, mac_text
from wifiguard.core.lan import ArpSeen, Delivery, IcmpRedirect
from wifiguard.core.messages import Malformed
from wifiguard.decode import arp
from wifiguard.decode.bad import Bad

macs = st.binary(min_size=6, max_size=6).map(mac_text)
addresses = st.binary(min_size=4, max_size=4).map(address_text)


@given(macs, macs, macs, addresses, macs, addresses, st.sampled_from([1, 2]))
def test_a_message_is_what_scapy_wrote(
    source: str, to: str, sender_mac: str, sender: str, target_mac: str, target: str, operation: int
) -> None:
    frame = Ether(src=source, dst=to) / ARP(op=operation, hwsrc=sender_mac, psrc=sender, hwdst=target_mac, pdst=target)
    (found,) = told(frame)
    assert isinstance(found, ArpSeen)
    assert (mac_text(found.delivery.mac), mac_text(found.delivery.to)) == (source, to)
    assert (mac_text(found.sender_mac), address_text(found.sender)) == (sender_mac, sender)
    assert (mac_text(found.target_mac), address_text(found.target)) == (target_mac, target)
    assert found.reply == (operation == 2)


def test_tags_tell_networks_apart() -> None:
    inside = ARP(op=2, hwsrc=ROUTER_MAC, psrc="10.0.0.1", hwdst=LAPTOP_MAC, pdst="10.0.0.2")
    link = Ether(src=ROUTER_MAC, dst=LAPTOP_MAC)
    frames = (link / inside, link / Dot1Q(vlan=5) / inside, link / Dot1AD(vlan=7) / Dot1Q(vlan=5) / inside)
    assert [found.delivery.vlan for found in told(*frames) if isinstance(found, ArpSeen)] == [0, 5, 7 << 12 | 5]


@pytest.mark.parametrize(
    ("fields", "malformed"),
    [
        ({"hwtype": 15}, False),
        ({"ptype": 0x86DD}, False),
        ({"op": 3}, False),
        ({"op": 0}, False),
        ({"hwlen": 8}, True),
        ({"plen": 16}, True),
        ({"hwlen": 255, "plen": 255}, True),
    ],
)
def test_what_is_not_ipv4_over_ethernet_binds_nothing(fields: dict[str, int], malformed: bool) -> None:
    frame = bytearray(bytes(Ether(src=ROUTER_MAC, dst=LAPTOP_MAC) / ARP(op=2, hwlen=6, plen=4)))
    places = {"hwtype": (14, 2), "ptype": (16, 2), "hwlen": (18, 1), "plen": (19, 1), "op": (20, 2)}
    for name, value in fields.items():
        at, size = places[name]
        frame[at : at + size] = value.to_bytes(size, "big")
    out = told(bytes(frame))
    assert out == ([Malformed(SEEN, "arp", "header")] if malformed else [])


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        arp.message(data, 0, Delivery(), SEEN)
    except Bad:
        pass


def test_a_redirect() -> None:
    frame = (
        Ether(src=ATTACKER_MAC, dst=LAPTOP_MAC)
        / IP(src="10.0.0.1", dst="10.0.0.2", ttl=64)
        / ICMP(type=5, code=1, gw="10.0.0.66")
        / IP(src="10.0.0.2", dst="203.0.113.9")
        / b"8 bytes."
    )
    delivery = Delivery(mac_bytes(ATTACKER_MAC), mac_bytes(LAPTOP_MAC), 0, 64)
    expected = IcmpRedirect(
        SEEN,
        delivery,
        source=bytes([10, 0, 0, 1]),
        victim=bytes([10, 0, 0, 2]),
        gateway=bytes([10, 0, 0, 66]),
        destination=bytes([203, 0, 113, 9]),
    )
    assert told(frame) == [expected]
    for end in range(34, 61):  # Ethernet pads what is short
        assert told(bytes(frame)[:end]) != [expected]
