"""Notifications reach a real notification daemon, and whatever goes wrong with one is a sentence."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.agent.background import Background
from tests.agent.service import Service
from tests.net.rig.bus import PrivateBus
from tests.net.rig.desktop import Desktop as Rig
from tests.net.rig.dunst import Shown
from tests.net.rig.silent_notifier import SilentNotifier
from tests.net.rig.waiting import wait_until
from wifiguard.agent.cards import Act, Button, Card, Urgency
from wifiguard.agent.notifier import (
    NO_BUS,
    NO_SERVICE,
    NONSENSE,
    SILENT,
    Desktop,
    NoNotifications,
    try_notification,
)
from wifiguard.core.text import visible

pytestmark = pytest.mark.rig("dbus-daemon", "busctl")

BUTTONS = (Button(Act.TRUST, "n1", "Trust this network"), Button(Act.MUTE, "ab", "Mute"))
CARD = Card("This Wi-Fi is not encrypted", "Anyone near you can read it. Leave.", Urgency.NORMAL, 30_000, BUTTONS)
GRAVE = Card("Bank details were sent", "Stop.", Urgency.CRITICAL, None)


class Watched:
    """A Desktop that follows, and what it told."""

    def __init__(self, background: Background, environment: Mapping[str, str]) -> None:
        self.background = background
        self.told: list[Any] = []
        self.desktop = background.do(self._make(environment))
        background.start(self.desktop.run())

    async def _make(self, environment: Mapping[str, str]) -> Desktop:
        return Desktop(
            changed=lambda: self.told.append(self.desktop.trouble) if hasattr(self, "desktop") else None,
            emptied=lambda: self.told.append("emptied"),
            pressed=lambda id, key: self.told.append((id, key)),
            closed=lambda id: self.told.append(("closed", id)),
            environment=environment,
        )

    def ready(self) -> Watched:
        wait_until(lambda: self.desktop.reachable, "a notification service")
        return self

    def show(self, card: Card, replaces: int = 0) -> int:
        return self.background.do(self.desktop.show(card, replaces))

    def trouble(self, trouble: str) -> None:
        wait_until(lambda: self.desktop.trouble == trouble, trouble or "no trouble")


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


def appear(background: Background, service: Service, bus: PrivateBus) -> None:
    background.do(service.own(bus.address))
    background.at_end(service.leave)


needs_dunst = pytest.mark.rig("Xvfb", "dunst", "import")


@needs_dunst
def test_a_real_daemon_shows_it_and_its_button_answers(desktop: Rig, background: Background, tmp_path: Path) -> None:
    watched = Watched(background, desktop.environment).ready()
    id = watched.show(CARD)
    assert desktop.dunst.wait_for_shown(CARD.title) == Shown(id, "WiFiGuard", CARD.title, CARD.body, "NORMAL")
    desktop.screenshot(tmp_path / "notification.png")
    desktop.dunst.press("Trust this network")
    wait_until(lambda: (id, "trust") in watched.told, "the button")
    answer = Card("You trust this network now.", "", Urgency.LOW, 8_000)
    assert watched.show(answer, id) == id
    assert desktop.dunst.displayed() == 1
    background.do(watched.desktop.withdraw(id))
    wait_until(lambda: ("closed", id) in watched.told, "the notification to be withdrawn")
    assert desktop.dunst.displayed() == 0


@needs_dunst
def test_hostile_text_is_shown_as_it_is_and_does_nothing(desktop: Rig, background: Background, tmp_path: Path) -> None:
    ssid = visible(b"--version\x1b[2J\xe2\x80\xae<b>\xff&amp;")
    assert ssid == r"--version\x1b[2J\u202e<b>\xff&amp;"
    watched = Watched(background, desktop.environment).ready()
    watched.show(Card(f"“{ssid}”", f"Who runs “{ssid}”", Urgency.NORMAL, 30_000))
    shown = desktop.dunst.wait_for_shown("“")
    # dunst says that it reads markup in the body (and escapes summaries by itself), so what it got shows as what was meant.
    assert shown.summary == f"“{ssid}”"
    assert shown.body == r"Who runs “--version\x1b[2J\u202e&lt;b&gt;\xff&amp;amp;”"
    desktop.screenshot(tmp_path / "hostile.png")


@needs_dunst
def test_a_restarted_daemon_is_met_again(desktop: Rig, background: Background) -> None:
    watched = Watched(background, desktop.environment).ready()
    watched.show(CARD)
    told = len(watched.told)
    desktop.restart_dunst()
    wait_until(lambda: watched.told[told:].count("emptied") >= 2, "the old one to go and the new one to come")
    watched.ready().show(CARD)
    assert desktop.dunst.displayed() == 1


@needs_dunst
def test_a_frozen_daemon_is_said_and_its_late_answer_counts(desktop: Rig, background: Background) -> None:
    watched = Watched(background, desktop.environment).ready()
    desktop.dunst.freeze()
    late = asyncio.run_coroutine_threadsafe(watched.desktop.show(CARD), background.loop)
    watched.trouble(SILENT)
    assert not late.done()
    desktop.dunst.thaw()
    id = late.result(10)
    assert watched.desktop.trouble == ""
    assert desktop.dunst.wait_for_shown(CARD.title).id == id
    assert desktop.dunst.displayed() == 1


def test_every_field_arrives(session_bus: PrivateBus, background: Background) -> None:
    service = Service(["body", "actions", "body-markup"])
    appear(background, service, session_bus)
    watched = Watched(background, session_bus.as_session).ready()
    assert (watched.show(CARD), watched.show(GRAVE, 7)) == (7, 7)
    plain = [[getattr(part, "value", part) for part in call[:6]] for call in service.notified]
    hints = [{key: (hint.signature, hint.value) for key, hint in call[6].items()} for call in service.notified]
    assert plain == [
        ["WiFiGuard", 0, "dialog-warning", CARD.title, CARD.body, ["trust", "Trust this network", "mute", "Mute"]],
        ["WiFiGuard", 7, "dialog-error", GRAVE.title, GRAVE.body, []],
    ]
    common = {"category": ("s", "network"), "desktop-entry": ("s", "wifiguard")}
    assert hints == [
        {"urgency": ("y", 1), "resident": ("b", True), **common},
        {"urgency": ("y", 2), **common},
    ]
    assert [call[7] for call in service.notified] == [30_000, 0]


def test_a_daemon_without_markup_and_actions_gets_plain_text(session_bus: PrivateBus, background: Background) -> None:
    service = Service(["body"])
    appear(background, service, session_bus)
    watched = Watched(background, session_bus.as_session).ready()
    watched.show(Card("t", "<b> & “c”", Urgency.LOW, 1, BUTTONS))
    assert (service.notified[0][4], service.notified[0][5]) == ("<b> & “c”", [])


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        (Service(error="Created too many\x1b[2J"), r"The desktop refused a notification: Created too many\x1b[2J"),
        (Service(answer=("s", ["seven"])), NONSENSE),
    ],
)
def test_an_error_is_a_sentence(
    session_bus: PrivateBus, background: Background, service: Service, sentence: str
) -> None:
    appear(background, service, session_bus)
    watched = Watched(background, session_bus.as_session).ready()
    with pytest.raises(NoNotifications) as raised:
        watched.show(CARD)
    assert str(raised.value) == sentence


def test_signals_of_others_are_not_believed(session_bus: PrivateBus, background: Background) -> None:
    service, other = Service(), Service()
    appear(background, service, session_bus)
    watched = Watched(background, session_bus.as_session).ready()
    appear(background, other, session_bus)  # it waits in the queue for the name
    background.do(other.signal("ActionInvoked", "us", 7, "trust"))
    background.do(service.signal("ActionInvoked", "s", "odd"))
    background.do(service.signal("NotificationClosed", "uu", 7, 2))
    wait_until(lambda: ("closed", 7) in watched.told, "the real signal")
    assert (7, "trust") not in watched.told


def test_a_service_that_never_answers_is_said(
    silent_notifier: SilentNotifier, session_bus: PrivateBus, background: Background
) -> None:
    watched = Watched(background, session_bus.as_session)
    silent_notifier.wait_heard("GetCapabilities")
    watched.trouble(SILENT)
    assert not watched.desktop.reachable
    with pytest.raises(NoNotifications, match="does not answer"):
        watched.show(CARD)
    silent_notifier.stop()
    watched.trouble(NO_SERVICE)


def test_no_service_is_said_until_one_comes(session_bus: PrivateBus, background: Background) -> None:
    watched = Watched(background, session_bus.as_session)
    watched.trouble(NO_SERVICE)
    with pytest.raises(NoNotifications, match="No notification service"):
        watched.show(CARD)
    service = Service()
    appear(background, service, session_bus)
    watched.trouble("")
    assert watched.ready().show(CARD) == 7
    background.do(service.leave())
    watched.trouble(NO_SERVICE)


def test_a_service_that_goes_while_it_is_asked(
    silent_notifier: SilentNotifier, session_bus: PrivateBus, background: Background
) -> None:
    watched = Watched(background, session_bus.as_session)
    silent_notifier.wait_heard("GetCapabilities")
    silent_notifier.stop()
    watched.trouble(NO_SERVICE)
    service = Service()
    appear(background, service, session_bus)
    assert watched.ready().show(CARD) == 7


def test_a_bus_that_went_is_said_and_found_again(session_bus: PrivateBus, background: Background) -> None:
    service = Service()
    appear(background, service, session_bus)
    watched = Watched(background, session_bus.as_session).ready()
    session_bus.stop()
    watched.trouble(NO_BUS)
    with pytest.raises(NoNotifications, match="no desktop session"):
        watched.show(CARD)
    session_bus.start()
    appear(background, service, session_bus)
    watched.trouble("")
    assert watched.ready().show(CARD) == 7


@pytest.mark.parametrize("environment", [{}, {"DBUS_SESSION_BUS_ADDRESS": "nonsense"}, {"XDG_RUNTIME_DIR": "/nowhere"}])
def test_no_desktop_at_all_is_said(environment: dict[str, str], background: Background) -> None:
    watched = Watched(background, environment)
    watched.trouble(NO_BUS)
    background.do(watched.desktop.withdraw(1))
    assert not watched.desktop.reachable


def test_the_selftest_says_what_is_missing(session_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus.address)
    with pytest.raises(NoNotifications, match="No notification service"):
        asyncio.run(try_notification())


@needs_dunst
def test_the_selftest_shows_one(desktop: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.bus.address)
    asyncio.run(try_notification())
    desktop.dunst.wait_for_shown("Notifications work")


def test_importing_it_says_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import wifiguard.agent.notifier"], capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")
