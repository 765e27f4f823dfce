"""Keeps sources running: one that fails is said, waits, and is tried again; the others never notice."""

from __future__ import annotations

import asyncio

from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation
from wifiguard.daemon import defects
from wifiguard.sources import Sink, Source, SourceUnavailable

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# A source that ran this long was well: its next failure is a new one.
WELL_AFTER = 60.0
# Seconds until a source must have told its whole state: one that has not hangs.
REPORT_WITHIN = 60.0


class _Hung(Exception):
    """The source took too long to say anything."""


async def supervise(source: Source, sink: Sink) -> None:
    """Run `source` until cancelled."""
    wait = FIRST_WAIT
    loop = asyncio.get_running_loop()
    told = ""
    while True:
        started = loop.time()
        try:
            await _run(source, sink)
            reason, mend = "it ended by itself", None
        except SourceUnavailable as state:
            reason, mend = state.reason, state.mend
        except _Hung:
            reason, mend = f"it said nothing for {REPORT_WITHIN:.0f} seconds", "it is tried again by itself"
        except Exception as error:  # noqa: BLE001 - one source's defect must not stop the others; it is said
            reason = f"a defect stopped it ({defects.place_of(error)})"
            mend = "it is tried again by itself; please report it if it stays"
            if reason != told:
                defects.report(error)
        told = reason
        sink.emit(SourceDone(sink.seen(), source.name, ok=False, reason=reason, mend=mend, essential=source.essential))
        if loop.time() - started > WELL_AFTER:
            wait = FIRST_WAIT
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


async def _run(source: Source, sink: Sink) -> None:
    """`source.run`, ended with _Hung unless a first report came in time."""
    reported = asyncio.Event()
    watched = _Watched(sink, source.name, reported)
    running = asyncio.create_task(source.run(watched), name=source.name)
    first = asyncio.create_task(reported.wait())
    try:
        await asyncio.wait({running, first}, timeout=REPORT_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        if not running.done() and not first.done():
            raise _Hung
        await running
    finally:
        for task in (running, first):
            task.cancel()
        await asyncio.gather(running, first, return_exceptions=True)


class _Watched:
    """The sink, which notes that the source reported."""

    def __init__(self, sink: Sink, source: str, reported: asyncio.Event) -> None:
        self._source = source
        self._reported = reported
        self._emit = sink.emit
        self.seen = sink.seen

    def emit(self, obs: Observation) -> None:
        if type(obs) is SourceDone and obs.source == self._source:
            self._reported.set()
        self._emit(obs)
