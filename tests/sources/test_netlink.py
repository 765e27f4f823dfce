"""Netlink messages as pyroute2 writes them, and as nobody should."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from wifiguard.sources.netlink import DONE, ERROR, HEADER, Message, attributes, messages, refusal
from wifiguard.sources.rtnetlink import Hop, Link, read_address, read_link, read_route


def written(kind: type[Any], fields: dict[str, Any], *attrs: tuple[str, Any]) -> bytes:
    """The body of a message, as another implementation writes it."""
    message = kind()
    message.update(fields)
    message["attrs"] = list(attrs)
    message.encode()
    return bytes(message.data[HEADER.size :])


LINK = written(
    ifinfmsg,
    {"family": 0, "ifi_type": 1, "index": 7, "flags": 0x1 | 0x40, "change": 0},
    ("IFLA_IFNAME", "tap0"),
    ("IFLA_ADDRESS", "02:00:00:00:00:07"),
    ("IFLA_MASTER", 3),
    ("IFLA_CARRIER_CHANGES", 5),
    ("IFLA_PROMISCUITY", 1),
    ("IFLA_LINKINFO", {"attrs": [("IFLA_INFO_KIND", "tun"), ("IFLA_INFO_DATA", {"attrs": [("IFLA_TUN_TYPE", 2)]})]}),
)
ADDRESS = written(
    ifaddrmsg,
    {"family": socket.AF_INET, "prefixlen": 32, "flags": 0, "scope": 0, "index": 7},
    ("IFA_ADDRESS", "10.0.0.2"),
    ("IFA_LOCAL", "10.0.0.1"),
)
ROUTE = written(
    rtmsg,
    {"family": socket.AF_INET, "dst_len": 24, "table": 254, "type": 1},
    ("RTA_DST", "192.0.2.0"),
    ("RTA_OIF", 7),
    ("RTA_GATEWAY", "10.0.0.254"),
)
SEVERAL = written(
    rtmsg,
    {"family": socket.AF_INET6, "dst_len": 0, "table": 254, "type": 1},
    (
        "RTA_MULTIPATH",
        [
            {"oif": 7, "hops": 0, "flags": 0, "attrs": [("RTA_GATEWAY", "fd00::1")]},
            {"oif": 8, "hops": 0, "flags": 0, "attrs": []},
        ],
    ),
)
VIA = written(
    rtmsg,
    {"family": socket.AF_INET, "dst_len": 0, "table": 254, "type": 1},
    ("RTA_OIF", 7),
    ("RTA_VIA", {"family": socket.AF_INET6, "addr": "fd00::1"}),
)


def test_a_link() -> None:
    mac = bytes.fromhex("020000000007")
    assert read_link(LINK) == Link(7, "tap0", 1, "tun", True, True, mac, 3, None, False, 5, 1)


def test_an_address_at_one_end_of_a_line_is_ours() -> None:
    assert read_address(ADDRESS) == (7, ip_address("10.0.0.1"), 32)


def test_routes() -> None:
    assert read_route(ROUTE) == (ip_network("192.0.2.0/24"), [Hop(7, ip_address("10.0.0.254").packed)])
    assert read_route(SEVERAL) == (ip_network("::/0"), [Hop(7, ip_address("fd00::1").packed), Hop(8, None)])
    assert read_route(VIA) == (ip_network("0.0.0.0/0"), [Hop(7, ip_address("fd00::1").packed)])


@pytest.mark.parametrize("field", [{"type": 6}, {"table": 255}, {"family": socket.AF_BRIDGE}])
def test_a_route_that_leads_nowhere(field: dict[str, int]) -> None:
    assert read_route(written(rtmsg, {"family": socket.AF_INET, "table": 254, "type": 1, **field})) is None


def test_messages_of_a_datagram() -> None:
    one, two = HEADER.pack(17, 16, 2, 5, 0) + b"x" + bytes(3), HEADER.pack(16, DONE, 0, 5, 0)
    assert list(messages(one + two + b"rest")) == [Message(16, 2, 5, b"x"), Message(DONE, 0, 5, b"")]


def test_what_a_refusal_says() -> None:
    assert refusal(bytes(4)) is None
    error = refusal((-errno.EPERM).to_bytes(4, "little", signed=True))
    assert error is not None
    assert error.errno == errno.EPERM
    assert refusal(b"\1") is not None


@given(st.sampled_from([LINK, ADDRESS, ROUTE, SEVERAL, VIA]), st.data())
def test_a_body_that_is_cut_or_flipped_is_read_or_left(body: bytes, data: st.DataObject) -> None:
    cut = body[: data.draw(st.integers(0, len(body)))]
    at, other = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 255))
    for odd in (cut, body[:at] + bytes([other]) + body[at + 1 :]):
        read_link(odd), read_address(odd), read_route(odd)


@given(st.binary(max_size=200))
def test_any_bytes_end(raw: bytes) -> None:
    assert sum(HEADER.size + len(message.body) for message in messages(raw)) <= len(raw)
    assert sum(map(len, attributes(raw).values())) <= len(raw)
    read_link(raw), read_address(raw), read_route(raw)
    assert all(message.kind != ERROR or isinstance(refusal(message.body), OSError | None) for message in messages(raw))
