"""What is done when, hour by hour."""

from __future__ import annotations

import pytest

from wifiguard.daemon import defects
from wifiguard.daemon.schedule import RARER, Job, Schedule


def played(schedule: Schedule, until: float) -> list[float]:
    """The moments at which the schedule asked to come again, and came."""
    now, moments = 0.0, []
    while now <= until:
        moments.append(now)
        now = schedule.turn(now)
    return moments


def test_each_at_its_interval() -> None:
    done: list[str] = []
    schedule = Schedule((Job(300, lambda: done.append("look")), Job(900, lambda: done.append("check"))), bool, 0.0)
    assert played(schedule, 900) == [0, 300, 600, 900]
    assert done == ["look", "look", "look", "check"]


def test_what_was_missed_in_sleep_is_done_once() -> None:
    done: list[str] = []
    schedule = Schedule((Job(300, lambda: done.append("look")),), bool, 0.0)
    assert schedule.turn(8 * 3600) == 8 * 3600 + 300
    assert done == ["look"]


def test_on_battery_everything_is_rarer() -> None:
    done: list[str] = []
    battery = True
    schedule = Schedule((Job(300, lambda: done.append("look")),), lambda: battery, 0.0)
    assert played(schedule, 1800) == [0, 300 * RARER, 600 * RARER]
    battery = False
    assert schedule.turn(1800 + 300) == 2400
    assert done == ["look"] * 3


def test_a_defect_in_one_job_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    said: list[Exception] = []
    monkeypatch.setattr(defects, "report", said.append)
    schedule = Schedule((Job(300, lambda: {}["no"]), Job(300, lambda: done.append("look"))), bool, 0.0)
    assert schedule.turn(300) == 600
    assert done == ["look"]
    assert [type(error) for error in said] == [KeyError]
