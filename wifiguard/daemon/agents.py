"""The agents that showed themselves lately: who can show notifications, and who says why not."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap

# Seconds between two reports of an agent; one that missed two of them is gone.
REPORT_EVERY = 60.0
_SILENT = 2.5 * REPORT_EVERY
_MOST = 16


class Agents:
    """Outlives a reload: an agent is not asked to introduce itself again. `tick`: seconds of the boot-time clock."""

    def __init__(self) -> None:
        self._states: BoundedMap[str, tuple[bool, str]] = BoundedMap(_MOST, _SILENT)

    def report(self, agent: str, ok: bool, reason: str, tick: float) -> None:
        """Take an agent's word for what it can do."""
        self._states.put(agent, (ok, reason[:300]), tick)

    def present(self, tick: float) -> dict[str, dict[str, object]]:
        """Every agent that still reports, as `status` tells it."""
        self._states.expire(tick)
        return {agent: {"ok": ok, "reason": reason} for agent, (ok, reason) in self._states.items()}
