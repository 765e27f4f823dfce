"""A disk that is full or can only be read: what is found is told all the same, and is in the log when there is room again."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.faults.left import said, stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig.cafe import Cafe
from tests.net.rig.disk import fill
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = pytest.mark.root
PATIENCE = 30.0


def on(disk: Path, cafe: Cafe) -> Watched:
    state = {"WIFIGUARD_STATE_DIR": str(disk / "state")}
    return Watched(cafe.laptop, "--no-notify", settings=SETTINGS, env=state)


def is_written_soon(watched: Watched) -> None:
    """All that was told is in the log, survives the end of the monitor, and nothing is said of the log any more."""
    wait_until(lambda: not said(watched), "the log to be written again", PATIENCE)
    fresh = told(watched)
    assert stored(watched, fresh) == fresh
    watched.process.signal(signal.SIGKILL)
    watched.process.wait()
    assert stored(watched, fresh) == fresh


def test_it_fills_up_and_is_emptied(disk: Path, cafe: Cafe, logins: Logins) -> None:
    watched = on(disk, cafe)
    logins.one()
    watched.wait_for(RULE)
    ballast = fill(disk)
    logins.burst(100)
    wait_until(lambda: "The disk is full" in said(watched), "it to be said", PATIENCE)
    logins.one()
    wait_until(lambda: len(told(watched)) == 102, "everything to be told", PATIENCE)
    assert "The disk is full" in watched.command("status")
    assert stored(watched, told(watched)) < told(watched)
    ballast.unlink()
    is_written_soon(watched)


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_it_is_of_no_use_from_the_start(disk: Path, cafe: Cafe, logins: Logins, trouble: str) -> None:
    watched = on(disk, cafe)
    logins.one()
    watched.wait_for(RULE)
    before = told(watched)
    watched.process.signal(signal.SIGTERM)
    assert watched.process.wait() == 0
    sentence = {"full": "The disk is full", "read-only": "is on a disk that can only be read"}[trouble]
    if trouble == "full":
        fill(disk)
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    watched.start()
    logins.one()
    watched.wait_for(RULE, lambda line: line["id"] not in before)
    assert watched.process.errors().count(sentence) == 1
    assert sentence in said(watched)
    if trouble == "full":
        (disk / "ballast").unlink()
    else:
        # The monitor's own view of its mounts is another one.
        for enter in (["nsenter", f"--target={watched.process.pid}", "--mount"], []):
            subprocess.run([*enter, "mount", "-o", "remount,rw", str(disk)], check=True)
    is_written_soon(watched)
    assert stored(watched, before) == before
