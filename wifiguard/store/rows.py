"""Between core's types and the rows of the tables."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from msgspec import Struct

from wifiguard.core.network import Medium, Network, Security
from wifiguard.core.policy import Decision, Problem, State
from wifiguard.core.severity import Severity
from wifiguard.store.evidence import decode, encode

SELECT_PROBLEMS = """
    SELECT p.id, p.rule, p.severity, p.interface, p.evidence, p.first_seen, p.last_seen, p.count, p.open, p.muted,
        n.id, n.medium, n.name, n.ssid, n.bssid, n.security, n.trusted_since
    FROM problems p LEFT JOIN networks n ON n.id = p.network """
SELECT_NETWORKS = """
    SELECT id, medium, name, ssid, bssid, security, trusted_since, interface, first_seen, last_seen FROM networks """
_LARGEST = 2**63 - 1


class KnownNetwork(Struct, frozen=True):
    """A network that is kept: trusted by the user, or with findings. Times are wall time in seconds."""

    network: Network
    interface: str
    trusted_since: float | None
    first_seen: float
    last_seen: float

    @property
    def id(self) -> str:
        return self.network.id

    @property
    def name(self) -> str:
        return self.network.name


class StoreStats(Struct, frozen=True):
    """`size`: bytes on disk. `waiting`: decisions that are not written yet; `lost`: those that found no room to wait."""

    problems: int
    open: int
    networks: int
    size: int
    waiting: int
    lost: int


class NetworkRow(NamedTuple):
    """What is written of a network; its trust is written by the user's decision only."""

    id: str
    medium: str
    name: str
    ssid: bytes | None
    bssid: bytes | None
    security: str | None
    interface: str
    at: float


class DecisionRow(NamedTuple):
    """What is written of a decision."""

    id: str
    rule: str
    severity: int
    network: NetworkRow | None
    interface: str
    evidence: str
    first_seen: float
    last_seen: float
    sightings: int
    open: int
    muted: int
    state: State
    at: float


def decision_row(decision: Decision) -> DecisionRow:
    """Made before anything is written: what cannot be encoded is the rule's defect and holds up nobody else's findings."""
    problem = decision.problem
    return DecisionRow(
        id=problem.id,
        rule=problem.rule,
        severity=int(problem.severity),
        network=None if problem.network is None else network_row(problem.network, problem.interface, decision.at),
        interface=_text(problem.interface),
        evidence=encode(problem.evidence),
        first_seen=_time(problem.first_seen),
        last_seen=_time(problem.last_seen),
        sightings=max(1, min(problem.count, _LARGEST)),
        open=int(problem.open),
        muted=int(problem.muted),
        state=decision.state,
        at=_time(decision.at),
    )


def network_row(network: Network, interface: str, at: float) -> NetworkRow:
    """What is written of a network that is seen at `at`."""
    return NetworkRow(
        id=network.id,
        medium=str(network.medium),
        name=_text(network.name),
        ssid=network.ssid,
        bssid=network.bssid,
        security=None if network.security is None else str(network.security),
        interface=_text(interface),
        at=_time(at),
    )


def problem_of(row: tuple[Any, ...]) -> Problem:
    """A problem from SELECT_PROBLEMS. Its `tick` is 0: the clock of an earlier run means nothing now."""
    id, rule, severity, interface, evidence, first_seen, last_seen, count, open, muted, *network = row
    return Problem(
        id=id,
        rule=rule,
        severity=Severity(severity),
        network=None if network[0] is None else _network(*network),
        interface=interface,
        evidence=decode(evidence),
        first_seen=first_seen,
        last_seen=last_seen,
        tick=0.0,
        count=count,
        open=bool(open),
        muted=bool(muted),
    )


def known_network(row: tuple[Any, ...]) -> KnownNetwork:
    """A network from SELECT_NETWORKS."""
    *network, interface, first_seen, last_seen = row
    return KnownNetwork(_network(*network), interface, network[-1], first_seen, last_seen)


def traces(network: Network) -> frozenset[str]:
    """The texts by which evidence may name `network`."""
    ssid = None if network.ssid is None else network.ssid.decode("utf-8", "replace")
    return frozenset(text for text in (network.name, ssid, network.id) if text)


def _network(
    id: str,
    medium: str,
    name: str,
    ssid: bytes | None,
    bssid: bytes | None,
    security: str | None,
    trusted_since: float | None,
) -> Network:
    return Network(
        id=id,
        medium=Medium(medium),
        name=name,
        ssid=ssid,
        bssid=bssid,
        security=None if security is None else Security(security),
        trusted=trusted_since is not None,
    )


def _text(text: str) -> str:
    # An interface's name may hold any byte; SQLite takes no lone surrogate.
    return text.encode("utf-8", "backslashreplace").decode()


def _time(at: float) -> float:
    # SQLite stores not-a-number as NULL.
    return at if math.isfinite(at) else 0.0
