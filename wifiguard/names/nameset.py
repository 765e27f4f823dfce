"""A set of names that keeps none of them: a million take 10 MB instead of 105, and what the user listed stays theirs."""

from array import array
from collections.abc import Iterable
from typing import Final

_BUCKETS: Final = 4096


class NameSet:
    """Membership by 64-bit keyed hash, Python's own; with a million names one test in 10^13 would be wrong."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: list[array[int]] = []

    def update(self, names: Iterable[str]) -> None:
        """Adds names; adding one again costs its eight bytes again."""
        if not self._buckets:
            self._buckets = [array("q") for _ in range(_BUCKETS)]
        buckets = self._buckets
        for key in map(hash, names):
            buckets[key % _BUCKETS].append(key)

    def __contains__(self, name: str) -> bool:
        if not self._buckets:
            return False
        key = hash(name)
        return key in self._buckets[key % _BUCKETS]
