"""Real notification daemons on an X screen, told from outside by their windows; buttons are clicked where they are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.net.rig.bus import PrivateBus
from tests.net.rig.command import run
from tests.net.rig.dunst import NOTIFICATIONS
from tests.net.rig.processes import Processes
from tests.net.rig.screen import Screen

LIBRARIES = Path("/usr/lib")


class Drawn:
    """A daemon at work, with the settings that it has at first."""

    program: ClassVar[Path]
    # What it needs beside it: program → the name that this has on the bus.
    beside: ClassVar[dict[Path, str]] = {}
    # The class of its windows.
    windows: ClassVar[str]
    # The middle of the first of two buttons, "Trust this network" and "Mute", from the right and from below.
    button: ClassVar[tuple[int, int]]

    def __init__(self, processes: Processes, bus: PrivateBus) -> None:
        self.screen = Screen(processes)
        home = str(processes.subfolder("home"))
        self.environment = {
            **bus.as_session,
            **self.screen.environment,
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_CACHE_HOME": home,
            "XDG_RUNTIME_DIR": home,
            "GSETTINGS_BACKEND": "memory",
        }
        for program, name in {**self.beside, self.program: NOTIFICATIONS}.items():
            process = processes.start(program.name, [str(program)], self.environment)
            bus.wait_for_owner(name, process)

    @classmethod
    def there(cls) -> bool:
        """Whether this machine has it."""
        return all(program.exists() for program in (cls.program, *cls.beside))

    def area(self) -> int:
        """How many pixels of the screen show notifications."""
        return sum(at["WIDTH"] * at["HEIGHT"] for at in self._visible())

    def press(self) -> None:
        """Click the button "Trust this network" of the only notification."""
        (at,) = self._visible()
        x, y = (
            at[edge] + at[size] - self.button[i] for i, (edge, size) in enumerate((("X", "WIDTH"), ("Y", "HEIGHT")))
        )
        run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=self.environment)

    def screenshot(self, path: Path) -> None:
        """A PNG of the screen."""
        self.screen.screenshot(path)

    def _visible(self) -> list[dict[str, int]]:
        """Where each window is, and how large."""
        search = ["xdotool", "search", "--onlyvisible", "--class", self.windows]
        visible = []
        for window in run(search, env=self.environment, check=False).stdout.split():
            # It may be gone by now.
            told = run(["xdotool", "getwindowgeometry", "--shell", window], env=self.environment, check=False).stdout
            if lines := dict(line.split("=") for line in told.splitlines()):
                visible.append({name: int(number) for name, number in lines.items()})
        return visible


class Xfce(Drawn):
    program = LIBRARIES / "x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd"
    beside: ClassVar = {LIBRARIES / "x86_64-linux-gnu/xfce4/xfconf/xfconfd": "org.xfce.Xfconf"}
    windows = "notifyd"
    button = (216, 31)


class Mate(Drawn):
    program = LIBRARIES / "mate-notification-daemon/mate-notification-daemon"
    windows = "mate-notification-daemon"
    button = (154, 27)
