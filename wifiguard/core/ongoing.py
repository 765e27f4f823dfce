"""Attacks that go on: told once and again at times, over when nothing was seen of them for a while."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from wifiguard.core.observation import Seen
from wifiguard.core.rule import Cleared

# An attack repeats its packets for as long as it works; one repeat in so many seconds tells as much as all.
REPEAT_EVERY = 10.0


class _Problem(NamedTuple):
    last: Seen
    told: float


class Ongoing:
    """The problems of one rule that are open, at most `most` an interface: what a flood could name beyond is one of them.

    `quiet`: seconds of tick without a sighting after which a problem is over.
    """

    __slots__ = ("_most", "_problems", "_quiet", "_rule")

    def __init__(self, rule: str, quiet: float, most: int = 4) -> None:
        self._rule = rule
        self._quiet = quiet
        self._most = most
        # By interface and key, the longest unseen first.
        self._problems: OrderedDict[tuple[str, tuple[str, ...]], _Problem] = OrderedDict()

    def sighted(self, seen: Seen, key: tuple[str, ...]) -> bool:
        """Note a sighting; True where it should be told: the first one, and a repeat once in `REPEAT_EVERY` seconds."""
        place = seen.interface, key
        known = self._problems.get(place)
        if known is None and sum(interface == seen.interface for interface, _ in self._problems) >= self._most:
            return False
        tell = known is None or seen.tick - known.told >= REPEAT_EVERY
        self._problems[place] = _Problem(seen, seen.tick if known is None or tell else known.told)
        self._problems.move_to_end(place)
        return tell

    def holds(self, seen: Seen, key: tuple[str, ...]) -> bool:
        """Whether the problem is open on this interface."""
        return (seen.interface, key) in self._problems

    def clear(self, seen: Seen, key: tuple[str, ...]) -> list[Cleared]:
        """The problem is over now, if it was open."""
        known = self._problems.pop((seen.interface, key), None)
        # On the network where it was told: the interface may be elsewhere by now.
        return [] if known is None else [Cleared(self._rule, seen._replace(network=known.last.network), key)]

    def leave(self, interface: str) -> None:
        """The interface left its network: what was open there is nobody's news any more."""
        for place in [place for place in self._problems if place[0] == interface]:
            del self._problems[place]

    def deadline(self) -> float | None:
        """When the first problem is over, if nothing more is seen of it."""
        oldest = next(iter(self._problems.values()), None)
        return None if oldest is None else oldest.last.tick + self._quiet

    def over(self, due: float) -> list[Cleared]:
        """What is over at tick `due`."""
        out: list[Cleared] = []
        for (_, key), (last, _) in list(self._problems.items()):
            if last.tick + self._quiet > due:
                break
            out += self.clear(last._replace(at=last.at + due - last.tick, tick=due, frame=None), key)
        return out
