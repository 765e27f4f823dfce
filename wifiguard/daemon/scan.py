"""The driver of the on-demand scan: a monitor for a few seconds, then everything at once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from wifiguard.core.network import Network
from wifiguard.core.policy import Decision, Problem
from wifiguard.core.rule import NotChecked
from wifiguard.core.verdict import Verdict, verdict
from wifiguard.daemon.config import Settings
from wifiguard.daemon.monitor import Monitor
from wifiguard.store import Store
from wifiguard.store.rows import KnownNetwork

STEP = 0.1


@dataclass(frozen=True, slots=True)
class Scan:
    """The result. `networks`: interface → network. `packets` and `dropped` count what was captured meanwhile."""

    verdict: Verdict
    problems: tuple[Problem, ...]
    not_checked: tuple[NotChecked, ...]
    networks: dict[str, Network]
    packets: int
    dropped: int
    seconds: float


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
    news: Callable[[Decision, Monitor], None] = lambda *_: None,
    progress: Callable[[str, float], None] = lambda *_: None,
) -> Scan:
    """Look at everything for `seconds` (`quick`: only until each source reported, without traffic).

    `progress` gets the step's name and the part done, from 0 to 1.
    """
    if quick:
        settings = dataclasses.replace(settings, watch=dataclasses.replace(settings.watch, traffic="never"))
    found: list[Decision] = []

    def heard(decision: Decision) -> None:
        found.append(decision)
        news(decision, monitor)

    monitor = Monitor(settings, None, heard, memory=Glance(store), mutes=store.mutes() if store else ())
    loop = asyncio.get_running_loop()
    began = loop.time()
    watching = asyncio.create_task(monitor.watch())
    try:
        length = min(2.0, seconds) if quick else seconds
        while (spent := loop.time() - began) < length and not watching.done():
            if quick and monitor.reported.is_set():
                break
            waiting = [source.name for source in monitor.sources if source.name not in monitor.pipeline.sources]
            progress(waiting[0] if waiting else "traffic", spent / length)
            await asyncio.sleep(min(STEP, length - spent))
        if watching.done():
            watching.result()
        networks = monitor.pipeline.whereabouts.networks()
        silent = [source.name for source in monitor.sources if source.name not in monitor.pipeline.sources]
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    progress("done", 1.0)
    not_checked = [item for item in monitor.not_checked() if not (quick and item.what == "traffic")]
    not_checked += [NotChecked(name, "it did not answer in time", None, essential=True) for name in silent]
    if quick:
        not_checked.append(
            NotChecked("traffic", "--quick leaves it out", "run the scan without --quick", essential=True)
        )
    problems = tuple(sorted(monitor.pipeline.policy.problems(), key=lambda p: (-p.severity, p.first_seen, p.rule)))
    counts = monitor.capture.status().values()
    return Scan(
        verdict=verdict(
            problems,
            not_checked,
            checked_anything=any(done.ok for done in monitor.pipeline.sources.values()),
        ),
        problems=problems,
        not_checked=tuple(not_checked),
        networks=networks,
        packets=sum(int(count["packets"]) for count in counts),
        dropped=sum(monitor.pipeline.dropped.values()),
        seconds=loop.time() - began,
    )
