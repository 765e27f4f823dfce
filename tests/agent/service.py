"""A notification service that does exactly what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from wifiguard.agent.notifier import NAME, PATH


class Service:
    """Writes down what it is asked. `error`: what Notify is refused with. `answer`: what it gives for an id."""

    def __init__(
        self, capabilities: Sequence[str] = (), error: str = "", answer: tuple[str, list[Any]] = ("u", [7])
    ) -> None:
        self._capabilities = list(capabilities)
        self._error = error
        self._answer = answer
        self._bus: MessageBus | None = None
        self.notified: list[list[Any]] = []
        self.closed: list[int] = []

    async def own(self, address: str) -> None:
        """Appear on the bus."""
        self._bus = await MessageBus(address).connect()
        self._bus.add_message_handler(self._asked)
        await self._bus.request_name(NAME)

    async def leave(self) -> None:
        """Disappear; nothing where it is not there."""
        bus, self._bus = self._bus, None
        if bus is not None and bus.connected:
            bus.disconnect()
            await asyncio.wait_for(bus.wait_for_disconnect(), 5)

    async def signal(self, member: str, signature: str, *body: Any) -> None:
        """Say something to everybody."""
        assert self._bus is not None
        await self._bus.send(Message.new_signal(PATH, NAME, member, signature, list(body)))

    def _asked(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        match message.member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [self._capabilities])
            case "Notify" if self._error:
                return Message.new_error(message, f"{NAME}.Error.ExcessNotificationGeneration", self._error)
            case "Notify":
                self.notified.append(message.body)
                return Message.new_method_return(message, *self._answer)
            case "CloseNotification":
                self.closed.append(message.body[0])
        return None
