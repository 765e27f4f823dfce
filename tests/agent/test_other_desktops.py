"""The notification daemons of Xfce and MATE, and mako for Wayland: shown, pressed, replaced, withdrawn.

GNOME's and KDE's are parts of a shell of 365 and 645 MB. LXQt's ends now and then when a notification is replaced.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.background import Background
from tests.agent.test_notifier import CARD, GRAVE, Watched
from tests.net.rig.bus import PrivateBus
from tests.net.rig.drawn import Drawn, Mate, Xfce
from tests.net.rig.mako import Mako
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import wait_until
from wifiguard.agent.cards import Card, Urgency

pytestmark = pytest.mark.rig("dbus-daemon", "busctl")
ANSWER = Card("You trust this network now.", "", Urgency.LOW, 0)


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.mark.rig("Xvfb", "import", "xdotool")
@pytest.mark.parametrize("daemon", [Xfce, Mate])
def test_a_daemon_that_draws_on_x(background: Background, tmp_path: Path, daemon: type[Drawn]) -> None:
    if not daemon.there():
        pytest.skip(f"needs {daemon.program.name}")
    with Processes() as processes:
        rig = daemon(processes, PrivateBus(processes, "session"))
        watched = Watched(background, {**os.environ, **rig.environment}).ready()
        id = watched.show(CARD)
        alone = wait_until(rig.area, "the notification")
        rig.screenshot(tmp_path / "one.png")
        rig.press()
        wait_until(lambda: (id, "trust") in watched.told, "the button")
        answered = watched.show(ANSWER, id)
        wait_until(lambda: 0 < rig.area() < alone, "its answer, which is smaller, in its place")
        other = watched.show(GRAVE)
        wait_until(lambda: rig.area() > alone, "another one")
        rig.screenshot(tmp_path / "two.png")
        for each in (answered, other):
            background.do(watched.desktop.withdraw(each))
        wait_until(lambda: rig.area() == 0, "both to be withdrawn")


@pytest.mark.root
@pytest.mark.rig("mako", "sway", "grim", "setpriv")
def test_mako(background: Background, tmp_path: Path) -> None:
    with Processes() as processes:
        mako = Mako(processes, PrivateBus(processes, "session"))
        watched = Watched(background, {**os.environ, **mako.environment}).ready()
        id = watched.show(CARD)
        mako.press(id, "trust")
        wait_until(lambda: (id, "trust") in watched.told, "the button")
        answered = watched.show(ANSWER, id)
        other = watched.show(GRAVE)
        wait_until(lambda: mako.titles() == [GRAVE.title, ANSWER.title], "its answer, and another one")
        mako.screenshot(tmp_path / "mako.png")
        for each in (answered, other):
            background.do(watched.desktop.withdraw(each))
        wait_until(lambda: mako.titles() == [], "both to be withdrawn")
