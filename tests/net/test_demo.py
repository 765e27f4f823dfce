"""The demo plays to its end, and leaves nothing behind wherever it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.stage import NEEDS
from tests.net.rig.command import environment, run
from tests.net.rig.lab import NAMED
from tests.net.rig.processes import TMP, Processes

pytestmark = [pytest.mark.root, pytest.mark.rig(*NEEDS), pytest.mark.xdist_group("demo")]

FAST = (sys.executable, "-m", "demo", "--fast")
NOTIFICATIONS = (
    "You are on a Wi-Fi that you have not trusted",
    "You trust this network now",
    "Not safe to bank here: 2 problems",
    "Bank details were sent without encryption",
    "This site only looks like a known one",
    "Someone here pretends to be the router",
)


def left_by(pid: int) -> list[Path]:
    """Namespaces and folders of that process."""
    return [path for folder in (NAMED, TMP) if folder.exists() for path in folder.glob(f"wg-{pid}-*")]


@pytest.mark.timeout(300)
def test_it_plays_to_its_end() -> None:
    playing = subprocess.Popen(FAST, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment())
    told, _ = playing.communicate(timeout=280)
    assert playing.returncode == 0, told
    assert left_by(playing.pid) == []
    at = [told.find(words) for words in NOTIFICATIONS]
    assert -1 not in at, told
    assert at == sorted(at), "each in its scene"
    assert "$ wifiguard status\nSafe to bank here? Yes" in told
    assert "$ wifiguard status\nSafe to bank here? No" in told
    assert "(taken down again: Someone here pretends to be the router)" in told
    assert "is nowhere in what WiFiGuard keeps" in told.replace("\n", " ")


@pytest.mark.timeout(180)
def test_ctrl_c_takes_the_stage_down() -> None:
    with Processes() as processes:
        playing = processes.start("demo", FAST)
        playing.wait_for_output("1  At home", timeout=90)
        assert left_by(playing.pid)
        playing.signal(signal.SIGINT)
        assert playing.wait(60) == 130
        assert "nothing of it is left on this machine" in playing.output()
        assert left_by(playing.pid) == []


def test_without_root_a_sentence_says_what_to_do() -> None:
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all")
    done = run([*nobody, *FAST], check=False, env={"HOME": os.devnull})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The demo builds machines out of network namespaces: needs root")
    assert done.stderr.endswith("Try:  sudo make demo\n")
