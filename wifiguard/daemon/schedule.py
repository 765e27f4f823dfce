"""The periodic work, on APScheduler."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from wifiguard.daemon import defects

REFRESH_EVERY = 3600.0
LOOK_EVERY = 300.0
CROSS_CHECK_EVERY = 900.0
RETENTION_EVERY = 3600.0
# On battery everything comes so many times more rarely.
RARER = 3.0


class Job(NamedTuple):
    """Work that is done each `every` seconds."""

    every: float
    work: Callable[[], None]


class Every(BaseTrigger):  # type: ignore[misc]
    """So many seconds after it was done: what was missed, for however long, comes once. `rarely`: whether to save power now."""

    def __init__(self, seconds: float, rarely: Callable[[], bool]) -> None:
        self._seconds = seconds
        self._rarely = rarely

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When next, as APScheduler asks."""
        return now + timedelta(seconds=self._seconds * (RARER if self._rarely() else 1.0))


def scheduler(jobs: Iterable[Job], rarely: Callable[[], bool]) -> AsyncIOScheduler:
    """A scheduler that is ready to start, whose jobs run in the event loop, one after the other."""
    # Defects are told in our own way: the library's lines would quote what was being read.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)
    made = AsyncIOScheduler(
        timezone=UTC,
        executors={"default": DebugExecutor()},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    made.add_listener(lambda event: defects.report(event.exception), EVENT_JOB_ERROR)
    for job in jobs:
        made.add_job(job.work, Every(job.every, rarely))
    return made


def all_due(made: AsyncIOScheduler) -> None:
    """Do everything now: its times go by the wall clock, which was set, or by a loop that slept with the laptop."""
    for job in made.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))
