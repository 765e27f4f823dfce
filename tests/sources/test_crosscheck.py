"""The cross-check by psutil and netifaces, in namespaces of a real kernel and on invented systems."""

from __future__ import annotations

import json
import sys
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Namespace
from tests.sources.watching import at
from wifiguard.core.host import MOST_GATEWAYS, LinkKind, LinkState
from wifiguard.sources.crosscheck import cross_check

ROOT = Path(__file__).parents[2]
# Reads the namespace through the real source, does what the arguments say, and cross-checks what it read.
PROGRAM = """
import asyncio, json, subprocess, sys
from tests.sources.watching import Watching, at
from wifiguard.core.host import SourceDone
from wifiguard.core.whereabouts import Whereabouts
from wifiguard.sources.crosscheck import cross_check
from wifiguard.sources.links import Links
with Watching(Links) as source:
    end = source.wait_for(SourceDone(at(), "interfaces", ok=True, essential=True))
where = Whereabouts()
for obs in source.told[:end]:
    where.observe(obs)
for command in sys.argv[1:]:
    subprocess.run(["ip", *command.split()], check=True)
print(json.dumps(cross_check(where.links(), where.default_routes())))
"""


def checked(machine: Namespace, *commands: str) -> list[str]:
    """What the cross-check says in there after ip(8) `commands` that the watch does not see."""
    done = machine.run(sys.executable, "-c", PROGRAM, *commands, env={"PYTHONPATH": str(ROOT)})
    found: list[str] = json.loads(done.stdout)
    return found


AGREEING = {
    "a café": (),
    "a VPN by halves": (
        "tuntap add dev tun0 mode tun",
        "address add 10.8.0.2/24 dev tun0",
        "link set tun0 up",
        "route add 0.0.0.0/1 dev tun0",
        "route add 128.0.0.0/1 dev tun0",
    ),
    "WireGuard's table, without a metric": (
        "tuntap add dev tun0 mode tun",
        "link set tun0 up",
        "route add default dev tun0 table 51820",
        "rule add not fwmark 0xca6c table 51820",
    ),
    "a second gateway in another table": ("route add default via 10.23.0.7 dev wlan0 table 77",),
    "addresses with a label": ("address add 10.23.0.9/24 dev wlan0 label wlan0:1",),
    "no route at all": ("route del default", "-6 route del default"),
    "a kill switch": ("rule add unreachable pref 100",),
    "a point-to-point address": ("address add 10.7.0.1 peer 10.7.0.2/32 dev wlan0",),
    "a bridge and its port": (
        "link add br0 type bridge",
        "link add v0 type veth peer name v1",
        "link set v0 master br0",
    ),
}


@pytest.mark.root
@pytest.mark.rig("ip")
@pytest.mark.parametrize("how", AGREEING)
def test_all_agree(cafe: Cafe, how: str) -> None:
    for command in AGREEING[how]:
        cafe.laptop.run("ip", *command.split())
    assert checked(cafe.laptop) == []


@pytest.mark.root
@pytest.mark.rig("ip")
def test_what_the_watch_missed_is_said(cafe: Cafe) -> None:
    assert checked(
        cafe.laptop,
        "link add br0 type bridge",
        "address add 10.23.0.9/24 dev wlan0",
        "-6 address flush dev wlan0",
        "route add default via 10.23.0.7 dev wlan0 metric 7",
    ) == [
        "br0 is there, but was not seen to appear",
        "wlan0 has the addresses 10.23.0.2, 10.23.0.9, but was last seen with " + _seen(cafe.laptop),
        "a default route by way of 10.23.0.7 on wlan0 was not seen",
    ]


def _seen(laptop: Namespace) -> str:
    index = json.loads(laptop.run("ip", "-json", "link", "show", "wlan0").stdout)[0]
    mac = bytes.fromhex(index["address"].replace(":", ""))
    local = ip_address(b"\xfe\x80" + bytes(6) + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:])
    return f"10.23.0.2, fd23::2, {local}"


@pytest.mark.root
@pytest.mark.rig("ip")
def test_what_went_unseen_is_said(cafe: Cafe) -> None:
    assert checked(cafe.laptop, "link delete wlan0", "link set lo down") == [
        "wlan0 is gone, but was not seen to go",
        "lo is down, but was last seen up",
        "lo has the addresses 127.0.0.1, but was last seen with 127.0.0.1, ::1",
        "the default route of IPv4 was last seen on wlan0, which is gone",
        "the default route of IPv6 was last seen on wlan0, which is gone",
    ]


ETH0 = LinkState(
    at("eth0"), 2, "eth0", LinkKind.WIRED, up=True, addresses=("10.0.0.2/24",), gateways=(bytes([10, 0, 0, 1]),)
)


def invented(monkeypatch: pytest.MonkeyPatch, **gateways: str) -> None:
    """A system with eth0 at 10.0.0.2."""
    address = SimpleNamespace(address="10.0.0.2")
    mac = SimpleNamespace(address="02:00:00:00:00:01")
    psutil = SimpleNamespace(
        net_if_stats=lambda: {"eth0": SimpleNamespace(isup=True)}, net_if_addrs=lambda: {"eth0": [address, mac]}
    )
    listed = {2: [(gateway, name, True) for name, gateway in gateways.items()], "default": {}}
    netifaces = SimpleNamespace(interfaces=lambda: ["eth0"], gateways=lambda: listed)
    monkeypatch.setitem(sys.modules, "psutil", psutil)
    monkeypatch.setitem(sys.modules, "netifaces", netifaces)


def test_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    invented(monkeypatch, eth0="10.0.0.1")
    assert cross_check([ETH0], {4: "eth0"}) == []


def test_gateways_that_cannot_be_read_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    invented(monkeypatch, eth0="?", other="10.0.0.9")
    assert cross_check([ETH0], {}) == []


def test_links_of_other_sources_are_not_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    invented(monkeypatch)
    assert cross_check([ETH0, replace(ETH0, index=0, name="wlan7")], {}) == []


def test_many_sentences_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    invented(monkeypatch)
    many = [replace(ETH0, index=n, name=f"veth{n}") for n in range(3, 1000)]
    assert len(cross_check([ETH0, *many], {})) == 10


def test_a_flood_of_routers_is_not_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    invented(monkeypatch, eth0="10.0.0.99")
    assert cross_check([ETH0], {}) == ["a default route by way of 10.0.0.99 on eth0 was not seen"]
    full = replace(ETH0, gateways=tuple(bytes([10, 0, 1, n]) for n in range(MOST_GATEWAYS)))
    assert cross_check([full], {}) == []
