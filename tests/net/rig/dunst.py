"""A real notification daemon, dunst: what it shows, and its buttons."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tests.net.rig.bus import PrivateBus
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import StillWaitingError, wait_until

NOTIFICATIONS = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
CONTROL = "org.dunstproject.cmd0"

# No timeouts of dunst's own: what a test waits for stays until it is closed, or as long as the sender said.
# The context menu is a program that chooses the line with the wanted label: a person's hand.
CONFIGURATION = """
[global]
    font = DejaVu Sans 14
    width = (300, 520)
    height = 400
    origin = top-right
    offset = 16x16
    padding = 12
    horizontal_padding = 14
    frame_width = 2
    markup = full
    format = "<b>%s</b>\\n%b"
    word_wrap = yes
    ellipsize = end
    show_indicators = yes
    show_age_threshold = -1
    idle_threshold = 0
    sticky_history = yes
    history_length = 100
    dmenu = {folder}/choose
    always_run_script = true
    mouse_left_click = none
    mouse_middle_click = none
    mouse_right_click = none
[urgency_low]
    background = "#283038"
    foreground = "#d0d8e0"
    timeout = 0
[urgency_normal]
    background = "#1f3a5f"
    foreground = "#ffffff"
    timeout = 0
[urgency_critical]
    background = "#7a1010"
    foreground = "#ffffff"
    frame_color = "#ff6060"
    timeout = 0
[record]
    summary = "*"
    script = {folder}/record
"""
RECORD = """#!/bin/sh
printf '%s\\0' "$DUNST_ID" "$DUNST_APP_NAME" "$DUNST_SUMMARY" "$DUNST_BODY" "$DUNST_URGENCY" >> {folder}/shown
"""
CHOOSE = """#!/bin/sh
cat > {folder}/reading
grep -m 1 -F -- "$(cat {folder}/wanted)" {folder}/reading
mv {folder}/reading {folder}/menu
"""


class Shown(Struct, frozen=True):
    """A notification as dunst put it on the screen (again, when it was replaced). Urgency: LOW, NORMAL, CRITICAL."""

    id: int
    app: str
    summary: str
    body: str
    urgency: str


class Dunst:
    """A running dunst on a screen and a session bus."""

    def __init__(self, processes: Processes, bus: PrivateBus, screen: Mapping[str, str]) -> None:
        self.bus = bus
        self._folder = processes.subfolder("dunst")
        self._shown = self._folder / "shown"
        self._shown.touch()
        for name, text in (("dunstrc", CONFIGURATION), ("record", RECORD), ("choose", CHOOSE)):
            path = self._folder / name
            path.write_text(text.format(folder=self._folder))
            path.chmod(0o755)
        self.process = processes.start(
            "dunst", ["dunst", "-config", str(self._folder / "dunstrc")], {**bus.as_session, **screen}
        )
        bus.wait_for_owner(NOTIFICATIONS, self.process)

    def shown(self) -> list[Shown]:
        """Everything that was put on the screen, oldest first."""
        fields = self._shown.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]
        rows = [fields[start : start + 5] for start in range(0, len(fields) - 4, 5)]
        return [Shown(int(id_), app, summary, body, urgency) for id_, app, summary, body, urgency in rows]

    def wait_for_shown(self, summary: str, timeout: float = 10.0) -> Shown:
        """The newest notification whose summary contains `summary`."""
        return wait_until(
            lambda: next((shown for shown in reversed(self.shown()) if summary in shown.summary), None),
            f"a notification about {summary!r}",
            timeout,
        )

    def displayed(self) -> int:
        """How many are on the screen now."""
        return int(self.bus.get(NOTIFICATIONS, PATH, CONTROL, "displayedLength"))

    def history(self) -> list[dict[str, Any]]:
        """The closed ones, newest first, with every field that dunst keeps."""
        entries: list[dict[str, Any]] = self._control("NotificationListHistory")[0]
        return entries

    def press(self, label: str) -> None:
        """Press the button with that label (of the first displayed notification that has it)."""
        line = f"#{label} ("
        menu = self._folder / "menu"
        menu.unlink(missing_ok=True)
        (self._folder / "wanted").write_text(line)
        for _attempt in range(20):  # it refuses while an earlier menu is still closing
            self._control("ContextMenuCall")
            try:
                wait_until(menu.exists, "the context menu", timeout=0.5)
                break
            except StillWaitingError:
                continue
        else:
            raise StillWaitingError(f"no context menu to press {label!r} in")
        assert line in menu.read_text(), f"no button {label!r} in:\n{menu.read_text()}"

    def close_last(self) -> None:
        """Close the newest on the screen, as a person would."""
        self._control("NotificationCloseLast")

    def close_all(self) -> None:
        self._control("NotificationCloseAll")

    def freeze(self) -> None:
        """From now on it owns its name and answers nothing."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It answers again, what it was asked meanwhile too."""
        self.process.signal(signal.SIGCONT)

    def stop(self) -> None:
        self.process.stop()

    def _control(self, member: str) -> list[Any]:
        return self.bus.call(NOTIFICATIONS, PATH, CONTROL, member)
