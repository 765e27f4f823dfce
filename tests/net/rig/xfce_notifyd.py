"""A real notification daemon, Xfce's, on an X screen: its buttons are clicked where they are drawn."""

from __future__ import annotations

from pathlib import Path

from tests.net.rig.bus import PrivateBus
from tests.net.rig.command import run
from tests.net.rig.dunst import NOTIFICATIONS
from tests.net.rig.processes import Processes
from tests.net.rig.screen import Screen

FOLDER = Path("/usr/lib/x86_64-linux-gnu/xfce4")
SETTINGS, DAEMON = FOLDER / "xfconf/xfconfd", FOLDER / "notifyd/xfce4-notifyd"
# A window's edge, its buttons' half height, and from one button's middle to the next.
EDGE, HALF, WIDTH = 14, 17, 135


class XfceNotifyd:
    """Running, with the settings that it has at first."""

    def __init__(self, processes: Processes, bus: PrivateBus) -> None:
        self.screen = Screen(processes)
        home = str(processes.subfolder("xfce"))
        self.environment = {
            **bus.as_session,
            **self.screen.environment,
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_CACHE_HOME": home,
        }
        settings = processes.start("xfconfd", [str(SETTINGS)], self.environment)
        bus.wait_for_owner("org.xfce.Xfconf", settings)
        self.process = processes.start("xfce4-notifyd", [str(DAEMON)], self.environment)
        bus.wait_for_owner(NOTIFICATIONS, self.process)

    @staticmethod
    def there() -> bool:
        """Whether this machine has it."""
        return SETTINGS.exists() and DAEMON.exists()

    def displayed(self) -> int:
        """How many are on the screen now."""
        return len(self._windows())

    def press(self, number_from_right: int) -> None:
        """Click a button of the first notification: 0 is the rightmost."""
        geometry = run(["xdotool", "getwindowgeometry", "--shell", self._windows()[0]], env=self.environment).stdout
        at = dict(line.split("=") for line in geometry.splitlines())
        x = int(at["X"]) + int(at["WIDTH"]) - EDGE - WIDTH // 2 - number_from_right * WIDTH
        y = int(at["Y"]) + int(at["HEIGHT"]) - EDGE - HALF
        run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=self.environment)

    def screenshot(self, path: Path) -> None:
        """A PNG of the screen."""
        self.screen.screenshot(path, blank=self.displayed() == 0)

    def _windows(self) -> list[str]:
        search = ["xdotool", "search", "--onlyvisible", "--class", "notifyd"]
        return run(search, env=self.environment, check=False).stdout.split()
