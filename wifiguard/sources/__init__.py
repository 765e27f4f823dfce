"""The outside world becomes observations. Sources do input only; nothing here judges or changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Not needed to run, and dear to a process that lives for one look (look.py).
    from wifiguard.core.observation import Observation, Seen


class SourceUnavailable(Exception):
    """The source cannot run as things are: a state, not a defect. `mend`: what the person can do, None where nothing helps."""

    def __init__(self, reason: str, mend: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


class Sink(Protocol):
    """Where a source delivers, and whom it asks for the time."""

    def emit(self, obs: Observation) -> None:
        """Hand over one observation. Cheap; never raises, never blocks."""

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        """Here and now on `interface`; or at wall time `at` (seconds), as the kernel stamped a packet."""


class Source(Protocol):
    """One part of the outside world, watched by one asyncio task.

    `run` reports the whole present state, ends that report with `SourceDone(name, ok=True)`, then follows changes (each
    followed by a report that is complete again) until it is cancelled. It raises `SourceUnavailable` when it cannot look,
    and anything else on a defect: the supervisor says so, backs off and calls `run` again.
    """

    name: str
    essential: bool

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled."""

    def refresh(self) -> None:
        """Report the whole state again soon (the user changed a trust, or the hourly check is due)."""
