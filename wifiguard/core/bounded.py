"""Maps that traffic cannot grow beyond a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedMap(Generic[K, V]):
    """At most `size` entries, the least recently written leave first; entries older than `age` seconds of tick are gone.

    `age` None keeps entries until they are pushed out.
    Time is an argument: the map never reads a clock.
    """

    __slots__ = ("_entries", "age", "size")

    def __init__(self, size: int, age: float | None = None) -> None:
        if size < 1:
            raise ValueError("a bounded map holds at least one entry")
        self.size = size
        self.age = age
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, key: K, value: V, tick: float) -> None:
        """Write `value`; the entry becomes the youngest."""
        entries = self._entries
        if key in entries:
            entries.move_to_end(key)
        else:
            if self.age is not None:
                # Two leave for one that comes: the map is as large as what came within `age`, and not as it may become.
                for old in [*islice(entries, 2)]:
                    if tick - entries[old][0] <= self.age:
                        break
                    del entries[old]
            if len(entries) >= self.size:
                entries.popitem(last=False)
        entries[key] = (tick, value)

    def get(self, key: K, tick: float) -> V | None:
        """The value, or None where there is none or it is too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        written, value = entry
        if self.age is not None and tick - written > self.age:
            del self._entries[key]
            return None
        return value

    def pop(self, key: K) -> V | None:
        """Take the entry out; None where there is none."""
        entry = self._entries.pop(key, None)
        return None if entry is None else entry[1]

    def drop(self, unwanted: Callable[[K], bool]) -> None:
        """Take out every entry whose key is `unwanted`."""
        for key in [key for key in self._entries if unwanted(key)]:
            del self._entries[key]

    def expire(self, tick: float) -> None:
        """Take out every entry that is too old at `tick`."""
        while self.age is not None and self._entries:
            key, (written, _) = next(iter(self._entries.items()))
            if tick - written <= self.age:
                break
            del self._entries[key]

    def items(self) -> Iterator[tuple[K, V]]:
        """Entries, oldest first."""
        return ((key, value) for key, (_, value) in self._entries.items())

    def values(self) -> Iterator[V]:
        """Values, oldest first."""
        return (value for _, value in self._entries.values())

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
