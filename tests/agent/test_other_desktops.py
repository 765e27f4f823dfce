"""Xfce's notification daemon and mako, one of each kind of screen: shown, pressed, replaced, withdrawn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.background import Background
from tests.agent.test_notifier import BUTTONS, CARD, GRAVE, Watched
from tests.net.rig.bus import PrivateBus
from tests.net.rig.mako import Mako
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import wait_until
from tests.net.rig.xfce_notifyd import XfceNotifyd
from wifiguard.agent.cards import Card, Urgency

pytestmark = pytest.mark.rig("dbus-daemon", "busctl")
ANSWER = Card("You trust this network now.", "", Urgency.LOW, 0)


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.mark.rig("Xvfb", "import", "xdotool")
def test_xfce(background: Background, tmp_path: Path) -> None:
    if not XfceNotifyd.there():
        pytest.skip("needs xfce4-notifyd")
    with Processes() as processes:
        xfce = XfceNotifyd(processes, PrivateBus(processes, "session"))
        watched = Watched(background, {**os.environ, **xfce.environment}).ready()
        id = watched.show(CARD)
        wait_until(lambda: xfce.displayed() == 1, "the notification")
        xfce.screenshot(tmp_path / "xfce.png")
        # From the left: trust, mute.
        xfce.press(len(BUTTONS) - 1)
        wait_until(lambda: (id, "trust") in watched.told, "the button")
        answered = watched.show(ANSWER, id)
        wait_until(lambda: xfce.displayed() == 1, "its answer, in its place")
        other = watched.show(GRAVE)
        wait_until(lambda: xfce.displayed() == 2, "another one")
        for each in (answered, other):
            background.do(watched.desktop.withdraw(each))
        wait_until(lambda: xfce.displayed() == 0, "both to be withdrawn")


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
