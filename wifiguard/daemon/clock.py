"""The two clocks of the live system."""

from __future__ import annotations

import time
from typing import Protocol


class Times(Protocol):
    """The clocks: `Clock`, or a test's."""

    def at(self) -> float: ...
    def tick(self) -> float: ...


class Clock:
    """Wall time for people, boot time for logic: suspend counts, steps of the wall clock do not."""

    def at(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def tick(self) -> float:
        """Seconds since boot, time asleep included (CLOCK_BOOTTIME)."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
