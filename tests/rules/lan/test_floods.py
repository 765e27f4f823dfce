"""Floods: memory stays bounded, a handful of findings is told, and the true attack inside is among them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from wifiguard.core.engine import Engine
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, RouteState
from wifiguard.core.lan import Delivery, Dhcp6Message, IcmpRedirect, NbnsMessage
from wifiguard.core.messages import DnsMessage, DnsQuestion, DnsRecord, Flow
from wifiguard.core.observation import Observation
from wifiguard.core.policy import Policy
from wifiguard.core.rule import AskProbe, Finding
from wifiguard.core.scenes import (
    ATTACKER_MAC,
    LAPTOP,
    LAPTOP6,
    LAPTOP_MAC,
    ROUTER,
    ROUTER6,
    ROUTER_MAC,
    advertisement,
    arp_announcement,
    arp_reply,
    arp_request,
    dhcp,
    discover,
    ip,
    router_advertisement,
    seen,
    solicitation,
)
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files

# Messages of each kind; a hundred thousand in all.
MESSAGES, MANY = 12_000, 1_000_000
# What the whole set of rules may grow by, whatever comes.
GROWTH = 48 << 20
HANDFUL = 12
FLOOD_FROM, RATE = 10.0, 5000.0

_lot = random.Random(7)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def mac() -> bytes:
    return b"\x02" + _lot.randbytes(5)


def v4(prefix: str = "192.168.1") -> str:
    return f"{prefix}.{_lot.randrange(2, 255)}"


def v6() -> str:
    return f"fe80::{_lot.randrange(1 << 16):x}:{_lot.randrange(1 << 16):x}"


def arp(tick: float) -> Observation:
    kind = _lot.randrange(3)
    if kind == 0:
        return arp_reply(tick, v4(f"10.{_lot.randrange(256)}.{_lot.randrange(256)}"), mac())
    if kind == 1:
        return arp_announcement(tick, v4(), mac())
    return arp_request(tick, v4(), mac(), v4())


def nd(tick: float) -> Observation:
    if _lot.randrange(2):
        return advertisement(tick, v6(), mac(), solicited=False)
    return solicitation(tick, v6(), mac(), v6())


def routers(tick: float) -> Observation:
    prefix = f"2001:db8:{_lot.randrange(1 << 16):x}::/64"
    return router_advertisement(tick, v6(), mac(), prefixes=(prefix,), dns=(v6(),))


def leases(tick: float) -> Observation:
    kind = _lot.randrange(3)
    client = mac()
    if kind == 0:
        return discover(tick, _lot.randrange(1 << 32), client)
    server = v4()
    return dhcp(
        tick, 2, server, mac(), transaction=_lot.randrange(1 << 32), client=client, routers=(server,), dns=(server,)
    )


def leases6(tick: float) -> Observation:
    delivery = Delivery(mac(), LAPTOP_MAC, 0, 64)
    return Dhcp6Message(seen(tick), delivery, ip(v6()), 2, _lot.randrange(1 << 24), dns=(ip(v6()),))


def llmnr(tick: float) -> Observation:
    host, name = v4(), f"n{_lot.randrange(1 << 30):x}"
    flow = Flow(ip(LAPTOP), 50000, ip(host), 5355, "udp")
    record = DnsRecord(name, 1, 30, ip(host))
    return DnsMessage(
        *(seen(tick), flow, "llmnr", _lot.randrange(1 << 16), True, 0, (DnsQuestion(name, 1),), (record,)),
        Delivery(mac()),
    )


def nbns(tick: float) -> Observation:
    name = f"n{_lot.randrange(1 << 30):x}"
    host = ip(v4())
    return NbnsMessage(seen(tick), Delivery(mac()), host, ip(LAPTOP), 1, True, name, 0x20, addresses=(host,))


def dns(tick: float) -> Observation:
    name = f"n{_lot.randrange(1 << 30):x}.example"
    flow = Flow(ip(LAPTOP), _lot.randrange(1024, 65536), ip(ROUTER), 53, "udp")
    records = (DnsRecord(name, 1, 30, _lot.randbytes(4)),)
    return DnsMessage(
        *(seen(tick), flow, "dns", _lot.randrange(1 << 16), True, 0, (DnsQuestion(name, 1),), records), Delivery(mac())
    )


def redirects(tick: float) -> Observation:
    return IcmpRedirect(seen(tick), Delivery(mac()), ip(ROUTER), ip(LAPTOP), ip(v4()), _lot.randbytes(4))


def beginning() -> tuple[Observation, ...]:
    return (
        LinkState(
            seen(0.0),
            3,
            "wlan0",
            LinkKind.WIFI,
            up=True,
            mac=LAPTOP_MAC,
            addresses=(f"{LAPTOP}/24",),
            gateways=(ip(ROUTER),),
        ),
        RouteState(seen(0.0), 4, "wlan0", ip(ROUTER)),
        NeighbourSeen(seen(0.1), ip(ROUTER), ROUTER_MAC),
        dhcp(0.2, 5),
        arp_request(0.3, LAPTOP, LAPTOP_MAC, ROUTER),
        arp_reply(0.3, ROUTER, ROUTER_MAC),
        router_advertisement(0.5, dns=("2001:db8:1::53",)),
        solicitation(0.6, LAPTOP6, LAPTOP_MAC, ROUTER6),
        advertisement(0.6, ROUTER6, ROUTER_MAC, router=True),
    )


def true_attack(tick: float) -> tuple[Observation, ...]:
    """The router's address, taken over in the middle of it all."""
    return tuple(arp_reply(tick + turn / RATE, ROUTER, ATTACKER_MAC) for turn in range(3))


FLOODS: dict[str, Callable[[float], Observation]] = {
    "ARP": arp,
    "neighbour discovery": nd,
    "router advertisements": routers,
    "DHCP": leases,
    "DHCPv6": leases6,
    "LLMNR": llmnr,
    "NetBIOS": nbns,
    "DNS": dns,
    "redirects": redirects,
}


def messages(make: Callable[[float], Observation], number: int) -> Iterator[Observation]:
    yield from beginning()
    for index in range(number):
        tick = FLOOD_FROM + index / RATE
        if index == number * 3 // 4:
            yield from true_attack(tick)
        yield make(tick)


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood(kind: str) -> None:
    flooded(kind, MESSAGES)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_a_million(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    told, grown = flooded(kind, MANY)
    with capsys.disabled():
        print(f"\n{kind}: {MANY} messages, {grown >> 20} MiB more, told: {', '.join(told)}")


def flooded(kind: str, number: int) -> tuple[list[str], int]:
    """The rules of the problems that were told, and by how many bytes this process grew."""
    engine = Engine([file.make(Catalogue()) for file in rule_files().values() if file.group == "lan"])
    policy = Policy(detector.rule for detector in engine.detectors)
    problems: dict[str, str] = {}
    probes = 0
    before = resident()
    for obs in messages(FLOODS[kind], number):
        for output in engine.observe(obs):
            if isinstance(output, Finding):
                decided = policy.decide(output)
                problems[decided.problem.id] = output.rule
            probes += isinstance(output, AskProbe)
    grown = resident() - before
    assert engine.disabled == {}
    assert grown < GROWTH, f"{grown >> 20} MiB"
    assert len(problems) <= HANDFUL, sorted(problems.values())
    assert "gateway-impersonated" in problems.values()
    # Questions go out for what is true, not for every packet.
    assert probes <= 64 + number / RATE
    return sorted(problems.values()), grown


def test_the_router_is_no_impostor_in_a_flood() -> None:
    """The same flood, in which nobody takes the router's address: nothing is said about it."""
    engine = Engine(
        [file.make(Catalogue()) for file in rule_files().values() if file.rule.id == "gateway-impersonated"]
    )
    told = []
    for index, obs in enumerate(messages(lambda tick: replace(discover(tick), client=mac()), 2000)):
        if not (isinstance(obs, type(true_attack(0.0)[0])) and obs.sender_mac == ATTACKER_MAC):
            told += [output for output in engine.observe(obs) if isinstance(output, Finding)]
        assert index >= 0
    assert told == []
