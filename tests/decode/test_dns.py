"""DNS messages: what scapy writes is read as scapy reads it, and nothing that can be written does harm."""

from __future__ import annotations

import ipaddress
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dns import DNS, DNSQR, DNSRR, DNSRRHTTPS, DNSRROPT, DNSRRSVCB, EDNS0ClientSubnet, dns_compress

from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Seen
from wifiguard.decode import dns
from wifiguard.decode.bad import Bad, Reason

FLOW = Flow(bytes([10, 0, 0, 2]), 40000, bytes([10, 0, 0, 1]), 53, "udp")
SEEN = Seen(0.0, 0.0)
A, NS, CNAME, PTR, MX, TXT, AAAA, SVCB, HTTPS = 1, 2, 5, 12, 15, 16, 28, 64, 65


def read(data: bytes) -> DnsMessage | None:
    return dns.message(data, FLOW, "dns", SEEN)


def header(questions: int = 1, answers: int = 0, flags: int = 0x8180) -> bytes:
    return struct.pack("!HHHHHH", 7, flags, questions, answers, 0, 0)


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def question(text: str = "www.example.com") -> bytes:
    return name(text) + struct.pack("!HH", A, 1)


def record(owner: bytes, kind: int, data: bytes, length: int | None = None) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 60, len(data) if length is None else length) + data


def told(*answers: DnsRecord, asked: str = "www.example.com", rcode: int = 0) -> DnsMessage:
    return DnsMessage(SEEN, FLOW, "dns", 7, True, rcode, (DnsQuestion(asked, A),), answers)


def test_a_query_and_its_answer() -> None:
    assert read(header(flags=0x0100) + question("WWW.Example.COM")) == DnsMessage(
        SEEN, FLOW, "dns", 7, False, 0, (DnsQuestion("www.example.com", A),), ()
    )
    pointer = b"\xc0\x0c"
    data = header(answers=3) + question()
    data += record(pointer, CNAME, b"\4edge\xc0\x10") + record(b"\xc0\x2d", A, bytes([192, 0, 2, 1]))
    data += record(b"\xc0\x2d", AAAA, bytes(15) + b"\1")
    assert read(data) == told(
        DnsRecord("www.example.com", CNAME, 60, "edge.example.com"),
        DnsRecord("edge.example.com", A, 60, bytes([192, 0, 2, 1])),
        DnsRecord("edge.example.com", AAAA, 60, bytes(15) + b"\1"),
    )


def test_a_name_that_does_not_exist() -> None:
    assert read(header(flags=0x8183) + question()) == told(rcode=3)


def test_service_bindings_tell_their_target() -> None:
    alias = struct.pack("!H", 0) + name("svc.example.net")
    service = struct.pack("!H", 1) + b"\0" + struct.pack("!HH3s", 1, 3, b"\2h2")
    data = header(answers=3) + question()
    data += record(b"\xc0\x0c", HTTPS, alias) + record(b"\xc0\x0c", HTTPS, service) + record(b"\xc0\x0c", SVCB, b"\0\0")
    assert read(data) == told(
        DnsRecord("www.example.com", HTTPS, 60, "svc.example.net"),
        DnsRecord("www.example.com", HTTPS, 60, ""),
        DnsRecord("www.example.com", SVCB, 60, None),
    )


def test_letters_that_are_no_letters_are_spelled_out() -> None:
    message = read(header() + b"\5a.b\0\xff\7example\0" + struct.pack("!HH", A, 1))
    assert message is not None
    assert message.questions == (DnsQuestion("a\\.b\\000\\255.example", A),)


def test_what_is_neither_question_nor_answer() -> None:
    update = header(flags=0x2800) + question()
    assert read(update) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.SHORT),
        (header()[:11], Reason.SHORT),
        (header() + b"\3www", Reason.SHORT),
        (header() + name("www") + b"\0\1", Reason.SHORT),
        (header() + b"\xc0\x0c\0\1\0\1", Reason.NAME),  # itself
        (header() + b"\xc0\x0e\xc0\x0c\0\1\0\1", Reason.NAME),  # the next one, which points back
        (header() + b"\xc0\xff\0\1\0\1", Reason.NAME),  # beyond the end, and not earlier
        (header() + b"\x40a\0\0\1\0\1", Reason.NAME),
        (header() + b"\x3f" + b"a" * 63 + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1", Reason.NAME),
        (header(answers=1) + question() + record(b"\xc0\x0c", A, b"\1\2\3\4", 5), Reason.LENGTH),
    ],
)
def test_messages_that_are_none(data: bytes, reason: Reason) -> None:
    with pytest.raises(Bad) as caught:
        read(data)
    assert (caught.value.protocol, caught.value.reason) == ("dns", reason)


def test_addresses_of_another_length_are_no_addresses() -> None:
    data = header(answers=2) + question() + record(b"\xc0\x0c", A, b"\1\2\3") + record(b"\xc0\x0c", AAAA, b"\1\2\3\4")
    assert read(data) == told(DnsRecord("www.example.com", A, 60, None), DnsRecord("www.example.com", AAAA, 60, None))


@pytest.mark.parametrize(
    "body",
    [
        # Chains of pointers, each to the one before; and many names that all begin with a long chain.
        b"".join(struct.pack("!H", 0xC000 | (12 + 2 * n)) for n in range(8000)),
        question() + b"".join(record(b"\1a" + struct.pack("!H", 0xC00C), A, b"\1\2\3\4") for _ in range(3000)),
        b"\1a" * 30000,
        (b"\x3f" + b"\0" * 63) * 900,
    ],
)
def test_hostile_messages_cost_little(body: bytes) -> None:
    data = struct.pack("!HHHHHH", 7, 0x8180, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF) + body
    took = []
    for data_ in (data, header(1, 0xFFFF) + body):
        started = time.thread_time()
        try:
            read(data_)
        except Bad:
            pass
        took.append(time.thread_time() - started)
    assert min(took) < 0.02


LABELS = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
RECORDS = st.one_of(
    st.builds(
        lambda owner, address, ttl: DNSRR(rrname=owner, type="A", ttl=ttl, rdata=str(address)),
        NAMES,
        st.ip_addresses(v=4),
        st.integers(0, 2**31),
    ),
    st.builds(lambda owner, address: DNSRR(rrname=owner, type="AAAA", rdata=str(address)), NAMES, st.ip_addresses(v=6)),
    st.builds(lambda owner, target: DNSRR(rrname=owner, type="CNAME", rdata=target), NAMES, NAMES),
    st.builds(lambda owner, target: DNSRR(rrname=owner, type="PTR", rdata=target), NAMES, NAMES),
    st.builds(lambda owner, text: DNSRR(rrname=owner, type="TXT", rdata=[text]), NAMES, st.binary(max_size=30)),
    st.builds(lambda owner, target: DNSRRHTTPS(rrname=owner, svc_priority=1, target_name=target), NAMES, NAMES),
    st.builds(lambda owner, target: DNSRRSVCB(rrname=owner, svc_priority=0, target_name=target), NAMES, NAMES),
)


def as_scapy_reads(data: bytes) -> tuple[list[DnsQuestion], list[tuple[str, int, int, object]]]:
    message = DNS(data)
    questions = [DnsQuestion(_text(q.qname), q.qtype) for q in message.qd]
    return questions, [(_text(r.rrname), r.type, r.ttl, _data(r)) for r in message.an]


def _text(scapys: bytes | str) -> str:
    raw = scapys if isinstance(scapys, bytes) else scapys.encode()
    return raw.decode("ascii").removesuffix(".").lower()


def _data(record: DNSRR) -> object:
    if record.type in (A, AAAA):
        return ipaddress.ip_address(record.rdata).packed
    if record.type in (CNAME, PTR):
        return _text(record.rdata)
    if record.type in (SVCB, HTTPS):
        return _text(record.target_name)
    return None


@given(st.lists(NAMES, min_size=1, max_size=3), st.lists(RECORDS, max_size=6), st.booleans(), st.booleans())
def test_it_is_read_as_scapy_reads_it(asked: list[str], records: list[DNSRR], compressed: bool, edns: bool) -> None:
    extra = [DNSRROPT(rclass=4096, rdata=[EDNS0ClientSubnet(address="192.0.2.0")])] if edns else []
    message = DNS(id=7, qr=1, qd=[DNSQR(qname=each) for each in asked], an=records, ar=extra)
    data = bytes(dns_compress(message)) if compressed else bytes(message)
    read_by_us = read(data)
    assert read_by_us is not None
    questions, answers = as_scapy_reads(data)
    assert list(read_by_us.questions) == questions
    assert [tuple(each) for each in read_by_us.answers] == answers


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_bad(data: bytes) -> None:
    for body in (data, header(2, 3) + data):
        try:
            assert read(body) is None or isinstance(read(body), DnsMessage)
        except Bad:
            pass
        assert dns.looks_like_message(body) in (True, False)


WHOLE = (
    header(answers=3) + question() + record(b"\xc0\x0c", CNAME, b"\4edge\xc0\x10") + record(b"\xc0\x2d", A, bytes(4))
)
WHOLE += record(b"\xc0\x0c", HTTPS, struct.pack("!H", 1) + b"\xc0\x2d")


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_any_cut_and_any_changed_byte(cut: int, at: int, byte: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] = byte
    try:
        read(bytes(changed[:cut]))
    except Bad:
        pass
