"""How long one waits before something that could not be had is tried again."""

from __future__ import annotations

FIRST = 1.0
# What was there a while ago, as a bus that is being restarted, mostly comes back soon.
SOON = 4.0
HOPE = 600.0
LONGEST = 60.0
# What ran this long was well: its next failure is a new one.
WELL_AFTER = 60.0


class Patience:
    """The waits between tries of one thing: longer from try to try, and never long while it worked lately. Seconds."""

    def __init__(self) -> None:
        self._next = FIRST
        self._lost: float | None = None

    def wait(self, now: float, ran: float, *, lost: bool = False) -> float:
        """How long to wait from `now` on, after a try that lasted `ran`. `lost`: it worked, until what it needs went away."""
        if lost:
            self._lost = now
        if ran > WELL_AFTER:
            self._next = FIRST
        hope = self._lost is not None and now - self._lost < HOPE
        wait = min(self._next, SOON if hope else LONGEST)
        self._next = min(self._next * 2, LONGEST)
        return wait
