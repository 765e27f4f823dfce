"""A desktop: a screen, a session bus, a notification daemon."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from tests.net.rig.bus import PrivateBus
from tests.net.rig.dunst import Dunst
from tests.net.rig.processes import Processes
from tests.net.rig.screen import Screen


class Desktop:
    """All three running; programs find them through `environment`."""

    def __init__(self) -> None:
        self.processes = Processes()
        try:
            self.bus = PrivateBus(self.processes, "session")
            self.screen = Screen(self.processes)
            self.environment = {**self.bus.as_session, **self.screen.environment}
            self.dunst = Dunst(self.processes, self.bus, self.screen.environment)
        except BaseException:
            self.processes.close()
            raise

    def restart_dunst(self) -> None:
        """A new notification daemon, which knows nothing of the old one's notifications."""
        self.dunst.stop()
        self.dunst = Dunst(self.processes, self.bus, self.screen.environment)

    def screenshot(self, path: Path) -> None:
        """A PNG of the screen, notifications drawn."""
        self.screen.screenshot(path, blank=self.dunst.displayed() == 0)

    def logs(self) -> dict[str, str]:
        return self.processes.logs()

    def close(self) -> None:
        self.processes.close()

    def __enter__(self) -> Desktop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
