"""Who is at the desktop, by a (mocked) logind's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.agent.background import Background
from tests.net.rig.bus import PrivateBus
from tests.net.rig.mock_network_manager import MOCK, PYTHON
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import wait_until
from wifiguard.agent.board import Presence
from wifiguard.agent.presence import MANAGER, NAME, PATH, SESSION, Session, Sessions, judged

UID = 1000
HERE, LOCKED, AWAY = Presence.HERE, Presence.LOCKED, Presence.AWAY


@pytest.mark.parametrize(
    ("sessions", "presence"),
    [
        ([], HERE),
        ([Session(True, False)], HERE),
        ([Session(True, True)], LOCKED),
        ([Session(False, False)], AWAY),
        ([Session(False, True), Session(True, False)], HERE),
        ([Session(False, False), Session(True, True)], LOCKED),
    ],
)
def test_the_sessions_together(sessions: list[Session], presence: Presence) -> None:
    assert judged(sessions) is presence


class MockLogind:
    """python-dbusmock's logind."""

    def __init__(self, processes: Processes, bus: PrivateBus) -> None:
        self._bus = bus
        self._spawned = processes.start(
            "mock-logind", [PYTHON, "-m", "dbusmock", "--system", "--template", "logind"], bus.as_system
        )
        wait_until(
            lambda: self._spawned.require_running() and bus.get_if_there(NAME, PATH, MANAGER, "IdleAction"),
            "the mock's properties",
        )

    def add_session(self, id: str, uid: int, *, active: bool, seat: str = "seat0") -> None:
        self._bus.call(NAME, PATH, MOCK, "AddSession", "ssusb", id, seat, uid, f"user{uid}", active)
        self._bus.call(NAME, PATH, MOCK, "EmitSignal", "sssav", MANAGER, "SessionNew", "", [])

    def update(self, id: str, **properties: bool) -> None:
        path = f"{PATH}/session/{id}"
        values: dict[str, tuple[str, Any]] = {name: ("b", value) for name, value in properties.items()}
        self._bus.call(NAME, path, MOCK, "UpdateProperties", "sa{sv}", SESSION, values)

    def stop(self) -> None:
        self._spawned.stop()


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.mark.rig("dbus-daemon", "busctl", "dbusmock")
def test_logind_is_followed(background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    with Processes() as processes:
        bus = PrivateBus(processes, "system")
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        told: list[Presence] = []

        async def make() -> Sessions:
            return Sessions(told.append, UID)

        background.start(background.do(make()).run())
        logind = MockLogind(processes, bus)
        logind.add_session("c1", UID + 1, active=True)
        logind.add_session("c2", UID, active=False)

        def becomes(*presences: Presence) -> None:
            wait_until(lambda: told == list(presences), f"{presences}, not {told}")
            told.clear()

        becomes(AWAY)
        logind.update("c2", Active=True)
        becomes(HERE)
        logind.update("c2", LockedHint=True)
        becomes(LOCKED)
        logind.update("c2", LockedHint=False)
        becomes(HERE)
        logind.update("c2", Active=False)
        becomes(AWAY)
        # The same person at another seat, which somebody else leaves locked.
        logind.add_session("c3", UID + 1, active=True, seat="seat1")
        logind.update("c3", LockedHint=True)
        logind.add_session("c4", UID, active=True, seat="seat1")
        becomes(HERE)
        logind.update("c4", LockedHint=True)
        becomes(LOCKED)
        logind.stop()
        becomes(HERE)
