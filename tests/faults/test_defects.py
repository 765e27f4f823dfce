"""Defects in the monitor's own parts, put there on purpose: a rule that raises, sources that hang, a loop that stands still."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.faults.left import said, stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig.cafe import Cafe
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.timeout(240)]
PATIENCE = 30.0
HERE = Path(__file__)

# Run by Python before anything else.
RAISES = """
from wifiguard.rules.traffic.plaintext_service import PlaintextService
def observe(self, obs):
    raise ValueError(obs.flow)
PlaintextService.observe = observe
"""
SAYS_NOTHING = """
import asyncio
from wifiguard.daemon import supervise
from wifiguard.sources.posture import Posture
supervise.REPORT_WITHIN = 1.0
others = Posture.run
async def run(self, sink):
    await (asyncio.Event().wait() if self.name == "services" else others(self, sink))
Posture.run = run
"""
LOOKS_FOR_EVER = """
import time
from wifiguard.sources import posture, services
posture.LOOK_WITHIN = 1.0
services.Services.__call__ = lambda *_: time.sleep(3600)
"""
STANDS_STILL = """
import asyncio, time
from wifiguard.sources.posture import Posture
others = Posture.run
async def run(self, sink):
    if self.name == "services":
        await asyncio.sleep(4.0)
        time.sleep(3600)
    await others(self, sink)
Posture.run = run
"""


def with_defect(cafe: Cafe, folder: Path, defect: str, **env: str) -> Watched:
    (folder / "sitecustomize.py").write_text(f"import sys\nif 'run' in sys.orig_argv:\n    exec({defect!r})\n")
    env["PYTHONPATH"] = f"{folder}:{HERE.parents[2]}"
    return Watched(cafe.laptop, "--no-notify", settings=SETTINGS, env=env)


def test_a_rule_that_raises_is_taken_out_and_said(cafe: Cafe, logins: Logins, tmp_path: Path) -> None:
    watched = with_defect(cafe, tmp_path, RAISES)
    logins.one()
    watched.wait_for(RULE)
    stopped = {"plaintext-service": "ValueError"}
    wait_until(lambda: watched.status()["rules_stopped"] == stopped, "it to be said", PATIENCE)
    assert said(watched, "plaintext-service") == "a defect in this rule stopped it (ValueError)"
    assert "plaintext-service" in watched.command("status")
    logins.one()
    wait_until(lambda: len(told(watched)) == 2, "another rule's next finding", PATIENCE)
    assert watched.status()["rules_stopped"] == stopped


def _heard(link: socket.socket) -> bytes | None:
    """What comes; None where nothing comes any more."""
    try:
        return link.recv(100)
    except TimeoutError:
        return None


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        (SAYS_NOTHING, "it said nothing for 1 seconds"),
        (LOOKS_FOR_EVER, "it has been looking for more than 1 seconds"),
    ],
)
def test_a_source_that_hangs_is_said_and_holds_up_nobody(
    cafe: Cafe, logins: Logins, tmp_path: Path, defect: str, sentence: str
) -> None:
    watched = with_defect(cafe, tmp_path, defect)
    wait_until(lambda: said(watched, "services") == sentence, "it to be said", PATIENCE)
    logins.one()
    watched.wait_for(RULE)
    others = [source for source in watched.status()["sources"] if source["name"] in ("interfaces", "traffic")]
    assert [source["ok"] for source in others] == [True, True]


def test_when_the_loop_stands_still_its_signs_of_life_end(cafe: Cafe, logins: Logins, tmp_path: Path) -> None:
    """systemd then ends it and starts another one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        notify = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        watched = with_defect(cafe, tmp_path, STANDS_STILL, **notify)
        assert set(iter(lambda: _heard(systemd), b"READY=1")) <= {b"WATCHDOG=1"}
        logins.one()
        watched.wait_for(RULE)
        before = told(watched)
        systemd.settimeout(6.0)
        assert set(iter(lambda: _heard(systemd), None)) == {b"WATCHDOG=1"}
    asked = cafe.laptop.run(sys.executable, "-m", "wifiguard", "status", env=watched.env, check=False)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "The monitor does not answer. Start it again: `wifiguard service restart`." in asked.stderr
    watched.process.signal(signal.SIGABRT)
    assert watched.process.wait() == -signal.SIGABRT
    (tmp_path / "sitecustomize.py").unlink()
    watched.start()
    logins.one()
    watched.wait_for(RULE, lambda line: line["id"] not in before, PATIENCE)
    assert stored(watched, before) == before
