"""The kernel's timers, in a machine whose clocks are set: a time namespace for boot time, a stand-in for the wall clock."""

from __future__ import annotations

import asyncio
import errno
import os
import time

import pytest

from wifiguard.daemon.timers import Alarm, Jumps


def boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


async def rings(due: float | None, *later: float | None) -> bool:
    """Whether an alarm that is set to these one after another rings soon."""
    rang = asyncio.Event()
    alarm = Alarm(rang.set)
    try:
        for each in (due, *later):
            alarm.set(each)
        async with asyncio.timeout(0.3 if later or due is None or due > boot() + 1 else 30):
            await rang.wait()
    except TimeoutError:
        return False
    finally:
        alarm.close()
    return True


@pytest.mark.parametrize("due", [0.0, -5.0, 1.0])
def test_what_is_past_rings_at_once(due: float) -> None:
    assert asyncio.run(rings(due))


def test_it_rings_in_time() -> None:
    assert asyncio.run(rings(boot() + 0.05))


def test_set_anew_it_does_not_ring_for_the_time_before() -> None:
    assert not asyncio.run(rings(boot() + 0.01, None))
    assert not asyncio.run(rings(boot() + 0.01, boot() + 3600))
    assert not asyncio.run(rings(None))


def test_a_clock_that_is_set_is_told_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel says so by an error when the timer is read; here it is said without anybody's clock being touched."""

    def canceled(*_: int) -> bytes:
        raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))

    async def heard() -> int:
        told: list[None] = []
        jumps = Jumps(lambda: told.append(None))
        monkeypatch.setattr(os, "read", canceled)
        jumps._heard()
        jumps._heard()
        monkeypatch.undo()
        jumps.close()
        return len(told)

    assert asyncio.run(heard()) == 2
