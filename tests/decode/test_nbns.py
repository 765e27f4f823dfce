"""The NetBIOS name service, against scapy and against liars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.netbios import NBNS_ADD_ENTRY, NBNSHeader, NBNSQueryRequest, NBNSQueryResponse
from scapy.packet import Packet

from tests.decode.lan_frames import ATTACKER_MAC, LAPTOP_MAC, SEEN, told
from wifiguard.core.addresses import mac_bytes
from wifiguard.core.lan import Delivery, NbnsMessage
from wifiguard.core.messages import DnsMessage
from wifiguard.decode import nbns
from wifiguard.decode.bad import Bad

FILE_SERVER = 0x4341  # 0x20, as its two letters
ME, HE, ALL = bytes([10, 0, 0, 2]), bytes([10, 0, 0, 66]), bytes([10, 0, 0, 255])


def query(name: bytes = b"FileServer") -> Packet:
    return (
        Ether(src=LAPTOP_MAC, dst="ff:ff:ff:ff:ff:ff")
        / IP(src="10.0.0.2", dst="10.0.0.255", ttl=64)
        / UDP(sport=137, dport=137)
        / NBNSHeader(NAME_TRN_ID=77, QDCOUNT=1, NM_FLAGS=0x11)
        / NBNSQueryRequest(QUESTION_NAME=name, SUFFIX=FILE_SERVER)
    )


def answer(group: int = 0) -> Packet:
    return (
        Ether(src=ATTACKER_MAC, dst=LAPTOP_MAC)
        / IP(src="10.0.0.66", dst="10.0.0.2", ttl=64)
        / UDP(sport=137, dport=137)
        / NBNSHeader(NAME_TRN_ID=77, RESPONSE=1, ANCOUNT=1, NM_FLAGS=0x50)
        / NBNSQueryResponse(
            RR_NAME=b"FileServer",
            SUFFIX=FILE_SERVER,
            ADDR_ENTRY=[NBNS_ADD_ENTRY(G=group, NB_ADDRESS="10.0.0.66")],
        )
    )


def test_a_question_and_its_answer() -> None:
    asked = Delivery(mac_bytes(LAPTOP_MAC), b"\xff" * 6, 0, 64)
    given = Delivery(mac_bytes(ATTACKER_MAC), mac_bytes(LAPTOP_MAC), 0, 64)
    assert told(query(), answer()) == [
        NbnsMessage(SEEN, asked, ME, ALL, 77, False, "fileserver", 0x20, broadcast=True),
        NbnsMessage(SEEN, given, HE, ME, 77, True, "fileserver", 0x20, addresses=(HE,)),
    ]


def test_a_groups_name_may_have_many_owners() -> None:
    (found,) = told(answer(group=1))
    assert isinstance(found, NbnsMessage)
    assert found.group


@pytest.mark.parametrize("name", [b"\x21" + b"A" * 33 + b"\0", b"\x20" + b"q" * 32 + b"\0", b"\xc0\x0c"])
def test_names_that_are_none(name: bytes) -> None:
    message = bytes(query()[NBNSHeader])[:12] + name + b"\0\x20\0\1"
    try:
        assert nbns.message(message, ME, ALL, Delivery(), SEEN) is None
    except Bad:
        pass


@given(st.binary(max_size=100), st.data())
def test_any_message_is_read_or_refused(noise: bytes, data: st.DataObject) -> None:
    for frame in (query(), answer()):
        whole = bytes(frame[NBNSHeader])
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytearray(whole)
        changed[at] ^= data.draw(st.integers(1, 255))
        for message in (whole[:at], bytes(changed), noise, whole[:12] + noise):
            try:
                nbns.message(message, ME, ALL, Delivery(), SEEN)
            except Bad:
                pass


def test_llmnr_and_mdns_answers_tell_who_sent_them() -> None:
    for port, protocol in ((5355, "llmnr"), (5353, "mdns")):
        frame = (
            Ether(src=ATTACKER_MAC, dst=LAPTOP_MAC)
            / IP(src="10.0.0.66", dst="10.0.0.2", ttl=1)
            / UDP(sport=port, dport=50000)
            / DNS(id=5, qr=1, qd=DNSQR(qname="printer"), an=DNSRR(rrname="printer", rdata="10.0.0.66"))
        )
        (found,) = told(frame)
        assert isinstance(found, DnsMessage)
        assert found.protocol == protocol
        assert found.delivery == Delivery(mac_bytes(ATTACKER_MAC), mac_bytes(LAPTOP_MAC), 0, 1)
