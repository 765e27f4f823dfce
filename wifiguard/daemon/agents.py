"""The agents that showed themselves lately: who can show notifications, and who says why not."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.text import visible
from wifiguard.daemon.peers import Peer

# Seconds between two reports of an agent; one that missed two of them is gone.
REPORT_EVERY = 60.0
_SILENT = 2.5 * REPORT_EVERY
# One user's agents leave only each other's places.
_USERS = 16
_OF_ONE_USER = 4
_REASON = 300


class Agents:
    """Outlives a reload: an agent is not asked to introduce itself again. `tick`: seconds of the boot-time clock."""

    def __init__(self) -> None:
        # User → process → what it can do.
        self._states: BoundedMap[int, BoundedMap[int, tuple[bool, str]]] = BoundedMap(_USERS, _SILENT)

    def report(self, agent: Peer, ok: bool, reason: str, tick: float) -> None:
        """Take an agent's word for what it can do; who it is says the kernel."""
        mine = self._states.get(agent.uid, tick) or BoundedMap(_OF_ONE_USER, _SILENT)
        mine.put(agent.pid, (ok, visible(reason, _REASON)), tick)
        self._states.put(agent.uid, mine, tick)

    def present(self, tick: float) -> dict[str, dict[str, object]]:
        """Every agent that still reports, by its process, as `status` tells it."""
        self._states.expire(tick)
        for mine in self._states.values():
            mine.expire(tick)
        return {
            str(pid): {"ok": ok, "reason": reason}
            for mine in self._states.values()
            for pid, (ok, reason) in mine.items()
        }
