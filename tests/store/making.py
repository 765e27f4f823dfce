"""Decisions, networks and stores for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from wifiguard.core.network import Network, Security, wifi_network
from wifiguard.core.policy import Decision, Problem, State
from wifiguard.core.rule import Evidence
from wifiguard.core.severity import Severity

NOW = 1_800_000_000.0
DAY = 86400.0
HOME = wifi_network(b"Home", Security.WPA2, bytes.fromhex("020000000001"))
HOTEL = wifi_network(b"Hotel \xff\x1b[31m", Security.OPEN, bytes.fromhex("020000000002"))


class Crossed(Evidence, frozen=True):
    """Every kind of value that evidence may hold."""

    name: str
    what: tuple[str, ...] = ()
    state: State = State.NEW
    raw: bytes = b""
    port: int | None = None


def problem(
    id: str = "0123456789abcdef",
    *,
    rule: str = "plaintext-banking",
    severity: Severity = Severity.HIGH,
    network: Network | None = None,
    evidence: Evidence | Mapping[str, object] = Crossed("example.com"),
    first_seen: float = NOW,
    last_seen: float | None = None,
    count: int = 1,
    open: bool = True,
    muted: bool = False,
) -> Problem:
    return Problem(
        id=id,
        rule=rule,
        severity=severity,
        network=network,
        interface="wlan0",
        evidence=evidence,
        first_seen=first_seen,
        last_seen=first_seen if last_seen is None else last_seen,
        tick=7.0,
        count=count,
        open=open,
        muted=muted,
        frame=3,
    )


def decision(state: State = State.NEW, of: Problem | None = None, **changes: object) -> Decision:
    made = problem(**changes) if of is None else of  # type: ignore[arg-type]
    return Decision(state, made, made.last_seen)


def stored(made: Problem, evidence: Mapping[str, object], network: Network | None = None) -> Problem:
    """`made` as the store gives it back: evidence as a mapping, no clock of this run, no BSSID of an untrusted network."""
    if network is None and made.network is not None:
        network = replace(made.network, bssid=None)
    return replace(made, evidence=evidence, network=network, tick=0.0, frame=None)


CROSSED = {"name": "example.com", "what": [], "state": "new", "raw": "", "port": None}
