"""Keeps sources running: one that fails is said, waits, and is tried again; the others never notice."""

from __future__ import annotations

import asyncio
import sys
import traceback

from wifiguard.core.host import SourceDone
from wifiguard.core.text import visible
from wifiguard.sources import Sink, Source, SourceUnavailable

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# A source that ran this long was well: its next failure is a new one.
WELL_AFTER = 60.0


async def supervise(source: Source, sink: Sink) -> None:
    """Run `source` until cancelled."""
    wait = FIRST_WAIT
    loop = asyncio.get_running_loop()
    told = ""
    while True:
        started = loop.time()
        try:
            await source.run(sink)
            reason, mend = "it ended by itself", None
        except SourceUnavailable as state:
            reason, mend = state.reason, state.mend
        except Exception as error:  # noqa: BLE001 - one source's defect must not stop the others; it is said
            reason = f"a defect stopped it ({type(error).__name__}: {visible(str(error), 200)})"
            mend = "it is tried again by itself; please report it if it stays"
            if reason != told:
                traceback.print_exception(error, limit=8, file=sys.stderr)
        told = reason
        sink.emit(SourceDone(sink.seen(), source.name, ok=False, reason=reason, mend=mend, essential=source.essential))
        if loop.time() - started > WELL_AFTER:
            wait = FIRST_WAIT
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
