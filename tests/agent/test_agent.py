"""The agent between a control socket and a desktop, both real."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.background import Background
from tests.agent.service import Service
from tests.net.rig.bus import PrivateBus
from tests.net.rig.desktop import Desktop as Rig
from tests.net.rig.silent_notifier import SilentNotifier
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until
from wifiguard.agent.notifier import NO_SERVICE, SILENT
from wifiguard.daemon.control import ControlServer, Handler
from wifiguard.daemon.desk import Unclear

pytestmark = pytest.mark.rig("dbus-daemon", "busctl")
needs_dunst = pytest.mark.rig("Xvfb", "dunst", "import")

TITLE = "You are on a Wi-Fi that you have not trusted"
BANK = "Bank details were sent without encryption"


def line(**changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "type": "finding",
        "id": "0123456789abcdef",
        "rule": "unknown-wifi",
        "severity": "medium",
        "state": "new",
        "network": {"id": "wifi-1", "name": "Cafe", "bssid": None, "security": "open", "trusted": False},
        "title": TITLE,
        "why": "Who runs “Cafe” can see which sites you visit.",
        "advice": ["If it is yours, trust it."],
        "evidence": {"ssid": "Cafe", "security": "open"},
        **changes,
    }


def bank(**changes: Any) -> dict[str, Any]:
    return line(id="b" * 16, rule="plaintext-banking", severity="critical", title=BANK, network=None, **changes)


class Monitor:
    """A control socket behind which a test stands."""

    def __init__(self, background: Background, folder: Path) -> None:
        self.path = folder / "control.sock"
        self.open: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.agents: list[tuple[bool, str]] = []
        self.refusal = ""
        self.joined = "Cafe"
        self._background = background
        self._server: ControlServer | None = None

    def start(self) -> None:
        handlers = {
            "problems": Handler(False, lambda: list(self.open)),
            "agent_state": Handler(False, self._agent_state),
            "trust": Handler(True, self._trust),
            "mute": Handler(True, self._mute),
            "status": Handler(False, self._status),
        }
        self._server = ControlServer(self.path, handlers)
        self._background.do(self._server.start())
        self._background.at_end(self._server.close)

    def stop(self) -> None:
        assert self._server is not None
        self._background.do(self._server.close())

    def tell(self, told: dict[str, Any]) -> None:
        server = self._server
        assert server is not None

        async def publish() -> None:
            server.publish(told)

        self._background.do(publish())

    def _trust(self, network: str) -> dict[str, Any]:
        self.asked.append(("trust", {"network": network}))
        if self.refusal:
            raise Unclear(self.refusal)
        # As the real one: the problem is over before the answer is on its way.
        if self._server is not None:
            self._server.publish(line(state="resolved"))
        return {"schema": 1, "type": "trust", "id": network, "trusted": True}

    def _mute(self, target: str, seconds: float) -> dict[str, Any]:
        self.asked.append(("mute", {"target": target, "seconds": seconds}))
        return {"schema": 1, "type": "mute", "target": target}

    def _status(self) -> dict[str, Any]:
        return {"schema": 1, "type": "status", "networks": [{"interface": "wlan0", "name": self.joined}]}

    def _agent_state(self, ok: bool, reason: str = "") -> dict[str, Any]:
        self.agents.append((ok, reason))
        return {"schema": 1, "type": "noted"}

    def wait_for_agent(self, ok: bool, reason: str = "") -> None:
        wait_until(lambda: self.agents and self.agents[-1] == (ok, reason), f"an agent that says {ok}, {reason!r}")


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.fixture
def monitor(background: Background, tmp_path: Path) -> Monitor:
    return Monitor(background, tmp_path)


def agent(bus: PrivateBus, path: Path) -> Spawned:
    """The real program, with nothing of this machine's session."""
    code = (
        "import asyncio, sys; from pathlib import Path; from wifiguard.agent.agent import run_agent; "
        "sys.exit(asyncio.run(run_agent(lambda: Path(sys.argv[1]))))"
    )
    environment = {**bus.as_session, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent", "PYTHONWARNINGS": "error"}
    return bus.processes.start("agent", [sys.executable, "-c", code, str(path)], environment)


@needs_dunst
def test_trust_is_one_press_and_the_same_notification_says_so(desktop: Rig, monitor: Monitor) -> None:
    monitor.start()
    running = agent(desktop.bus, monitor.path)
    monitor.wait_for_agent(True)
    monitor.tell(line())
    shown = desktop.dunst.wait_for_shown(TITLE)
    desktop.dunst.press("Trust this network")
    answer = desktop.dunst.wait_for_shown("You trust this network now.")
    assert answer.id == shown.id
    assert desktop.dunst.displayed() == 1
    assert monitor.asked == [("trust", {"network": "wifi-1"})]
    running.signal(signal.SIGTERM)
    assert (running.wait(), running.errors()) == (0, "")


@needs_dunst
def test_mute_asks_for_seven_days(desktop: Rig, monitor: Monitor) -> None:
    monitor.start()
    agent(desktop.bus, monitor.path)
    monitor.wait_for_agent(True)
    monitor.tell(bank())
    shown = desktop.dunst.wait_for_shown(BANK)
    assert shown.urgency == "CRITICAL"
    desktop.dunst.press("Mute")
    assert desktop.dunst.wait_for_shown("Muted for 7 days.").id == shown.id
    assert monitor.asked == [("mute", {"target": "b" * 16, "seconds": 604800.0})]
    monitor.tell(bank(state="suppressed"))
    monitor.tell(line(network=None, title="Another"))
    desktop.dunst.wait_for_shown("Another")
    assert desktop.dunst.displayed() == 2, "the answer stays until it expires"


@needs_dunst
@pytest.mark.parametrize(
    ("joined", "said", "calls"),
    [
        ("Cafe", "You left this network.", ["--wait 10 device disconnect wlan0"]),
        ("Home", "You had left this network already.", []),
    ],
)
def test_leaving_disconnects_only_the_network_that_the_notification_is_about(
    desktop: Rig,
    monitor: Monitor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    joined: str,
    said: str,
    calls: list[str],
) -> None:
    nmcli, called = tmp_path / "nmcli", tmp_path / "called"
    called.touch()
    nmcli.write_text(f'#!/bin/sh\necho "$@" >>{called}\n')
    nmcli.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monitor.joined = joined
    monitor.start()
    agent(desktop.bus, monitor.path)
    monitor.wait_for_agent(True)
    monitor.tell(line(interface="wlan0"))
    shown = desktop.dunst.wait_for_shown(TITLE)
    desktop.dunst.press("Leave this network")
    answer = desktop.dunst.wait_for_shown(said)
    assert (answer.id, answer.body) == (
        shown.id,
        "It is not joined by itself any more. Undo: wifiguard profiles undo",
    )
    assert called.read_text().splitlines() == calls


@needs_dunst
def test_a_refusal_is_said_by_the_same_notification(desktop: Rig, monitor: Monitor) -> None:
    monitor.start()
    monitor.refusal = "several networks are called Cafe"
    agent(desktop.bus, monitor.path)
    monitor.wait_for_agent(True)
    monitor.tell(line())
    shown = desktop.dunst.wait_for_shown(TITLE)
    desktop.dunst.press("Trust this network")
    said = desktop.dunst.wait_for_shown("That could not be done")
    assert (said.id, said.body) == (shown.id, "several networks are called Cafe")
    monitor.stop()
    desktop.dunst.press("Trust this network")
    said = wait_until(
        lambda: next((s for s in desktop.dunst.shown() if "not running" in s.body), None), "the second refusal"
    )
    assert said.id == shown.id


@needs_dunst
def test_a_resolved_problem_is_withdrawn_and_what_is_up_goes_with_the_agent(desktop: Rig, monitor: Monitor) -> None:
    monitor.open = [bank()]
    monitor.start()
    running = agent(desktop.bus, monitor.path)
    desktop.dunst.wait_for_shown(BANK)
    monitor.tell(line(id="c" * 16, network=None, title="Third"))
    desktop.dunst.wait_for_shown("Third")
    monitor.tell(bank(state="resolved"))
    wait_until(lambda: desktop.dunst.displayed() == 1, "the bank's notification to go")
    running.signal(signal.SIGINT)
    assert running.wait() == 130
    wait_until(lambda: desktop.dunst.displayed() == 0, "the rest to go")


@needs_dunst
def test_a_restarted_monitor_and_a_restarted_desktop_are_found_again(desktop: Rig, monitor: Monitor) -> None:
    monitor.open = [bank()]
    monitor.start()
    running = agent(desktop.bus, monitor.path)
    desktop.dunst.wait_for_shown(BANK)
    monitor.stop()
    running.wait_for_output("The monitor is not running; waiting for it.")
    monitor.open = [bank(state="repeat"), line(id="c" * 16, network=None, title="Found meanwhile")]
    monitor.start()
    desktop.dunst.wait_for_shown("Found meanwhile")
    assert [shown.summary for shown in desktop.dunst.shown()] == [BANK, "Found meanwhile"]

    desktop.restart_dunst()
    wait_until(lambda: desktop.dunst.displayed() == 2, "both on the new desktop")


def test_without_a_notification_service_it_waits_and_says_so(
    session_bus: PrivateBus, monitor: Monitor, background: Background
) -> None:
    monitor.start()
    running = agent(session_bus, monitor.path)
    monitor.wait_for_agent(False, NO_SERVICE)
    monitor.tell(bank())
    monitor.tell(line(network=None))
    monitor.tell(line(network=None, state="resolved"))
    service = Service(["body", "actions"])
    background.do(service.own(session_bus.address))
    background.at_end(service.leave)
    monitor.wait_for_agent(True)
    wait_until(lambda: service.notified, "what waited")
    assert [call[3] for call in service.notified] == [BANK]
    assert running.errors() == f"{NO_SERVICE}\n"


def test_a_service_that_never_answers_is_said(
    session_bus: PrivateBus, silent_notifier: SilentNotifier, monitor: Monitor
) -> None:
    monitor.start()
    running = agent(session_bus, monitor.path)
    monitor.wait_for_agent(False, SILENT)
    assert running.running()


def test_lines_that_make_no_sense_change_nothing(
    session_bus: PrivateBus, monitor: Monitor, background: Background
) -> None:
    service = Service(["body", "actions"])
    background.do(service.own(session_bus.address))
    background.at_end(service.leave)
    monitor.start()
    running = agent(session_bus, monitor.path)
    monitor.wait_for_agent(True)
    for nonsense in ({}, {"type": "finding"}, line(severity="odd"), line(id=7), {"type": "network", "ssid": "x"}):
        monitor.tell(nonsense)
    monitor.tell(bank())
    wait_until(lambda: service.notified, "the one that makes sense")
    assert [call[3] for call in service.notified] == [BANK]
    background.do(service.signal("ActionInvoked", "us", 7, "no-such-button"))
    background.do(service.signal("ActionInvoked", "us", 99, "mute"))
    background.do(service.signal("ActionInvoked", "us", 7, "mute"))
    wait_until(lambda: monitor.asked, "the button")
    assert [do for do, _ in monitor.asked] == ["mute"]
    assert running.errors() == ""
