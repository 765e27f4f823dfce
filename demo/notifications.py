"""The demo's desktop: a notification service (Desktop Notifications Specification 1.2) whose screen is this terminal."""

from __future__ import annotations

import asyncio
import queue
import threading

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from msgspec import Struct

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
CRITICAL = 2


class Notification(Struct, frozen=True):
    """What a program wants to be shown. `buttons`: key → label. `new`: it replaces none that was shown before."""

    id: int
    title: str
    body: str
    critical: bool
    buttons: dict[str, str]
    new: bool


class Notifications:
    """The service, in a thread of its own. `arrived`: what is to be shown, in order; an id alone: it is withdrawn."""

    def __init__(self, address: str) -> None:
        self.arrived: queue.SimpleQueue[Notification | int] = queue.SimpleQueue()
        self._last = 0
        self._loop = asyncio.new_event_loop()
        self._bus: MessageBus
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(address), self._loop).result(10)

    def press(self, id: int, key: str) -> None:
        """Press a button, as a person would."""
        pressed = Message.new_signal(PATH, NAME, "ActionInvoked", "us", [id, key])
        self._loop.call_soon_threadsafe(self._bus.send, pressed)

    def close(self) -> None:
        """Leave the bus."""
        self._loop.call_soon_threadsafe(self._bus.disconnect)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _start(self, address: str) -> None:
        self._bus = await MessageBus(bus_address=address).connect()
        self._bus.add_message_handler(self._asked)
        await self._bus.request_name(NAME)

    def _asked(self, call: Message) -> Message | None:
        if call.message_type is not MessageType.METHOD_CALL or call.interface != NAME:
            return None
        match call.member:
            case "Notify":
                _, replaces, _, title, body, actions, hints, _ = call.body
                id = replaces or self._last + 1
                self._last = max(self._last, id)
                urgency = hints["urgency"].value if "urgency" in hints else 1
                buttons = dict(zip(actions[::2], actions[1::2], strict=True))
                self.arrived.put(Notification(id, title, body, urgency == CRITICAL, buttons, not replaces))
                return Message.new_method_return(call, "u", [id])
            case "CloseNotification":
                (id,) = call.body
                self.arrived.put(id)
                return Message.new_method_return(call)
            case "GetCapabilities":
                return Message.new_method_return(call, "as", [["actions", "body", "persistence"]])
            case "GetServerInformation":
                return Message.new_method_return(call, "ssss", ["terminal", "WiFiGuard", "1", "1.2"])
        return None
