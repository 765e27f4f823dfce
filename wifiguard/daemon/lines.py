"""Machine-readable output: what docs/contract.md promises, made in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from wifiguard.core.addresses import mac_text
from wifiguard.core.network import Network
from wifiguard.core.policy import Decision, Problem, State
from wifiguard.core.protection import details, flags
from wifiguard.core.rule import NotChecked, Rule
from wifiguard.core.severity import Severity
from wifiguard.core.verdict import Verdict
from wifiguard.core.wifi import WifiAssociated
from wifiguard.core.wording import fields, words

SCHEMA = 1
Line = dict[str, object]


def instant(at: float) -> str:
    """RFC 3339 UTC with microseconds. Times outside years 1-9999 (a forged capture) read as the epoch's end points."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (OverflowError, OSError, ValueError):
        moment = datetime.max.replace(tzinfo=UTC) if at > 0 else datetime.min.replace(tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def network_object(network: Network | None) -> Line | None:
    """The `network` object of a finding."""
    if network is None:
        return None
    return {
        "id": network.id,
        "name": network.name,
        "bssid": mac_text(network.bssid) if network.bssid else None,
        "security": str(network.security) if network.security else None,
        "trusted": network.trusted,
    }


def finding_line(
    rule: Rule | None,
    problem: Problem,
    state: State,
    at: float,
    translate: Callable[[str], str] = lambda text: text,
) -> Line:
    """A `finding`. `rule` None: a problem in an older log whose rule is gone; it keeps its id as title."""
    said = words(rule, problem.severity, problem.evidence, translate) if rule is not None else None
    return {
        "schema": SCHEMA,
        "type": "finding",
        "id": problem.id,
        "rule": problem.rule,
        "severity": str(problem.severity),
        "state": str(state),
        "at": instant(at),
        "first_seen": instant(problem.first_seen),
        "last_seen": instant(problem.last_seen),
        "count": problem.count,
        "interface": problem.interface or None,
        "network": network_object(problem.network),
        "title": said.title if said else problem.rule,
        "why": said.why if said else "",
        "advice": list(said.advice) if said else [],
        "evidence": fields(problem.evidence),
    }


def decision_line(rules: Mapping[str, Rule], decision: Decision) -> Line:
    """The `finding` line of news."""
    return finding_line(rules.get(decision.problem.rule), decision.problem, decision.state, decision.at)


def state_of(problem: Problem) -> State:
    """How a stored problem stands now."""
    if not problem.open:
        return State.RESOLVED
    if problem.muted:
        return State.SUPPRESSED
    return State.REPEAT if problem.count > 1 else State.NEW


def network_line(
    network: Network, *, channel: int | None = None, signal_dbm: int | None = None, hidden: bool = False
) -> Line:
    """A `network`. `hidden`: its beacons keep the name back, though it became known."""
    return {
        "schema": SCHEMA,
        "type": "network",
        "id": network.id,
        "ssid": network.name,
        "bssid": mac_text(network.bssid) if network.bssid else None,
        "security": str(network.security) if network.security else None,
        "channel": channel,
        "signal_dbm": signal_dbm,
        "trusted": network.trusted,
        "hidden": hidden or network.ssid == b"",
    }


def station_line(station: WifiAssociated | None) -> Line:
    """What a `network` line says beyond the network itself of the access point that was joined; empty where there is none."""
    if station is None:
        return {}
    bss = station.bss
    return {
        "channel": channel_of(bss.frequency),
        "signal_dbm": bss.signal,
        "hidden": bss.hidden,
        "profile": station.profile,
        "flags": list(flags(bss)),
        "details": list(details(bss)),
    }


def not_checked_line(item: NotChecked) -> Line:
    """A `not_checked`."""
    return {"schema": SCHEMA, "type": "not_checked", "what": item.what, "reason": item.reason, "mend": item.mend}


def summary_line(
    verdict: Verdict | str,
    severities: Iterable[Severity],
    not_checked: int,
    seconds: float,
    packets: int,
    kernel_drops: int | None = None,
) -> Line:
    """The `summary`, last line of scan, replay and check."""
    counts = {str(severity): 0 for severity in reversed(Severity)}
    for severity in severities:
        counts[str(severity)] += 1
    line: Line = {
        "schema": SCHEMA,
        "type": "summary",
        "verdict": verdict if isinstance(verdict, str) else str(verdict.answer),
        "findings": counts,
        "not_checked": not_checked,
        "seconds": round(seconds, 3),
        "packets": packets,
    }
    if kernel_drops is not None:
        line["kernel_drops"] = kernel_drops
    return line


def channel_of(frequency: int | None) -> int | None:
    """The 802.11 channel of a centre frequency in MHz; None outside the 2.4, 5 and 6 GHz bands (802.11-2020, E.1)."""
    if frequency is None:
        return None
    if frequency == 2484:
        return 14
    if 2412 <= frequency <= 2472:
        return (frequency - 2407) // 5
    if 5955 <= frequency <= 7115:
        return (frequency - 5950) // 5
    if 5150 < frequency < 5900:
        return (frequency - 5000) // 5
    return None
