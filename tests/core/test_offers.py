"""What the rules make of listening sockets."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wifiguard.core.exposure import ListeningSocket, Owner
from wifiguard.core.filtering import Reach
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.offers import MANY, Offer, Offers
from wifiguard.core.services import Topic
from wifiguard.core.severity import Severity

OPEN, PERHAPS, STOPPED = Reach.OPEN, Reach.PERHAPS, Reach.STOPPED


def listening(port: int, program: str | None, *reach: tuple[int, Reach], trusted: bool = False) -> ListeningSocket:
    network = wifi_network(b"Somewhere", Security.WPA2, trusted=trusted)
    return ListeningSocket(Seen(0.0, 0.0, network, "wlan0"), "tcp", port, ("*",), reach, Owner(program))


def offers(*sockets: ListeningSocket, topic: Topic = Topic.OTHER) -> list[Offer]:
    made = Offers(topic)
    for obs in sockets:
        made.take(obs)
    told = made.drain()
    assert made.drain() == []
    return told


@pytest.mark.parametrize(
    ("obs", "severity", "key"),
    [
        (listening(6379, "redis-server", (4, OPEN)), Severity.HIGH, ("redis", "redis-server", "")),
        (listening(6379, "redis-server", (4, STOPPED), (6, OPEN)), Severity.HIGH, ("redis", "redis-server", "")),
        (listening(6379, "redis-server", (4, STOPPED), (6, PERHAPS)), Severity.MEDIUM, ("redis", "redis-server", "")),
        (listening(6379, "redis-server", (4, OPEN), trusted=True), Severity.INFO, ("redis", "redis-server", "")),
        (listening(123, "ntpd", (4, PERHAPS)), Severity.LOW, ("ntp", "ntpd", "")),
        (listening(8000, "python3", (4, OPEN)), Severity.HIGH, ("python-http", "python3", "8000")),
        (listening(40_123, "game", (4, OPEN)), Severity.HIGH, ("", "game", "dynamic")),
        (listening(4711, None, (4, OPEN)), Severity.HIGH, ("", "", "4711")),
    ],
)
def test_severity_follows_the_network_and_the_key_what_stays(
    obs: ListeningSocket, severity: Severity, key: tuple[str, ...]
) -> None:
    (offered,) = offers(obs)
    assert (offered.severity, offered.key) == (severity, key)


def test_what_has_several_ports_is_one_thing_as_bad_as_the_worst() -> None:
    ports = [listening(port, "mosquitto", (family, way)) for port, family, way in ((8883, 6, PERHAPS), (1883, 4, OPEN))]
    for order in (ports, ports[::-1]):
        (offered,) = offers(*order)
        assert (offered.severity, offered.obs, offered.certain) == (Severity.HIGH, ports[1], True)
        assert (offered.ports, offered.families) == ({"tcp/1883", "tcp/8883"}, {4, 6})


def test_a_flood_of_ports_is_one_problem() -> None:
    ports = range(8000, 8000 + 2 * MANY)
    (offered,) = offers(*(listening(port, "python3", (4, OPEN)) for port in ports))
    assert (offered.key, len(offered.ports)) == (("python-http", "python3", "many"), 2 * MANY)
    few = offers(*(listening(port, "python3", (4, OPEN)) for port in ports[:MANY]))
    assert len(few) == MANY
    assert len(offers(*(listening(port, None, (4, OPEN)) for port in range(4000, 4020)))) == 20, (
        "nobody knows whose they are"
    )


@pytest.mark.parametrize(
    ("told", "expected"), [((True, None), True), ((False, None), None), ((False, True), True), ((False, False), False)]
)
def test_one_that_takes_passwords_is_enough(told: tuple[bool | None, ...], expected: bool | None) -> None:
    sockets = [
        replace(listening(port, "sshd", (4, OPEN)), passwords=says) for port, says in zip((22, 2222), told, strict=True)
    ]
    for order in (sockets, sockets[::-1]):
        (offered,) = offers(*order, topic=Topic.LOGIN)
        assert offered.passwords is expected


def test_what_is_stopped_and_what_is_another_rules_is_left_out() -> None:
    assert offers(listening(22, "sshd", (4, STOPPED), (6, STOPPED)), topic=Topic.LOGIN) == []
    assert offers(listening(22, "sshd", (4, OPEN)), topic=Topic.SHARING) == []
