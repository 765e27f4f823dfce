"""What a real NetworkManager refuses to a user without permission is told with the command that root may give."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.network_manager import ACTIVATED, NetworkManager
from wifiguard.core.mending import Change, Setting
from wifiguard.sources import profiles

pytestmark = [pytest.mark.root, pytest.mark.rig("NetworkManager", "dbus-daemon", "busctl", "setpriv")]

SAY = """
import sys
from wifiguard.actions.profiles import CannotChange, change, leave
from wifiguard.core.mending import Change, Setting
try:
    {call}
except CannotChange as error:
    print(error)
"""


@pytest.fixture
def network_manager(lab: Lab, system_bus: PrivateBus) -> NetworkManager:
    """With a saved open network, and connected by cable; root alone may change either."""
    manager = NetworkManager(Cafe(lab, configured=False).laptop, system_bus, polkit="root-only")
    manager.nmcli("connection", "add", "type", "wifi", "con-name", "Cafe", "ssid", "Cafe")
    cable = (
        "type",
        "ethernet",
        "con-name",
        "cable",
        "ifname",
        "wlan0",
        "ipv4.method",
        "disabled",
        "ipv6.method",
        "link-local",
    )
    manager.nmcli("connection", "add", *cable)
    manager.wait_for_state("wlan0", ACTIVATED)
    return manager


@pytest.fixture
def as_nobody(system_bus: PrivateBus) -> Callable[[str], str]:
    """Runs a line of Python as a user without any permission; what it says."""

    def run(call: str) -> str:
        command = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            sys.executable,
            "-c",
            SAY.format(call=call),
        ]
        environment = os.environ | system_bus.as_system
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()

    return run


def test_a_user_without_permission_reads_what_to_do(
    network_manager: NetworkManager,
    system_bus: PrivateBus,
    as_nobody: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus.address)
    (cafe,) = profiles.read_profiles()[0]
    wanted = Change(cafe.keeper, cafe.id, cafe.name, Setting.AUTOJOIN, "yes", "no")
    said = "nmcli may not do it for this user; root may: sudo nmcli"
    modify = f"{said} connection modify uuid {cafe.id} connection.autoconnect no"
    assert as_nobody(f"change({wanted!r})".replace("<Setting.AUTOJOIN: 'autojoin'>", "Setting.AUTOJOIN")) == modify
    assert as_nobody("leave('wlan0', 'NetworkManager')") == f"{said} --wait 10 device disconnect wlan0"
    assert network_manager.state("wlan0") == ACTIVATED
    # And root does so with these very words.
    network_manager.nmcli(*modify.removeprefix(f"{said} ").split())
    assert not profiles.read_profiles()[0][0].autojoin
