"""What is learned of a trusted network, and what is said when it is another one at the next visit."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from wifiguard.core.engine import Engine
from wifiguard.core.host import NeighbourSeen, ProbeAnswer, Remembered
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation
from wifiguard.core.rule import AskProbe, Finding, Output, Remember
from wifiguard.core.scenes import (
    ATTACKER6,
    ATTACKER_MAC,
    LAPTOP,
    LAPTOP_MAC,
    OTHER_ROUTER_MAC,
    ROUTER,
    ROUTER_MAC,
    arp_reply,
    arp_request,
    dhcp,
    ip,
    router_advertisement,
    seen,
)
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files

HOME = wifi_network(b"Home", Security.WPA2, bytes.fromhex("a42bb0112201"), trusted=True)
CAFE = wifi_network(b"Cafe", Security.WPA2)
RULES = ("gateway-impersonated", "second-dhcp-server", "rogue-router-advertisement")
VISIT = (
    dhcp(0.1, 5),
    arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER),
    arp_reply(1.0, ROUTER, ROUTER_MAC),
    NeighbourSeen(seen(1.1), ip(ROUTER), ROUTER_MAC),
    router_advertisement(2.0),
    arp_request(30.0, LAPTOP, LAPTOP_MAC, ROUTER),
    arp_reply(30.0, ROUTER, ROUTER_MAC),
)


def said(engine: Engine, observations: Iterable[Observation], network: object = HOME) -> list[Output]:
    at_home = (replace(obs, seen=obs.seen._replace(network=network)) for obs in observations)
    return [output for obs in at_home for output in engine.observe(obs)]


def fresh() -> Engine:
    return Engine([rule_files()[rule].make(Catalogue()) for rule in RULES])


def learned() -> list[Remember]:
    return [output for output in said(fresh(), VISIT) if isinstance(output, Remember)]


def back_home() -> Engine:
    """The next visit: what was remembered is handed back."""
    engine = fresh()
    for rule in RULES:
        values = tuple((note.key, note.value) for note in learned() if note.rule == rule)
        said(engine, [Remembered(seen(0.0), rule, HOME, values)])
    return engine


def findings(outputs: Iterable[Output]) -> set[str]:
    return {output.rule for output in outputs if isinstance(output, Finding)}


def test_each_thing_is_learned_once_and_readable() -> None:
    assert [(note.rule, note.key, note.value) for note in learned()] == [
        ("second-dhcp-server", "server", "f4:f2:6d:00:00:01; 192.168.1.1; 192.168.1.1; 192.168.1.1"),
        ("gateway-impersonated", "192.168.1.1", "f4:f2:6d:00:00:01"),
        ("rogue-router-advertisement", "f4:f2:6d:00:00:01", "fe80::1"),
    ]


def test_nothing_is_learned_of_a_network_that_is_not_trusted() -> None:
    assert [output for output in said(fresh(), VISIT, CAFE) if isinstance(output, Remember)] == []


def test_the_same_network_is_silent() -> None:
    engine = back_home()
    outputs = said(engine, VISIT)
    assert findings(outputs) == set()
    assert [output for output in outputs if isinstance(output, Remember)] == []


def test_a_server_that_is_not_the_remembered_one() -> None:
    rogue = dhcp(1.0, 5, "192.168.1.66", ATTACKER_MAC, routers=("192.168.1.66",), dns=("192.168.1.66",))
    assert "second-dhcp-server" in findings(said(back_home(), [rogue]))


def test_a_stand_in_that_gives_the_same() -> None:
    assert findings(said(back_home(), [dhcp(1.0, 5, "192.168.1.2", OTHER_ROUTER_MAC)])) == set()


def test_an_ipv6_router_that_is_not_the_remembered_one() -> None:
    rogue = router_advertisement(1.0, ATTACKER6, ATTACKER_MAC)
    assert findings(said(back_home(), [rogue])) == {"rogue-router-advertisement"}


def test_another_machine_has_the_routers_address() -> None:
    """Whether it is a new router or an impostor, the remembered one tells, if it is still there."""
    engine = back_home()
    changed = [arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER), arp_reply(1.0, ROUTER, ATTACKER_MAC)]
    said(engine, changed)
    question = (("address", ROUTER), ("macs", "f4:f2:6d:00:00:01,00:c0:ca:00:00:66"))
    both = ProbeAnswer(seen(3.0), "gateway-impersonated", "owners", question, (("answered", question[1][1]),))
    assert findings(said(engine, [both])) == {"gateway-impersonated"}


def test_a_new_router_is_learned() -> None:
    engine = back_home()
    said(engine, [arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER), arp_reply(1.0, ROUTER, OTHER_ROUTER_MAC)])
    question = (("address", ROUTER), ("macs", "f4:f2:6d:00:00:01,78:dd:08:00:00:09"))
    alone = ProbeAnswer(seen(3.0), "gateway-impersonated", "owners", question, (("answered", "78:dd:08:00:00:09"),))
    outputs = said(engine, [alone])
    assert findings(outputs) == set()
    assert [(o.key, o.value) for o in outputs if isinstance(o, Remember)] == [(ROUTER, "78:dd:08:00:00:09")]
    assert not [output for output in outputs if isinstance(output, AskProbe)]
