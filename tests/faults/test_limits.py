"""No descriptors left, no memory left, a second monitor: said in a sentence, and over as soon as the limit is."""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.left import stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig.cafe import Cafe
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.timeout(240)]
PATIENCE = 30.0
# The memory controller by itself, or with all others (cgroup v2).
CGROUPS = {
    "memory.limit_in_bytes": Path("/sys/fs/cgroup/memory"),
    "memory.max": Path("/sys/fs/cgroup"),
}
SMALL = 2 * 1024 * 1024


def test_out_of_descriptors(cafe: Cafe, logins: Logins) -> None:
    """Clients take all that are left: packets are read, findings told and kept meanwhile."""
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    open_files = Path(f"/proc/{watched.process.pid}/fd")
    most = len(list(open_files.iterdir())) + 8
    _, hard = resource.prlimit(watched.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(watched.process.pid, resource.RLIMIT_NOFILE, (most, hard))
    with ExitStack() as clients:
        for _ in range(20):
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(watched.folder / "run" / "control.sock"))
        watched.process.wait_for_output("Too many files are open: what needs another one waits", PATIENCE)
        logins.one()
        watched.wait_for(RULE, timeout=PATIENCE)
        assert stored(watched, told(watched)) == told(watched)
    wait_until(watched.status, "clients to be answered again", PATIENCE)
    logins.one()
    wait_until(lambda: len(told(watched)) == 2, "the next finding", PATIENCE)
    assert "Traceback" not in watched.process.errors()
    assert watched.status()["rules_stopped"] == {}


def test_too_few_descriptors_are_refused(cafe: Cafe) -> None:
    watched = Watched(cafe.laptop, "--no-notify")
    watched.process.stop()
    refused = cafe.laptop.run("prlimit", "--nofile=40:40", *watched.argv, env=watched.env, check=False)
    sentence = "Error: The monitor needs 128 open files and is allowed 40. Allow more: ulimit -Hn 128\n"
    assert (refused.returncode, refused.stderr) == (2, sentence)


@pytest.fixture
def cramped() -> Iterator[Path]:
    """A control group whose programs get some two mebibytes more than they have."""
    for limit, root in CGROUPS.items():
        group = root / f"wg-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(SMALL))
        except OSError:
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("no control group for memory can be made here")


def test_out_of_memory(cafe: Cafe, logins: Logins, cramped: Path) -> None:
    """The kernel ends it; the next one watches, and nothing that was told is lost."""
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    logins.burst()
    watched.wait_for(RULE)
    (cramped / "cgroup.procs").write_text(str(watched.process.pid))
    wait_until(lambda: not watched.process.running(), "the kernel to end it", 60)
    assert watched.process.wait() == -signal.SIGKILL
    before = told(watched)
    watched.start()
    watched.wait_for(RULE, lambda line: line["id"] not in before, PATIENCE)
    assert stored(watched, before) == before


def test_a_second_monitor(cafe: Cafe, logins: Logins) -> None:
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS)
    second = cafe.laptop.run(*watched.argv, env=watched.env, check=False)
    assert second.returncode == 3
    sentence = f"Error: Another WiFiGuard (process {watched.process.pid}) is using the log {watched.database}."
    assert second.stderr == f"{sentence} Stop that one first, or ask it: `wifiguard status`.\n"
    elsewhere = {**watched.env, "WIFIGUARD_STATE_DIR": str(watched.folder / "elsewhere")}
    third = cafe.laptop.run(*watched.argv, env=elsewhere, check=False)
    assert third.returncode == 3
    assert f"A monitor is running already (process {watched.process.pid})." in third.stderr
    logins.one()
    watched.wait_for(RULE)
