"""What is not on disk yet: decisions that a full disk held up, and what rules learned of networks that are not kept."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator

from wifiguard.core.rule import Remember
from wifiguard.store.rows import DecisionRow, NetworkRow

# The newest stay.
DECISIONS = 2000
LEARNED = 1000


class Waiting:
    """Bounded. `lost` counts decisions that were pushed out before they could be written."""

    def __init__(self) -> None:
        self.lost = 0
        self._decisions: deque[DecisionRow] = deque(maxlen=DECISIONS)
        self._learned: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._decisions)

    def __iter__(self) -> Iterator[DecisionRow]:
        return iter(self._decisions)

    @property
    def latest(self) -> float:
        """Wall time of the newest decision, 0 where nothing waits."""
        return self._decisions[-1].at if self._decisions else 0.0

    @property
    def networks(self) -> dict[str, NetworkRow]:
        """The networks of the decisions."""
        return {row.network.id: row.network for row in self._decisions if row.network is not None}

    def add(self, rows: Collection[DecisionRow]) -> None:
        """Take decisions; where there is no room the oldest go."""
        self.lost += max(0, len(self._decisions) + len(rows) - DECISIONS)
        self._decisions.extend(rows)

    def written(self) -> None:
        """All decisions are on disk."""
        self._decisions.clear()

    def learn(self, request: Remember) -> None:
        """Keep a value in memory."""
        key = (request.network.id, request.rule, request.key)
        self._learned[key] = request.value
        self._learned.move_to_end(key)
        if len(self._learned) > LEARNED:
            self._learned.popitem(last=False)

    def learned(self, network_id: str) -> list[tuple[str, str, str]]:
        """(rule, key, value) of one network, oldest first."""
        return [(rule, key, value) for (id, rule, key), value in self._learned.items() if id == network_id]

    def unlearn(self, networks: Iterable[str]) -> None:
        """Drop what was learned of `networks`."""
        for id in networks:
            for rule, key, _ in self.learned(id):
                del self._learned[id, rule, key]

    def drop(self, unwanted: Callable[[DecisionRow], bool]) -> None:
        """Drop the decisions that are `unwanted`."""
        self._decisions = deque((row for row in self._decisions if not unwanted(row)), maxlen=DECISIONS)

    def clear(self) -> None:
        """Drop everything."""
        self._decisions.clear()
        self._learned.clear()
