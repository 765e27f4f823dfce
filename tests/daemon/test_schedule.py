"""What is done when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from wifiguard.daemon import defects
from wifiguard.daemon.schedule import LOOK_EVERY, RARER, Every, Job, all_due, scheduler

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEVER = timedelta(days=400).total_seconds()


def played(made: AsyncIOScheduler, until: Callable[[], bool], first: Callable[[], None] = lambda: None) -> None:
    """Start it in a loop, do `first`, and go on until `until`."""

    async def play() -> None:
        made.start()
        first()
        async with asyncio.timeout(30):
            while not until():
                await asyncio.sleep(0.01)
        made.shutdown(wait=False)

    run: Coroutine[Any, Any, None] = play()
    asyncio.run(run)


def test_on_battery_everything_is_rarer() -> None:
    battery = True
    every = Every(LOOK_EVERY, lambda: battery)
    assert every.get_next_fire_time(None, NOW) == NOW + timedelta(seconds=LOOK_EVERY * RARER)
    battery = False
    assert every.get_next_fire_time(NOW, NOW) == NOW + timedelta(seconds=LOOK_EVERY)


def test_each_at_its_interval() -> None:
    done: list[str] = []
    jobs = Job(0.02, lambda: done.append("look")), Job(NEVER, lambda: done.append("never"))
    played(scheduler(jobs, bool), lambda: len(done) >= 3)
    assert set(done) == {"look"}


def test_what_was_missed_in_sleep_is_done_once() -> None:
    done: list[str] = []
    made = scheduler([Job(LOOK_EVERY, lambda: done.append("look")), Job(0.02, lambda: done.append("other"))], bool)

    def slept() -> None:
        _, look = made.get_jobs()  # as they come
        look.modify(next_run_time=datetime.now(UTC) - timedelta(days=20_000))

    played(made, lambda: done.count("other") >= 3 and "look" in done, slept)
    assert done.count("look") == 1


def test_when_the_clock_was_set_everything_is_due() -> None:
    done: list[str] = []
    made = scheduler([Job(NEVER, lambda: done.append("look")), Job(NEVER, lambda: done.append("check"))], bool)
    played(made, lambda: len(done) == 2, lambda: all_due(made))
    assert sorted(done) == ["check", "look"]


def test_a_defect_in_one_job_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    said: list[BaseException] = []
    monkeypatch.setattr(defects, "report", said.append)
    jobs = Job(0.02, lambda: {}["what was being read"]), Job(0.03, lambda: done.append("look"))
    played(scheduler(jobs, bool), lambda: len(done) >= 2 and len(said) >= 2)
    assert {type(error) for error in said} == {KeyError}
    assert capfd.readouterr() == ("", ""), "the library says nothing of it"
