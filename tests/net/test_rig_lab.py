"""The lab itself: what it makes works at once, touches nothing of the host, and goes whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.command import CommandFailedError
from tests.net.rig.lab import NAMED, Lab
from tests.net.rig.spawned import ProgramEndedError
from tests.net.rig.waiting import StillWaitingError, wait_until

pytestmark = [pytest.mark.root, pytest.mark.rig("ip", "sysctl", "setpriv")]
REPOSITORY = Path(__file__).parents[2]

# One that keeps on when asked to end, and one that leaves something behind in another session.
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
DETACHED = "setsid sleep 600 & echo ready; wait"
RUN_TO_KILL = """
import sys
from tests.net.rig.lab import Lab
with Lab() as lab:
    namespace = lab.namespace("victim")
    sleeper = namespace.start("sleeper", "sleep", "600")
    print(namespace.name, sleeper.pid, lab.processes.folder, flush=True)
    sys.stdin.read()
"""


def alive(pid: int) -> bool:
    """Is there such a process, and not just its remains?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ours() -> list[str]:
    """The namespaces of this test run."""
    return sorted(path.name for path in NAMED.glob(f"wg-{os.getpid()}-*"))


def test_addresses_work_at_once(cafe: Cafe) -> None:
    assert cafe.laptop.run("ip", "address", "show", "tentative").stdout == ""
    assert cafe.internet.run("ip", "address", "show", "tentative").stdout == ""
    for address in cafe.host(10):
        assert " via " in cafe.laptop.run("ip", "route", "get", address).stdout


def test_resolver_is_the_namespaces_own(cafe: Cafe) -> None:
    host_files = [Path("/etc/resolv.conf").read_bytes(), Path("/etc/nsswitch.conf").read_bytes()]
    assert cafe.laptop.run("cat", "/etc/resolv.conf").stdout.startswith("nameserver 10.23.0.1\n")
    assert cafe.internet.run("cat", "/etc/resolv.conf").stdout == ""
    assert "hosts: files dns\n" in cafe.laptop.run("cat", "/etc/nsswitch.conf").stdout
    assert [Path("/etc/resolv.conf").read_bytes(), Path("/etc/nsswitch.conf").read_bytes()] == host_files
    assert not list(Path("/etc").glob("netns/wg-*"))


def test_sees_only_its_own_interfaces(cafe: Cafe) -> None:
    assert sorted(cafe.laptop.run("ls", "/sys/class/net").stdout.split()) == ["lo", "wlan0"]


def test_failing_command_says_what_it_said(cafe: Cafe) -> None:
    with pytest.raises(CommandFailedError, match=r"exit status 3\n(.*\n)*to the point"):
        cafe.laptop.run("sh", "-c", "echo to the point >&2; exit 3")
    assert cafe.laptop.run("false", check=False).returncode == 1


def test_program_that_ended_is_not_waited_for(lab: Lab) -> None:
    program = lab.namespace("a").start("short", "sh", "-c", "echo last words; exit 4")
    with pytest.raises(ProgramEndedError, match="last words"):
        program.wait_for_output("something else")
    assert program.wait() == 4
    assert lab.logs() == {"short": "last words\n"}


def test_waiting_ends() -> None:
    with pytest.raises(StillWaitingError, match=r"waited 0\.02 s for the moon"):
        wait_until(lambda: False, "the moon", timeout=0.02)


@pytest.mark.parametrize("error", [AssertionError, KeyboardInterrupt])
def test_everything_is_gone_after(error: type[BaseException]) -> None:
    before = ours()
    pids: set[int] = set()

    def work(lab: Lab) -> None:
        cafe = Cafe(lab)
        cafe.laptop.start("detached", "sh", "-c", DETACHED).wait_for_output("ready")
        frozen = cafe.laptop.start("frozen", "sh", "-c", "echo ready; exec sleep 600")
        frozen.wait_for_output("ready")
        frozen.signal(signal.SIGSTOP)
        pids.update(cafe.laptop.pids())
        assert len(ours()) == len(before) + 2
        raise error

    with pytest.raises(error), Lab() as lab:
        work(lab)
    assert len(pids) == 3
    assert not [pid for pid in pids if alive(pid)]
    assert ours() == before
    assert not lab.processes.folder.exists()


def test_stop_may_be_called_twice(lab: Lab) -> None:
    program = lab.namespace("a").start("sleeper", "sleep", "600")
    assert [program.stop(), program.stop()] == [-signal.SIGTERM, -signal.SIGTERM]
    assert not program.running()


def test_program_that_will_not_end_is_ended(lab: Lab) -> None:
    program = lab.namespace("a").start("stubborn", "sh", "-c", STUBBORN)
    program.wait_for_output("ready")
    assert program.stop(timeout=0.1) == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_test_run_leaves_nothing(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN_TO_KILL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        text=True,
    ) as test_run:
        assert test_run.stdout
        name, pid, folder = test_run.stdout.readline().split()
        assert (NAMED / name).exists()
        assert alive(int(pid))
        test_run.send_signal(number)
        test_run.wait(10)
    wait_until(lambda: not alive(int(pid)), "the program to end with its test run")
    if number == signal.SIGKILL:  # nobody could clean up: the next lab does (of this test run or of one beside it)
        with Lab():
            pass
    wait_until(lambda: not (NAMED / name).exists(), "the namespace to be removed")
    wait_until(lambda: not Path(folder).exists(), "the files to be removed")
