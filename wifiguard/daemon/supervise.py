"""Keeps sources running: one that fails is said, waits, and is tried again; the others never notice."""

from __future__ import annotations

import asyncio

from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation
from wifiguard.daemon import defects
from wifiguard.sources import Sink, Source, SourceUnavailable
from wifiguard.sources.patience import Patience

# Seconds until a source must have told its whole state: one that has not hangs.
REPORT_WITHIN = 60.0


class _Hung(Exception):
    """The source took too long to say anything."""


async def supervise(source: Source, sink: Sink) -> None:
    """Run `source` until cancelled."""
    patience = Patience()
    loop = asyncio.get_running_loop()
    told = ""
    while True:
        started = loop.time()
        watched = _Watched(sink, source.name)
        lost = False
        try:
            await _run(source, watched)
            reason, mend = "it ended by itself", None
        except SourceUnavailable as state:
            reason, mend, lost = state.reason, state.mend, watched.worked
        except _Hung:
            reason, mend = f"it said nothing for {REPORT_WITHIN:.0f} seconds", "it is tried again by itself"
        except Exception as error:  # noqa: BLE001 - one source's defect must not stop the others; it is said
            mend = "it is tried again by itself"
            if defects.out_of_files(error):
                reason = "too many files are open"
            else:
                reason = f"a defect stopped it ({defects.place_of(error)})"
                mend = "it is tried again by itself; please report it if it stays"
                if reason != told:
                    defects.report(error)
        told = reason
        sink.emit(SourceDone(sink.seen(), source.name, ok=False, reason=reason, mend=mend, essential=source.essential))
        await asyncio.sleep(patience.wait(loop.time(), loop.time() - started, lost=lost))


async def _run(source: Source, watched: _Watched) -> None:
    """`source.run`, ended with _Hung unless a first report came in time."""
    running = asyncio.create_task(source.run(watched), name=source.name)
    first = asyncio.create_task(watched.reported.wait())
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
    """The sink, which notes that the source reported, and whether it ever worked."""

    def __init__(self, sink: Sink, source: str) -> None:
        self.reported = asyncio.Event()
        self.worked = False
        self._source = source
        self._emit = sink.emit
        self.seen = sink.seen

    def emit(self, obs: Observation) -> None:
        if type(obs) is SourceDone and obs.source == self._source:
            self.reported.set()
            self.worked = self.worked or obs.ok
        self._emit(obs)
