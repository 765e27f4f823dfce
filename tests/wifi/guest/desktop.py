"""The laptop's desktop: a session bus, a notification service with a finger on its buttons, and WiFiGuard's agent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tests.wifi.guest.shell import SCRATCH, Failed, background, end, wait_for
from tests.wifi.guest.watcher import PLACES

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


class Desktop:
    """Remembers every notification; nobody sees it."""

    def __init__(self) -> None:
        # Number → title and buttons (key, label, key, label …), as they were last said.
        self.shown: dict[int, tuple[str, list[str]]] = {}
        self._place = SCRATCH / "session"
        self._address = f"unix:path={self._place}"
        self._daemon = background("session", "dbus-daemon", "--session", "--nofork", f"--address={self._address}")
        wait_for(self._place.exists, "the session's bus")
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._bus: MessageBus = asyncio.run_coroutine_threadsafe(self._own(), self._loop).result()
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self._address
        os.environ.update(PLACES)
        self._agent: subprocess.Popen[bytes] = background("agent", sys.executable, "-m", "wifiguard", "agent")

    def press(self, label: str) -> None:
        """Wait for a notification with this button, and press it."""

        def found() -> tuple[int, str] | None:
            for number, (_, actions) in self.shown.items():
                for key, words in zip(actions[::2], actions[1::2], strict=True):
                    if words == label:
                        return number, key
            return None

        try:
            pressed = wait_for(found, f"a button that says {label!r}")
        except Failed as error:
            raise Failed(f"{error}; shown: {self.shown}, the agent ended: {self._agent.poll()}") from None
        assert pressed is not None
        signal = Message.new_signal(PATH, NAME, "ActionInvoked", "us", list(pressed))
        asyncio.run_coroutine_threadsafe(self._say(signal), self._loop).result()

    def told(self, title: str) -> None:
        """Wait for a notification with this title."""
        wait_for(lambda: any(title == each for each, _ in self.shown.values()), f"the notification {title!r}")

    def stop(self) -> None:
        """Log out."""
        end(self._agent)
        self._loop.call_soon_threadsafe(self._bus.disconnect)
        end(self._daemon)
        self._place.unlink(missing_ok=True)

    async def _own(self) -> MessageBus:
        bus = await MessageBus(self._address).connect()
        bus.add_message_handler(self._asked)
        await bus.request_name(NAME)
        return bus

    async def _say(self, signal: Message) -> None:
        await self._bus.send(signal)

    def _asked(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        match message.member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [["actions", "body"]])
            case "Notify":
                _, replaces, _, title, _, actions, _, _ = message.body
                number = replaces or len(self.shown) + 1
                self.shown = {**self.shown, number: (title, actions)}
                return Message.new_method_return(message, "u", [number])
        return Message.new_method_return(message)
