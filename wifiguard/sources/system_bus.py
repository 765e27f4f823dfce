"""Questions to one service on the system bus, whose answers are checked before anybody believes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from wifiguard.core.text import visible
from wifiguard.sources import SourceUnavailable

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
PROPERTIES = f"{BUS}.Properties"
# Seconds within which the bus or a service answers.
PATIENCE = 10.0
_ABSENT = frozenset(f"{BUS}.Error.{name}" for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"))
_VANISHED = frozenset(f"{BUS}.Error.{name}" for name in ("UnknownObject", "UnknownMethod", "UnknownInterface"))


class Absent(Exception):
    """The service is not there."""


class Vanished(Exception):
    """The object that was asked is gone."""


class Nonsense(Exception):
    """An answer that the service should not give; the text says which."""


async def connected() -> MessageBus:
    """A connection to the system bus. Raises SourceUnavailable."""
    try:
        bus = MessageBus(bus_type=BusType.SYSTEM)
        async with asyncio.timeout(PATIENCE):
            return await bus.connect()
    except (OSError, EOFError, DBusFastError) as error:
        raise SourceUnavailable("there is no system message bus", "sudo systemctl start dbus") from error


@asynccontextmanager
async def listening(
    heard: Callable[[Message], None], ended: Callable[[], None]
) -> AsyncIterator[tuple[MessageBus, asyncio.Future[None]]]:
    """A connection whose messages `heard` is given, and the future that is done when it broke, of which `ended` is told.

    Raises SourceUnavailable.
    """
    bus = await connected()
    lost: asyncio.Future[None] = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
    lost.add_done_callback(lambda _: ended())
    bus.add_message_handler(heard)
    try:
        yield bus, lost
    finally:
        bus.remove_message_handler(heard)
        bus.disconnect()
        lost.cancel()


class Peer:
    """The service `name` behind `bus`; `label` is what people call it.

    Everything raises Absent, Vanished or Nonsense as the answer is, and SourceUnavailable where there is none in time.
    """

    def __init__(self, bus: MessageBus, name: str, label: str) -> None:
        self.bus = bus
        self.name = name
        self.label = label

    async def owner(self) -> str | None:
        """The unique name of the connection that owns the service; None where nobody does."""
        try:
            return str((await self._call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", self.name)).body[0])
        except Absent:
            return None

    async def match(self, member: str, rule: str) -> None:
        """AddMatch or RemoveMatch."""
        await self._call(BUS, BUS_PATH, BUS, member, "s", rule)

    async def properties(self, path: str, interface: str) -> dict[str, Variant]:
        """All properties of one interface of an object."""
        found: dict[str, Variant] = await self.answer(path, PROPERTIES, "GetAll", "a{sv}", "s", interface)
        return found

    async def answer(
        self, path: str, interface: str, member: str, expected: str, signature: str = "", *body: object
    ) -> Any:
        """The one value of type `expected` that a method returns; None where `expected` is empty."""
        reply = await self._call(self.name, path, interface, member, signature, *body)
        if reply.signature != expected:
            raise Nonsense(f"{self.label} answers {member} with something else")
        return reply.body[0] if expected else None

    def taken(self, properties: Mapping[str, Variant], name: str, signature: str) -> Any:
        """The value of a property, which has this type. Raises Nonsense where it is missing or another."""
        found = properties.get(name)
        if found is None or found.signature != signature:
            raise Nonsense(f"{self.label}'s answer lacks a usable {name}")
        return found.value

    async def _call(
        self, destination: str, path: str, interface: str, member: str, signature: str, *body: object
    ) -> Message:
        message = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NO_AUTOSTART,  # to look must not start anything
        )
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self.bus.call(message)
        except TimeoutError as error:
            who = self.label if destination == self.name else "the system message bus"
            raise SourceUnavailable(f"{who} does not answer") from error
        except (OSError, EOFError, DBusFastError) as error:
            raise SourceUnavailable("the connection to the system message bus broke") from error
        if reply.message_type is MessageType.ERROR:
            self._refused(member, reply)
        return reply

    def _refused(self, member: str, reply: Message) -> None:
        name = reply.error_name or ""
        if name in _ABSENT:
            raise Absent
        if name in _VANISHED:
            raise Vanished
        if name == f"{BUS}.Error.AccessDenied":
            raise SourceUnavailable(f"the system message bus does not let this user ask {self.label}")
        raise Nonsense(f"{self.label} answers {member} with the error {visible(name)}")
