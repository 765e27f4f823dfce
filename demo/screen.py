"""What the audience sees, and the pace: the space bar stops and goes on, Enter skips a wait, q ends."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from types import TracebackType

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from demo.notifications import Notification, Notifications
from tests.net.rig.waiting import StillWaitingError

WORDS_A_SECOND = 3.0
# Longest wait for something that must come, in seconds: on a busy machine it takes a while.
PATIENCE = 60.0
STEP = 0.05


class Screen:
    """Prints the story. `fast`: nobody is reading, so nothing waits but for what must come."""

    def __init__(self, *, fast: bool) -> None:
        self._console = Console(highlight=False)
        self._console.width = min(self._console.width, 90)
        self._fast = fast
        self._notifications: Notifications | None = None
        self._shown: dict[int, Notification] = {}
        self._keyboard = not fast and sys.stdin.isatty()
        self._before = termios.tcgetattr(sys.stdin) if self._keyboard else []

    def __enter__(self) -> Screen:
        if self._keyboard:
            # Keys count at once; Ctrl-C stays what it is.
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keyboard:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def watch(self, notifications: Notifications) -> None:
        """Show what comes from here on."""
        self._notifications = notifications

    def scene(self, title: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left", style="bright_black")

    def say(self, text: str) -> None:
        """Narrate, and leave time to read."""
        self._console.print(Text(text), style="italic")
        self.rest(len(text.split()) / WORDS_A_SECOND)

    def command(self, command: str, answer: str, most: int = 14) -> None:
        """Show a command and the first `most` lines of what it answered."""
        self._console.print(Text(f"\n$ {command}", style="bold"))
        lines = answer.strip("\n").splitlines()
        more = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
        for line in [*lines[:most], *more]:
            self._console.print(Text(line), soft_wrap=True)
        self._console.print()
        self.rest(min(len(answer.split()) / WORDS_A_SECOND / 2, 8.0))

    def notified(self, words: str) -> Notification:
        """Wait for a notification with these words in its title, and leave time to read it. Raises StillWaitingError."""
        due = time.monotonic() + PATIENCE
        while not (found := [each for each in self._shown.values() if words in each.title]):
            if time.monotonic() > due:
                raise StillWaitingError(f"no notification said {words!r}")
            time.sleep(STEP)
            self._show()
        self.rest(len(found[-1].body.split()) / WORDS_A_SECOND)
        return found[-1]

    def withdrawn(self, shown: Notification) -> None:
        """Wait until a notification is taken down. Raises StillWaitingError."""
        due = time.monotonic() + PATIENCE
        while shown.id in self._shown:
            if time.monotonic() > due:
                raise StillWaitingError(f"the notification {shown.title!r} stays")
            time.sleep(STEP)
            self._show()

    def wait(self, seconds: float) -> None:
        """Let time pass that the story needs, however fast it is told."""
        due = time.monotonic() + seconds
        self.rest(seconds)
        time.sleep(max(0.0, due - time.monotonic()))

    def rest(self, seconds: float) -> None:
        """Let the audience read, and show meanwhile what comes."""
        due = time.monotonic() + (0.0 if self._fast else seconds)
        while (left := due - time.monotonic()) > 0:
            self._show()
            match self._key(min(STEP, left)):
                case " ":
                    paused = time.monotonic()
                    self._console.print(Text("(stopped: the space bar goes on)", style="bright_black"))
                    while (key := self._key(60.0)) not in (" ", "\n", "q"):
                        pass
                    if key == "q":
                        raise KeyboardInterrupt
                    due += time.monotonic() - paused
                case "\n":
                    return
                case "q":
                    raise KeyboardInterrupt

    def _key(self, seconds: float) -> str:
        """The key that is pressed within so many seconds; empty for none."""
        if not self._keyboard:
            time.sleep(seconds)
            return ""
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        # Past stdin's own buffer, which select would not see. At its end nobody is left to watch.
        return (os.read(sys.stdin.fileno(), 1).decode("latin-1") or "q") if ready else ""

    def _show(self) -> None:
        """Draw the notifications that have come."""
        while self._notifications is not None and not self._notifications.arrived.empty():
            arrived = self._notifications.arrived.get()
            if isinstance(arrived, int):
                if gone := self._shown.pop(arrived, None):
                    self._console.print(Text(f"  (taken down again: {gone.title})\n", style="bright_black"))
                continue
            before = self._shown.get(arrived.id)
            self._shown[arrived.id] = arrived
            if before is None or (before.title, before.body) != (arrived.title, arrived.body):
                self._draw(arrived)

    def _draw(self, shown: Notification) -> None:
        colour = "red" if shown.critical else "yellow"
        text = Text(shown.title, style="bold").append(f"\n{shown.body}", style="not bold")
        if shown.buttons:
            text.append("\n\n" + "   ".join(f"[ {label} ]" for label in shown.buttons.values()), style="not bold cyan")
        heading = "notification" if shown.new else "the notification changes"
        self._console.print(Panel(text, title=heading, title_align="left", border_style=colour, padding=(0, 1)))
