"""A real notification daemon for Wayland, mako, on the screen of a compositor that needs no graphics card."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.net.rig.bus import PrivateBus
from tests.net.rig.command import run
from tests.net.rig.dunst import NOTIFICATIONS
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import wait_until

# sway refuses to be root's.
NOBODY = 65534


class Mako:
    """Running, with the settings that it has at first."""

    def __init__(self, processes: Processes, bus: PrivateBus) -> None:
        folder = processes.subfolder("wayland")
        settings = folder / "sway"
        settings.write_text("output HEADLESS-1 resolution 1024x768\n")
        processes.folder.chmod(0o755)
        for path in (folder, settings):
            os.chown(path, NOBODY, NOBODY)
        folder.chmod(0o700)
        self.environment = {
            **bus.as_session,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_LIBINPUT_NO_DEVICES": "1",
        }
        as_nobody = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
        sway = processes.start("sway", [*as_nobody, "sway", "-c", str(settings)], self.environment)
        display = wait_until(
            lambda: sway.require_running() and [*folder.glob("wayland-?")], "a Wayland display", timeout=30
        )
        self.environment["WAYLAND_DISPLAY"] = display[0].name
        self.process = processes.start("mako", ["mako"], self.environment)
        bus.wait_for_owner(NOTIFICATIONS, self.process)

    def titles(self) -> list[str]:
        """Of those on the screen now, the newest first."""
        told = json.loads(run(["makoctl", "list"], env=self.environment).stdout)
        return [each["summary"]["data"] for each in told["data"][0]]

    def press(self, id: int, key: str) -> None:
        """Press a button of a notification."""
        run(["makoctl", "invoke", "-n", str(id), key], env=self.environment)

    def screenshot(self, path: Path) -> None:
        """A PNG of the screen."""
        run(["grim", str(path)], env=self.environment)
