"""The periodic work, on APScheduler."""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

REFRESH_EVERY = 3600
LOOK_EVERY = 300
CROSS_CHECK_EVERY = 900
RETENTION_EVERY = 86_400


def scheduler(
    refresh: Callable[[], None],
    look_again: Callable[[], None],
    cross_check: Callable[[], None],
    retention: Callable[[], None],
) -> AsyncIOScheduler:
    """A scheduler that is ready to start: everything is told again hourly, this laptop looked at each 5 minutes, interfaces
    cross-checked each 15, findings past their time dropped daily.

    After a suspend a missed job runs once, however late (no grace time), and never twice at a time.
    """
    made = AsyncIOScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1})
    made.add_job(refresh, "interval", seconds=REFRESH_EVERY, id="refresh")
    made.add_job(look_again, "interval", seconds=LOOK_EVERY, id="look")
    made.add_job(cross_check, "interval", seconds=CROSS_CHECK_EVERY, id="cross-check")
    made.add_job(retention, "interval", seconds=RETENTION_EVERY, id="retention")
    return made
