"""Old findings go by a wall clock that can be believed: one that is set months ahead would take the whole log along."""

from __future__ import annotations

from typing import Protocol

from wifiguard.daemon.clock import Times

DAY = 86_400.0
# The wall clock may move on so far, in seconds, while nobody watches, and still be believed.
AWAY = 7 * DAY


class Log(Protocol):
    """What is needed of the store."""

    def clock(self) -> tuple[float, float]: ...
    def keep_clock(self, agreed: float, at: float) -> None: ...
    def prune(self, now: float, days: float) -> int: ...


class Retention:
    """Each call drops what is older than `days`, after every day for which the wall clock went along with boot time.

    The day is counted over several runs, since many a laptop is switched off in the evening. Raises StoreError.
    """

    def __init__(self, log: Log, clock: Times, days: float) -> None:
        self._log = log
        self._clock = clock
        self._days = days
        self._tick = clock.tick()
        self._at = clock.at()

    def __call__(self) -> None:
        at, tick = self._clock.at(), self._clock.tick()
        agreed, kept = self._log.clock()
        watched = tick - self._tick
        if abs(at - self._at - watched) > DAY or abs(self._at - kept) > AWAY:
            agreed = 0.0
        else:
            agreed += watched
        if agreed >= DAY:
            self._log.prune(at, self._days)
            agreed = 0.0
        self._log.keep_clock(agreed, at)
        self._at, self._tick = at, tick
