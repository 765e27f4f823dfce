"""What is old goes, and a clock that was set wrong takes nothing along."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from tests.store.making import DAY, NOW, decision
from wifiguard.daemon.retention import Retention
from wifiguard.store import Store

HOUR = 3600.0


class Times(Struct):
    """Both clocks; `tick` is since boot."""

    wall: float = NOW
    boot: float = 0.0

    def at(self) -> float:
        return self.wall

    def tick(self) -> float:
        return self.boot

    def go_on(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "wifiguard.db"


class Laptop:
    """A log with a finding of today's, and one that is too old tomorrow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times = Times()
        self.store = Store.open(path, now=NOW)
        self.store.record([decision(id="today"), decision(id="old", first_seen=NOW - 90 * DAY)])
        self.start()

    def start(self) -> None:
        """A monitor, or the next one."""
        self.retention = Retention(self.store, self.times, 90)

    def watch(self, hours: int) -> list[str]:
        """What is in the log then."""
        for _ in range(hours):
            self.times.go_on(HOUR)
            self.retention()
        return sorted(problem.id for problem in self.store.problems())


@pytest.fixture
def laptop(path: Path) -> Laptop:
    return Laptop(path)


def test_what_is_old_goes_after_a_day(laptop: Laptop) -> None:
    assert laptop.watch(24) == ["old", "today"]
    assert laptop.watch(1) == ["today"]
    assert laptop.watch(88 * 24) == ["today"]
    assert laptop.watch(24) == []


def test_a_clock_that_is_set_ahead_takes_nothing_along(laptop: Laptop) -> None:
    laptop.watch(24)
    laptop.times.wall += 100 * DAY
    laptop.retention()
    assert laptop.watch(20) == ["old", "today"]
    laptop.times.wall -= 100 * DAY
    assert laptop.watch(24) == ["old", "today"]
    assert laptop.watch(2) == ["today"]


def test_a_day_is_made_of_evenings(laptop: Laptop) -> None:
    for _ in range(9):
        laptop.times.boot = 0.0
        laptop.start()
        kept = laptop.watch(3)
        laptop.times.wall += 21 * HOUR
    assert kept == ["today"]


def test_a_clock_that_was_set_while_nobody_watched_is_not_believed(laptop: Laptop) -> None:
    laptop.watch(24)
    laptop.times.boot = 0.0
    laptop.times.wall += 100 * DAY
    laptop.start()
    assert laptop.watch(24) == ["old", "today"]
