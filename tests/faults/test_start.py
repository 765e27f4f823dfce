"""What the monitor finds when it starts: a damaged log is set aside and said, what is planted or foreign is refused."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.left import said, stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig.cafe import Cafe
from tests.net.watched import Watched
from tests.store.test_opening import DAMAGES
from wifiguard.store import Store

pytestmark = [pytest.mark.root, pytest.mark.timeout(240)]
NOBODY = 65534


def stopped(watched: Watched) -> None:
    watched.process.signal(signal.SIGTERM)
    assert watched.process.wait() == 0


@pytest.mark.parametrize("damage", ["noise", "zeros in the middle"])
def test_a_damaged_log_is_set_aside_and_said(cafe: Cafe, logins: Logins, damage: str) -> None:
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    logins.burst(100).wait(60)
    stopped(watched)
    DAMAGES[damage](watched.database)
    damaged = watched.database.read_bytes()
    watched.start()
    sentence = "and a new one was begun: earlier findings, trusted networks and mutes are not in it."
    assert watched.process.errors().count(sentence) == 1
    assert "was damaged" in said(watched)
    (aside,) = watched.database.parent.glob("*.damaged-*")
    assert aside.read_bytes() == damaged
    logins.one()
    watched.wait_for(RULE)
    assert stored(watched, told(watched)) == told(watched)


def newer(database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


def folder_instead(database: Path) -> None:
    database.unlink()
    database.mkdir()


def link_instead(database: Path) -> None:
    database.rename(database.with_name("elsewhere"))
    database.symlink_to("elsewhere")


LOGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "newer": (newer, "was written by a newer WiFiGuard"),
    "a folder": (folder_instead, "Remove it: rm -r {database}"),
    "a link": (link_instead, "Remove it: rm -r {database}"),
    "another user's": (lambda database: os.chown(database, NOBODY, NOBODY), "Take it over: sudo chown 0 {database}"),
    "open to all": (lambda database: database.parent.chmod(0o777), "chmod go-w {database.parent}"),
}
SOCKETS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link": (lambda path: path.symlink_to("/etc/passwd"), "Remove it: rm -r {path}"),
    "a file": (lambda path: path.write_text("mine"), "Remove it: rm -r {path}"),
    "another user's": (lambda path: os.chown(path.parent, NOBODY, NOBODY), "sudo chown -h 0 {path.parent}"),
    "open to all": (lambda path: path.parent.chmod(0o777), "Close it: chmod go-w {path.parent}"),
}


def refused(watched: Watched) -> str:
    """What a monitor says that does not start."""
    run = watched.namespace.run(*watched.argv, env=watched.env, check=False)
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.startswith("Error: ")
    return " ".join(run.stderr.split())


def test_what_it_must_not_touch_is_refused_with_what_mends_it(cafe: Cafe) -> None:
    watched = Watched(cafe.laptop, "--no-notify")
    stopped(watched)
    places = watched.folder / "places"
    for number, (spoil, mend) in enumerate(LOGS.values()):
        state = places / str(number)
        watched.env["WIFIGUARD_STATE_DIR"] = str(state)
        Store.open(watched.database, now=time.time()).close()
        spoil(watched.database)
        before = sorted(state.iterdir())
        assert mend.format(database=watched.database) in refused(watched)
        assert sorted(state.iterdir()) == before
    watched.env["WIFIGUARD_STATE_DIR"] = str(watched.folder / "state")
    for number, (spoil, mend) in enumerate(SOCKETS.values()):
        path = places / f"run-{number}" / "control.sock"
        path.parent.mkdir()
        watched.env["WIFIGUARD_RUNTIME_DIR"] = str(path.parent)
        spoil(path)
        assert mend.format(path=path) in refused(watched)


def test_the_socket_of_one_that_was_killed_is_taken_over(cafe: Cafe) -> None:
    watched = Watched(cafe.laptop, "--no-notify")
    watched.process.signal(signal.SIGKILL)
    watched.process.wait()
    assert (watched.folder / "run" / "control.sock").is_socket()
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(ConnectionRefusedError):
        client.connect(str(watched.folder / "run" / "control.sock"))
    watched.start()
