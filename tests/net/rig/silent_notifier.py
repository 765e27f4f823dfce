"""A notification service that owns its name and answers nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.net.rig.bus import PrivateBus
from tests.net.rig.dunst import NOTIFICATIONS
from tests.net.rig.waiting import wait_until

SERVICE = Path(__file__).with_name("silent_notifier_service.py")


class SilentNotifier:
    """The service, running; needs no screen."""

    def __init__(self, bus: PrivateBus) -> None:
        self.process = bus.processes.start("silent-notifier", [sys.executable, "-P", str(SERVICE)], bus.as_session)
        bus.wait_for_owner(NOTIFICATIONS, self.process)

    def heard(self) -> list[str]:
        """The methods that it was asked for."""
        return self.process.output().split()

    def wait_heard(self, member: str) -> None:
        wait_until(lambda: member in self.heard(), f"somebody to call {member}")

    def stop(self) -> None:
        self.process.stop()
