"""What makes two passwords, or two sessions, the same problem."""

from __future__ import annotations

import pytest

from wifiguard.core.messages import CleartextLogin, CleartextSession, Flow
from wifiguard.core.network import wired_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Finding
from wifiguard.rules.traffic.plaintext_login import Config, PlaintextLogin
from wifiguard.rules.traffic.plaintext_service import PlaintextService

FLOW = Flow(bytes([10, 0, 0, 2]), 40000, bytes([192, 0, 2, 1]), 143, "tcp")
SEEN = Seen(0.0, 0.0, interface="wlan0")


def fingerprints(detector: Detector, *flows: Flow, protocol: str = "imap", seen: Seen = SEEN) -> list[str]:
    kind = CleartextLogin if isinstance(detector, PlaintextLogin) else CleartextSession
    found = [each for flow in flows for each in detector.observe(kind(seen, flow, protocol))]
    assert all(isinstance(each, Finding) for each in found)
    return [each.fingerprint for each in found if isinstance(each, Finding)]


@pytest.fixture(params=[PlaintextLogin, PlaintextService])
def detector(request: pytest.FixtureRequest) -> Detector:
    made: Detector = request.param()
    return made


def test_server_and_protocol_are_the_problem(detector: Detector) -> None:
    first, again = fingerprints(detector, FLOW, FLOW._replace(client_port=40001, server_port=993))
    (other,) = fingerprints(detector, FLOW._replace(server=bytes([192, 0, 2, 2])))
    (mail,) = fingerprints(detector, FLOW, protocol="pop3")
    assert first == again
    assert len({first, other, mail}) == 3


def test_a_thousand_servers_are_not_a_thousand_problems(detector: Detector) -> None:
    servers = (FLOW._replace(server=bytes([198, 51, number >> 8, number & 255])) for number in range(1000))
    assert len(set(fingerprints(detector, *servers))) == 33


def test_how_many_are_told_apart_is_an_option_and_counts_in_each_network() -> None:
    detector = PlaintextLogin(Config(servers=1))
    home, cafe = (wired_network(bytes([2, 0, 0, 0, 0, number]), "eth0") for number in (1, 2))
    other = FLOW._replace(server=bytes([192, 0, 2, 2]))
    assert len(set(fingerprints(detector, FLOW, other, FLOW, seen=SEEN._replace(network=home)))) == 2
    assert len(set(fingerprints(detector, other, FLOW, other, seen=SEEN._replace(network=cafe)))) == 2
