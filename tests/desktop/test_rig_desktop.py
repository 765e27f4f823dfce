"""The desktop is real: dunst shows what it is sent, its buttons answer, and it can be missing or silent."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.command import environment, run
from tests.net.rig.desktop import Desktop
from tests.net.rig.dunst import NOTIFICATIONS, PATH, Shown
from tests.net.rig.silent_notifier import SilentNotifier

pytestmark = pytest.mark.rig("dbus-daemon", "busctl", "Xvfb", "dunst", "import", "notify-send")

SUMMARY = "Your bank form was sent unencrypted"
BODY = "Anyone on this Wi-Fi could read it. Leave this network and change the password."
NOTIFY = ("notify-send", "--app-name=WiFiGuard")


def test_shows_what_it_is_sent(desktop: Desktop, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    desktop.screenshot(empty)
    run([*NOTIFY, "--urgency=critical", SUMMARY, BODY], env=desktop.environment)
    shown = desktop.dunst.wait_for_shown("bank form")
    assert shown == Shown(shown.id, "WiFiGuard", SUMMARY, BODY, "CRITICAL")
    assert desktop.dunst.displayed() == 1
    picture = tmp_path / "notification.png"
    desktop.screenshot(picture)
    assert picture.read_bytes().startswith(b"\x89PNG\r\n")
    assert len(zlib.compress(picture.read_bytes())) > 4 * len(zlib.compress(empty.read_bytes()))  # it shows something


def test_button_answers_the_sender(desktop: Desktop) -> None:
    recording = desktop.bus.monitor()
    sender = desktop.processes.start(
        "notify-send",
        [*NOTIFY, "--wait", "--action=trust=Trust this network", "--action=mute=Mute", SUMMARY, BODY],
        desktop.environment,
    )
    shown = desktop.dunst.wait_for_shown("bank form")
    with pytest.raises(AssertionError, match="no button 'Details'"):
        desktop.dunst.press("Details")
    desktop.dunst.press("Mute")
    invoked = recording.wait_for("ActionInvoked")
    assert (invoked.path, invoked.interface, invoked.body) == (PATH, NOTIFICATIONS, [shown.id, "mute"])
    assert (sender.wait(), sender.output()) == (0, "mute\n")


def test_replacing_and_closing(desktop: Desktop) -> None:
    recording = desktop.bus.monitor()
    number = run([*NOTIFY, "--print-id", "First"], env=desktop.environment).stdout.strip()
    run([*NOTIFY, f"--replace-id={number}", "Second"], env=desktop.environment)
    desktop.dunst.wait_for_shown("Second")
    assert [(shown.id, shown.summary) for shown in desktop.dunst.shown()] == [
        (int(number), "First"),
        (int(number), "Second"),
    ]
    assert desktop.dunst.displayed() == 1
    desktop.dunst.close_last()
    assert recording.wait_for("NotificationClosed").body == [int(number), 2]
    assert desktop.dunst.displayed() == 0
    assert [entry["summary"] for entry in desktop.dunst.history()] == ["Second"]


def test_frozen_daemon_answers_when_thawed(desktop: Desktop) -> None:
    recording = desktop.bus.monitor()
    desktop.dunst.freeze()
    sender = desktop.processes.start("notify-send", [*NOTIFY, "Late"], desktop.environment)
    recording.wait_for("GetServerInformation")
    assert desktop.bus.has_owner(NOTIFICATIONS)
    assert sender.running()
    assert desktop.dunst.shown() == []
    desktop.dunst.thaw()
    desktop.dunst.wait_for_shown("Late")
    assert sender.wait() == 0


def test_daemon_restarted(desktop: Desktop) -> None:
    desktop.restart_dunst()
    run([*NOTIFY, "Again"], env=desktop.environment)
    desktop.dunst.wait_for_shown("Again")


def test_bus_without_a_notification_service(session_bus: PrivateBus) -> None:
    assert not session_bus.has_owner(NOTIFICATIONS)
    done = run([*NOTIFY, SUMMARY], env=session_bus.as_session, check=False)
    assert "was not provided by any .service files" in done.stderr


def test_notification_service_that_never_answers(session_bus: PrivateBus, silent_notifier: SilentNotifier) -> None:
    assert session_bus.has_owner(NOTIFICATIONS)
    with pytest.raises(subprocess.TimeoutExpired):
        run([*NOTIFY, SUMMARY], env=session_bus.as_session, timeout=0.5)
    silent_notifier.wait_heard("GetServerInformation")
    assert silent_notifier.process.running()


def test_everything_is_gone_afterwards() -> None:
    with Desktop() as desktop:
        pids = [spawned.pid for spawned in desktop.processes.spawned]
        display = Path(f"/tmp/.X11-unix/X{desktop.environment['DISPLAY'][1:]}")
        assert display.exists()
    assert len(pids) == 3
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not display.exists()
    assert not desktop.processes.folder.exists()


def test_bus_can_go_and_come_back(session_bus: PrivateBus) -> None:
    session_bus.stop()
    assert run(["busctl", f"--address={session_bus.address}", "list"], check=False).returncode != 0
    session_bus.start()
    assert not session_bus.has_owner(NOTIFICATIONS)
    assert "DBUS_SESSION_BUS_ADDRESS" in environment(session_bus.as_session)
