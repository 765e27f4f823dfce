"""Wait for something to become true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.01


class StillWaitingError(AssertionError):
    """What was waited for did not come before the deadline."""


def wait_until(probe: Callable[[], T | None], what: str, timeout: float = 10.0) -> T:
    """The first truthy answer of `probe`; StillWaitingError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        late = time.monotonic() >= deadline  # read before the probe, so that a stalled machine still gets a last look
        answer = probe()
        if answer:
            return answer
        if late:
            raise StillWaitingError(f"waited {timeout:g} s for {what}")
        time.sleep(PAUSE)
