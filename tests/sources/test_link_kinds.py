"""What an interface is, of kinds that not every kernel can make."""

from __future__ import annotations

from typing import Any

import pytest

from wifiguard.core.host import LinkKind
from wifiguard.sources.links import kind_of
from wifiguard.sources.rtnetlink import Link


def link(kind: str = "", **rest: Any) -> Link:
    usual = {"index": 7, "name": "x0", "hardware": 1, "tap": False, "up": True, "mac": b"", "changes": 0}
    usual |= {"master": None, "parent": None, "elsewhere": False}
    return Link(**{**usual, "kind": kind, **rest})


# (link, wireless, uplink) to kind: the kinds that not every kernel can make.
TABLE = [
    ((link(), False, True), LinkKind.WIRED),
    ((link(), True, True), LinkKind.WIFI),
    ((link(hardware=803), False, False), LinkKind.WIFI),
    ((link(hardware=772), False, True), LinkKind.LOOPBACK),
    ((link("wwan", hardware=65534), False, True), LinkKind.WIRED),
    ((link(hardware=519), False, True), LinkKind.WIRED),
    ((link("wireguard", hardware=65534), False, True), LinkKind.VPN),
    ((link("ppp", hardware=512), False, True), LinkKind.VPN),
    ((link(hardware=512), False, True), LinkKind.VPN),
    ((link("xfrm", hardware=65534), False, False), LinkKind.VPN),
    ((link("tun", hardware=65534), False, False), LinkKind.VPN),
    ((link("tun", tap=True), False, False), LinkKind.VPN),
    ((link("tun", tap=True, master=3), False, False), LinkKind.CONTAINER),
    ((link("dummy"), False, True), LinkKind.VIRTUAL),
    ((link("bond"), False, True), LinkKind.VIRTUAL),
    ((link("vlan", parent=2), False, True), LinkKind.VIRTUAL),
    ((link("sit", hardware=776), False, True), LinkKind.VIRTUAL),
    ((link(hardware=776), False, True), LinkKind.VIRTUAL),
    ((link("veth", elsewhere=True), False, True), LinkKind.WIRED),
    ((link("veth", elsewhere=True), False, False), LinkKind.CONTAINER),
    ((link("veth", elsewhere=True, master=3), False, True), LinkKind.CONTAINER),
    ((link("veth"), False, True), LinkKind.CONTAINER),
    ((link("macvlan", elsewhere=True, parent=2), False, True), LinkKind.WIRED),
    ((link("macvlan", parent=2), False, True), LinkKind.VIRTUAL),
    ((link("bridge", name="br0"), False, True), LinkKind.BRIDGE),
    ((link("bridge", name="virbr0"), False, False), LinkKind.CONTAINER),
    ((link("bridge", name="br-0123456789ab"), False, False), LinkKind.CONTAINER),
    ((link("bridge", name="br-lan"), False, False), LinkKind.BRIDGE),
    ((link("something-new"), False, True), LinkKind.VIRTUAL),
]


@pytest.mark.parametrize(("given", "kind"), TABLE)
def test_table(given: tuple[Link, bool, bool], kind: LinkKind) -> None:
    link, wireless, uplink = given
    assert kind_of(link, wireless=wireless, uplink=uplink) is kind
