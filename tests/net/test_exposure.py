"""What the laptop offers, with real servers and real firewalls; nmap on the café's side says what can be reached.

For each firewall, each server and each address family, WiFiGuard's answer must be nmap's.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.net.rig import exposed, firewalls
from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.laptop_servers import LaptopServers
from tests.net.rig.requirements import LAB, require

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig("nmap", "nft", "iptables", "ufw", "firewalld", "sshd", "smbd", "avahi-daemon", "cupsd"),
    pytest.mark.rig("redis-server", "mosquitto", "rsync", "dnsmasq"),
    pytest.mark.xdist_group("exposure"),
]
Table = dict[tuple[str, int], str]


@pytest.fixture(scope="module")
def cafe() -> Iterator[Cafe]:
    require(*LAB, root=True)
    with Lab() as lab:
        yield Cafe(lab)


@pytest.fixture(scope="module")
def servers(cafe: Cafe) -> LaptopServers:
    return LaptopServers(cafe.laptop)


def told(cafe: Cafe) -> Table:
    """(service, address family) → open, perhaps or stopped, as WiFiGuard says."""
    answer = json.loads(cafe.laptop.run(sys.executable, "-m", exposed.__name__).stdout)
    return {(service, int(family)): reach for service, ways in answer.items() for family, reach in ways.items()}


def seen_by_nmap(cafe: Cafe, family: int) -> Table:
    """The same as somebody in the café finds out."""
    address = cafe.laptop_addresses.v4 if family == 4 else cafe.laptop_addresses.v6
    ports = ",".join(f"{t[0].upper()}:" + ",".join(map(str, p)) for t, p in LaptopServers.ports.items())
    hurry = (
        "--max-retries",
        "2",
        "--min-rate",
        "100",
        "--initial-rtt-timeout",
        "200ms",
        "--max-rtt-timeout",
        "400ms",
        "-n",
        "-Pn",
    )
    done = cafe.internet.run(
        "nmap", *(["-6"] if family == 6 else []), "-sS", "-sU", "-p", ports, *hurry, "-oX", "-", address, timeout=60
    )
    states = {
        f"{port.get('protocol')}/{port.get('portid')}": str(port.find("state").get("state"))  # type: ignore[union-attr]
        for port in ET.fromstring(done.stdout).iter("port")
    }
    return {(service, family): "open" if state == "open" else "stopped" for service, state in states.items()}


# The name of the laptop, asked for as a simple resolver does (RFC 6762, 6.7): the answer comes by unicast.
ASK_BY_MULTICAST = """
import socket, sys
family, group = (socket.AF_INET, "224.0.0.251") if sys.argv[1] == "4" else (socket.AF_INET6, "ff02::fb")
kind = b"\\x01" if sys.argv[1] == "4" else b"\\x1c"
asked = socket.socket(family, socket.SOCK_DGRAM)
asked.settimeout(0.5)
where = (group, 5353) if sys.argv[1] == "4" else (group, 5353, 0, socket.if_nametoindex("eth0"))
for attempt in range(3):
    asked.sendto(bytes.fromhex("000700000001000000000000") + b"\\x06laptop\\x05local\\0\\0" + kind + b"\\0\\x01", where)
    try:
        print(len(asked.recv(9000)))
        break
    except TimeoutError:
        pass
"""


def answers_by_multicast(cafe: Cafe, family: int) -> Table:
    """Whether Avahi tells the café its name: nmap asks single hosts only."""
    cafe.internet.run("ip", "route", "replace", "224.0.0.0/4", "dev", "eth0")
    answer = cafe.internet.run(sys.executable, "-c", ASK_BY_MULTICAST, str(family)).stdout
    return {("udp/5353", family): "open" if answer else "stopped"}


def reached(cafe: Cafe) -> Table:
    """All that the café reaches, asked at the same time."""
    with ThreadPoolExecutor(4) as askers:
        asked = [askers.submit(ask, cafe, family) for family in (4, 6) for ask in (seen_by_nmap, answers_by_multicast)]
        return {cell: state for answer in asked for cell, state in answer.result().items()}


@pytest.mark.parametrize("firewall", firewalls.ALL)
def test_what_is_told_is_what_nmap_reaches(cafe: Cafe, servers: LaptopServers, firewall: str) -> None:
    with firewalls.switched_on(cafe.laptop, firewall):
        answer = told(cafe)
        truth = reached(cafe)
    mine = {cell: answer.get(cell, "stopped") for cell in truth}
    assert len(truth) == 26
    assert {cell: (mine[cell], truth[cell]) for cell in truth if mine[cell] != truth[cell]} == {}
    assert ("tcp/8001", 4) not in answer, "what listens on this laptop only is nobody's business"
    if firewall == "nothing":
        assert list(truth.values()).count("open") == 24
