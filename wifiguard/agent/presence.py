"""Whether the person is at the desktop: logind's word on this user's sessions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from msgspec import Struct

from wifiguard.agent.board import Presence

NAME = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
MANAGER = f"{NAME}.Manager"
SESSION = f"{NAME}.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
ANSWER = 5.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0

_MATCHES = (
    f"type='signal',sender='{NAME}',interface='{MANAGER}',path='{PATH}'",
    f"type='signal',sender='{NAME}',interface='{PROPERTIES}',member='PropertiesChanged',path_namespace='{PATH}/session'",
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
)
_BROKEN = (OSError, EOFError, DBusFastError)


class Session(Struct, frozen=True):
    """One session of this user at a seat: a screen with a keyboard."""

    active: bool
    locked: bool


def judged(sessions: Iterable[Session]) -> Presence:
    """What the sessions say together. Without any (no logind, a remote desktop) nobody knows, and the person counts as here."""
    known = list(sessions)
    if not known or any(session.active and not session.locked for session in known):
        return Presence.HERE
    return Presence.LOCKED if any(session.active for session in known) else Presence.AWAY


class Sessions:
    """Calls `changed` with every new presence while `run` runs."""

    def __init__(self, changed: Callable[[Presence], None], uid: int | None = None) -> None:
        self._changed = changed
        self._uid = os.getuid() if uid is None else uid
        self._last = Presence.HERE
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Follow logind until cancelled; where there is none, look for it again."""
        wait = FIRST_WAIT
        while True:
            try:
                async with asyncio.timeout(ANSWER):
                    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
                await self._follow(bus)
                wait = FIRST_WAIT
            except _BROKEN:
                wait = min(wait * 2, LONGEST_WAIT)
            self._say(Presence.HERE)
            await asyncio.sleep(wait)

    async def _follow(self, bus: MessageBus) -> None:
        ended: asyncio.Task[None] = asyncio.create_task(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        try:
            bus.add_message_handler(self._heard)
            for match in _MATCHES:
                await _ask(bus, BUS, BUS_PATH, BUS, "AddMatch", "s", match)
            while not ended.done():
                self._news.clear()
                self._say(judged(await self._sessions(bus)))
                news = asyncio.create_task(self._news.wait())
                try:
                    await asyncio.wait({news, ended}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    news.cancel()
        finally:
            bus.disconnect()
            await asyncio.wait({ended}, timeout=ANSWER)  # its socket is closed then
            if ended.done():
                ended.exception()  # why the bus went is of no use to anybody

    async def _sessions(self, bus: MessageBus) -> list[Session]:
        listed = await _ask(bus, NAME, PATH, MANAGER, "ListSessions")
        if listed is None or listed.signature != "a(susso)":
            return []
        out: list[Session] = []
        for _, uid, _, seat, path in listed.body[0]:
            if uid == self._uid and seat:
                told = await _ask(bus, NAME, path, PROPERTIES, "GetAll", "s", SESSION)
                if told is not None and told.signature == "a{sv}":
                    out.append(_session(told.body[0]))
        return out

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member != "NameAcquired":
            self._news.set()

    def _say(self, presence: Presence) -> None:
        if presence is not self._last:
            self._last = presence
            self._changed(presence)


def _session(properties: Mapping[str, object]) -> Session:
    def is_true(name: str) -> bool:
        return getattr(properties.get(name), "value", False) is True

    return Session(active=is_true("Active"), locked=is_true("LockedHint"))


async def _ask(
    bus: MessageBus, to: str, path: str, interface: str, member: str, signature: str = "", *body: object
) -> Message | None:
    """The reply; None for an error or for none in time."""
    try:
        async with asyncio.timeout(ANSWER):
            reply = await bus.call(Message(to, path, interface, member, signature=signature, body=list(body)))
    except TimeoutError:
        return None
    return reply if reply is not None and reply.message_type is MessageType.METHOD_RETURN else None
