"""Which payload the kernel's filter may drop: the heavy directions of flows that can tell nothing more."""

from __future__ import annotations

from typing import NamedTuple

MOST = 64
AGE = 60.0


class Shunt(NamedTuple):
    """A sender and the port that it sends to: what it sends there is bulk. `transport`: "tcp" or "udp".

    `address`: 4 or 16 bytes. Other flows of the same sender pass the filter until they are settled themselves.
    """

    address: bytes
    port: int
    peer_port: int
    transport: str


class Shunts:
    """The heaviest directions, at most 64. One that ages out passes the filter again and comes back if it still is heavy.

    `version` grows when the filter should change.
    """

    def __init__(self) -> None:
        self.version = 0
        self._weights: dict[Shunt, tuple[int, float]] = {}

    def add(self, shunt: Shunt, weight: int, tick: float) -> None:
        """`weight`: bytes that the sender sent in vain on one flow."""
        self.expire(tick)
        known = self._weights.get(shunt)
        if known is None:
            if len(self._weights) >= MOST:
                lightest = min(self._weights, key=lambda s: self._weights[s][0])
                if self._weights[lightest][0] >= weight:
                    return
                del self._weights[lightest]
            self.version += 1
        else:
            weight = max(weight, known[0])
        self._weights[shunt] = (weight, tick)

    def drop(self, shunt: Shunt) -> None:
        """Its flow is over. `version` stays: to drop what nobody sends any more does no harm until the next change."""
        self._weights.pop(shunt, None)

    def expire(self, tick: float) -> None:
        """Let those go that were added too long ago (or in a future that a clock set back has taken away)."""
        old = [shunt for shunt, (_, added) in self._weights.items() if not added <= tick < added + AGE]
        for shunt in old:
            del self._weights[shunt]
        self.version += bool(old)

    def heaviest(self) -> tuple[Shunt, ...]:
        """All, heaviest first."""
        return tuple(sorted(self._weights, key=lambda s: (-self._weights[s][0], s)))
