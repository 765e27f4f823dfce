"""The periodic work, on boot time: suspend counts, and steps of the wall clock do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from wifiguard.daemon import defects

REFRESH_EVERY = 3600.0
LOOK_EVERY = 300.0
CROSS_CHECK_EVERY = 900.0
RETENTION_EVERY = 86_400.0
# On battery everything comes so many times more rarely.
RARER = 3.0


class Job(NamedTuple):
    """Work that is done each `every` seconds."""

    every: float
    work: Callable[[], None]


class Schedule:
    """Which of the jobs is due; all have just been done at `now`. One that was missed, however often, is done once and late.

    `rarely`: whether to save power now.
    """

    def __init__(self, jobs: Iterable[Job], rarely: Callable[[], bool], now: float) -> None:
        self._rarely = rarely
        self._done = dict.fromkeys(jobs, now)

    def turn(self, now: float) -> float:
        """Do what is due at `now` (seconds of boot time), and say when to come again."""
        factor = RARER if self._rarely() else 1.0
        for job, done in self._done.items():
            if now - done >= job.every * factor:
                self._done[job] = now
                try:
                    job.work()
                except Exception as error:  # noqa: BLE001 - a defect in one job must not end the others; it is said
                    defects.report(error)
        return min(done + job.every * factor for job, done in self._done.items())
