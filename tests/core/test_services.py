"""The table of services, and what a rule makes of a listening socket."""

from __future__ import annotations

import pytest

from wifiguard.core.exposure import ListeningSocket, Owner
from wifiguard.core.filtering import Reach
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.services import SERVICES, Topic, offer, service_of
from wifiguard.core.severity import Severity

OPEN, PERHAPS, STOPPED = Reach.OPEN, Reach.PERHAPS, Reach.STOPPED


def test_the_table_is_sound() -> None:
    assert len(SERVICES) >= 60
    assert len({service.id for service in SERVICES}) == len(SERVICES)
    programs = [program for service in SERVICES for program in service.programs]
    assert len(set(programs)) == len(programs), "a program is one service"
    for service in SERVICES:
        assert service.ports or service.programs
        assert service.bind or service.severity <= Severity.LOW, service.id


@pytest.mark.parametrize(
    ("transport", "port", "program", "expected"),
    [
        ("tcp", 22, None, "ssh"),
        ("tcp", 2222, "sshd", "ssh"),
        ("tcp", 5904, None, "vnc"),
        ("tcp", 4711, "python3.12", "python-http"),
        ("tcp", 8080, "redis-server", "redis"),
        ("udp", 22, None, None),
        ("tcp", 4711, "game", None),
    ],
)
def test_the_program_says_more_than_the_port(
    transport: str, port: int, program: str | None, expected: str | None
) -> None:
    found = service_of(transport, port, program)
    assert (found.id if found else None) == expected


def listening(port: int, program: str | None, *reach: tuple[int, Reach], trusted: bool = False) -> ListeningSocket:
    network = wifi_network(b"Somewhere", Security.WPA2, trusted=trusted)
    return ListeningSocket(Seen(0.0, 0.0, network, "wlan0"), "tcp", port, ("*",), reach, Owner(program))


@pytest.mark.parametrize(
    ("obs", "severity", "key"),
    [
        (listening(6379, "redis-server", (4, OPEN)), Severity.HIGH, ("tcp", "redis", "6379")),
        (listening(6379, "redis-server", (4, STOPPED), (6, OPEN)), Severity.HIGH, ("tcp", "redis", "6379")),
        (listening(6379, "redis-server", (4, STOPPED), (6, PERHAPS)), Severity.MEDIUM, ("tcp", "redis", "6379")),
        (listening(6379, "redis-server", (4, OPEN), trusted=True), Severity.INFO, ("tcp", "redis", "6379")),
        (listening(123, "ntpd", (4, PERHAPS)), Severity.LOW, ("tcp", "ntp", "123")),
        (listening(40_123, "game", (4, OPEN)), Severity.HIGH, ("tcp", "game", "dynamic")),
        (listening(4711, None, (4, OPEN)), Severity.HIGH, ("tcp", "", "4711")),
    ],
)
def test_severity_follows_the_network_and_the_key_what_stays(
    obs: ListeningSocket, severity: Severity, key: tuple[str, ...]
) -> None:
    offered = offer(obs)
    assert offered is not None
    assert (offered.severity, offered.key) == (severity, key)


def test_what_is_stopped_is_no_offer() -> None:
    assert offer(listening(22, "sshd", (4, STOPPED), (6, STOPPED))) is None
    assert {service.topic for service in SERVICES} == set(Topic)
