"""The table of services."""

from __future__ import annotations

import pytest

from wifiguard.core.services import SERVICES, Topic, service_of
from wifiguard.core.severity import Severity


def test_the_table_is_sound() -> None:
    assert len(SERVICES) >= 60
    assert len({service.id for service in SERVICES}) == len(SERVICES)
    assert {service.topic for service in SERVICES} == set(Topic)
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
