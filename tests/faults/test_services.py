"""What the monitor and the agent lean on goes and comes back: the buses, NetworkManager, the notification daemon."""

from __future__ import annotations

import signal

import pytest

from tests.faults.left import said, stored, told
from tests.faults.logins import RULE, SETTINGS, Logins
from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.desktop import Desktop
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = [pytest.mark.root, pytest.mark.timeout(240)]
PATIENCE = 30.0
POINT = "02:00:00:00:0a:01"


def test_the_system_bus_is_killed_twice(
    cafe: Cafe, logins: Logins, system_bus: PrivateBus, mock_network_manager: MockNetworkManager
) -> None:
    """The bus takes NetworkManager with it. What does not need either goes on."""
    env = {"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address}
    watched = Watched(cafe.laptop, "--no-notify", settings=SETTINGS, env=env)
    assert not said(watched, "wifi")
    for number in range(2):
        system_bus.process.signal(signal.SIGKILL)
        mock_network_manager.stop()
        wait_until(lambda: "system message bus" in said(watched, "wifi"), "the loss of the bus to be said", PATIENCE)
        logins.one()
        wait_until(lambda n=number: len(told(watched)) == n + 1, "a finding meanwhile", PATIENCE)  # type: ignore[misc]
        system_bus.start()
        mock_network_manager.start()
        wait_until(lambda: not said(watched, "wifi"), "the bus to be used again", PATIENCE)
        air = mock_network_manager.add_wifi("wlan0")
        air.join(air.add_access_point(f"Cafe {number}".encode(), POINT, wifi_security.OPEN))
        wait_until(
            lambda n=number: f"Cafe {n}" in [network["name"] for network in watched.status()["networks"]],  # type: ignore[misc]
            "the network to be known",
            PATIENCE,
        )
    assert stored(watched, told(watched)) == told(watched)
    assert watched.process.errors() == ""


def test_network_manager_hangs_and_recovers(
    cafe: Cafe, system_bus: PrivateBus, mock_network_manager: MockNetworkManager
) -> None:
    mock_network_manager.process.signal(signal.SIGSTOP)
    watched = Watched(cafe.laptop, "--no-notify", env={"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address})
    wait_until(lambda: "NetworkManager does not answer" in said(watched, "wifi"), "it to be said", PATIENCE)
    mock_network_manager.process.signal(signal.SIGCONT)
    wait_until(lambda: not said(watched, "wifi"), "it to be asked again", PATIENCE)


def test_the_notification_daemon_and_its_bus_are_killed(cafe: Cafe, logins: Logins, desktop: Desktop) -> None:
    watched = Watched(cafe.laptop, settings=SETTINGS, env=desktop.environment)

    def agent() -> bool:
        return any(state["ok"] for state in watched.status()["agents"].values())

    def shown() -> bool:
        return any("password" in each.summary + each.body for each in desktop.dunst.shown())

    wait_until(agent, "the agent", PATIENCE)
    desktop.dunst.process.signal(signal.SIGKILL)
    wait_until(lambda: not agent(), "its loss to be said", PATIENCE)
    logins.one()
    watched.wait_for(RULE)
    desktop.restart_dunst()
    # What happened while nobody could show it is shown now.
    wait_until(shown, "the password to be shown", PATIENCE)
    wait_until(agent, "the agent to work again", PATIENCE)

    desktop.dunst.stop()
    desktop.bus.process.signal(signal.SIGKILL)
    wait_until(lambda: not agent(), "the loss of the bus to be said", PATIENCE)
    desktop.bus.start()
    desktop.restart_dunst()
    wait_until(shown, "the password to be shown again", PATIENCE)
    wait_until(agent, "the agent to work on the new bus", PATIENCE)
