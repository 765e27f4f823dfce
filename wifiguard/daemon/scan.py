"""The driver of the on-demand scan: a monitor for a few seconds, or the running service's state, then everything at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, structs

from wifiguard.core.policy import Decision
from wifiguard.core.rule import Kind, NotChecked
from wifiguard.core.severity import Severity
from wifiguard.core.verdict import Answer, verdict
from wifiguard.daemon.config import Settings
from wifiguard.daemon.desk import because
from wifiguard.daemon.lines import Line, finding_line, network_line, not_checked_line, state_of, station_line
from wifiguard.daemon.monitor import Monitor
from wifiguard.daemon.rulebook import Rulebook
from wifiguard.rules import rule_files
from wifiguard.store import Store
from wifiguard.store.rows import KnownNetwork

STEP = 0.1
# A quick scan ends here, and not before the wired network's name is known or given up (core.whereabouts.WAIT waits longer).
QUICK = 1.6
SETTLED = 0.8


class Scan(Struct, frozen=True):
    """The result, as lines of the machine-readable output; findings worst first. `packets` and `dropped` count what was captured.

    `missing`: how many of `not_checked` were asked for. `by_service`: it is the running service's state.
    """

    answer: str
    because: tuple[str, ...]
    networks: tuple[Line, ...]
    findings: tuple[Line, ...]
    not_checked: tuple[Line, ...]
    missing: int
    packets: int
    dropped: int
    seconds: float
    by_service: bool = False


class Glance:
    """A store that a scan may read (who is trusted, what is muted) and never writes."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def record(self, decisions: object) -> None:
        """A scan leaves no trace in the log."""

    def problem(self, id: str) -> None:
        """A scan tells what is so now, not how often it was."""

    def remember(self, request: object) -> None:
        """Nor does it learn."""

    def recall(self, network_id: str) -> tuple[tuple[str, str, str], ...]:
        """What rules learned of the network."""
        return tuple(self._store.recall(network_id)) if self._store else ()

    def saw_network(self, network: object, at: float) -> None:
        """Not kept."""

    def networks(self) -> tuple[KnownNetwork, ...]:
        """Those that are kept."""
        return tuple(self._store.networks()) if self._store else ()

    def is_trusted(self, id: str) -> bool:
        """Whether the user trusts the network."""
        return self._store is not None and self._store.is_trusted(id)


async def scan(
    settings: Settings,
    store: Store | None,
    *,
    seconds: float,
    quick: bool,
    only: frozenset[str] = frozenset(),
    news: Callable[[Decision, Monitor], None] = lambda *_: None,
    progress: Callable[[str, float], None] = lambda *_: None,
) -> Scan:
    """Look at everything for `seconds` (`quick`: only until each source reported, without traffic).

    `only`: judge by these rules alone, and look at no more than they need. `progress` gets the step's name and the part done.
    """
    settings = _narrowed(settings, only)
    if quick:
        settings = structs.replace(settings, watch=structs.replace(settings.watch, traffic="never"))
    found: list[Decision] = []

    def heard(decision: Decision) -> None:
        found.append(decision)
        news(decision, monitor)

    monitor = Monitor(Rulebook(settings), None, heard, memory=Glance(store), mutes=store.mutes() if store else ())
    wanted = needed(only)
    listens = settings.watch.traffic != "never"
    loop = asyncio.get_running_loop()
    began = loop.time()
    watching = asyncio.create_task(monitor.watch())

    def silent() -> list[str]:
        names = {source.name for source in monitor.sources} - monitor.pipeline.sources.keys()
        return sorted(name for name in names if wanted is None or name in wanted)

    try:
        length = min(QUICK, seconds) if quick else seconds
        while (spent := loop.time() - began) < length and not watching.done():
            waiting = silent()
            if not waiting and not listens and spent > SETTLED:
                break
            progress(waiting[0] if waiting else "traffic", spent / length)
            await asyncio.sleep(min(STEP, length - spent))
        if watching.done():
            watching.result()
        networks = monitor.pipeline.whereabouts.networks()
        late = silent()
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    progress("done", 1.0)
    items = monitor.not_checked(pending=True)
    unchecked = [item for item in items if _asked(item.what, wanted) and not _left_out(item, listens)]
    essential = {source.name: source.essential for source in monitor.sources}
    unchecked += [NotChecked(name, "it did not answer in time", None, essential=essential[name]) for name in late]
    missing = len(unchecked)
    if quick and not only:
        mend = "run the scan without --quick"
        unchecked.append(NotChecked("traffic", "--quick leaves it out", mend, essential=True))
    problems = sorted(monitor.pipeline.policy.problems(), key=lambda p: (-p.severity, p.first_seen, p.rule, p.id))
    judged = verdict(problems, unchecked, checked_anything=bool(networks or wanted) and monitor.pipeline.working())
    counts = monitor.capture.status().values()
    return Scan(
        answer=str(judged.answer),
        because=tuple(because(monitor.book.rules, judged)),
        networks=tuple(
            {**network_line(network), "interface": name, **station_line(monitor.wifi.station(name))}
            for name, network in networks.items()
        ),
        findings=tuple(finding_line(monitor.book.rules.get(p.rule), p, state_of(p), p.last_seen) for p in problems),
        not_checked=tuple(not_checked_line(item) for item in unchecked),
        missing=missing,
        packets=sum(int(count["packets"]) for count in counts),
        dropped=sum(monitor.pipeline.dropped.values()),
        seconds=loop.time() - began,
    )


def of_service(status: Mapping[str, Any], seconds: float, only: frozenset[str] = frozenset()) -> Scan:
    """The result that a running service's `status` line holds."""
    findings = tuple(line for line in status["problems"] if not only or line["rule"] in only)
    wanted = needed(only)
    unchecked = tuple(line for line in status["not_checked"] if _asked(str(line["what"]), wanted))
    traffic = status["traffic"].values()
    return Scan(
        answer=_answer(findings, unchecked) if only else str(status["verdict"]),
        because=tuple(line["title"] for line in findings[:5]) if only else tuple(status["because"]),
        networks=tuple(_present(network) for network in status["networks"]),
        findings=findings,
        not_checked=unchecked,
        missing=len(unchecked),
        packets=sum(int(count["packets"]) for count in traffic),
        dropped=sum(int(count.get("dropped", 0)) for count in traffic),
        seconds=seconds,
        by_service=True,
    )


def needed(only: Iterable[str]) -> frozenset[str] | None:
    """The sources that these rules live on; None: all. What happens is found in traffic and in the air."""
    rules = [rule_files()[id].rule for id in only]
    if not rules:
        return None
    posture = {rule.source for rule in rules if rule.kind is Kind.POSTURE}
    events = {"traffic", "wifi"} if any(rule.kind is Kind.EVENT for rule in rules) else set()
    # Without its interfaces a laptop has no networks to judge.
    return frozenset(posture | events | {"interfaces", *only})


def _narrowed(settings: Settings, only: frozenset[str]) -> Settings:
    wanted = needed(only)
    if wanted is None:
        return settings
    watch = settings.watch if "traffic" in wanted else structs.replace(settings.watch, traffic="never")
    return structs.replace(settings, off=frozenset(rule_files().keys() - only), watch=watch)


def _asked(what: str, wanted: frozenset[str] | None) -> bool:
    return wanted is None or what in wanted


def _left_out(item: NotChecked, listens: bool) -> bool:
    """The monitor says that traffic is switched off; here that was the question's own wish."""
    return item.what == "traffic" and not listens


def _answer(findings: Iterable[Mapping[str, Any]], unchecked: Iterable[object]) -> str:
    worst = max((Severity.parse(line["severity"]) for line in findings if line["state"] != "suppressed"), default=None)
    if worst is not None and worst >= Severity.HIGH:
        return str(Answer.NO)
    careful = (worst is not None and worst >= Severity.MEDIUM) or bool(list(unchecked))
    return str(Answer.WITH_CARE if careful else Answer.YES)


def _present(network: Mapping[str, Any]) -> Line:
    """A network of the status line as a `network` line."""
    return {
        "schema": 1,
        "type": "network",
        "id": network["id"],
        "ssid": network["name"],
        "bssid": network["bssid"],
        "security": network["security"],
        "channel": network.get("channel"),
        "signal_dbm": network.get("signal_dbm"),
        "trusted": network["trusted"],
        "hidden": network.get("hidden", False),
        "interface": network["interface"],
        **{key: network[key] for key in ("profile", "flags", "details") if key in network},
    }
