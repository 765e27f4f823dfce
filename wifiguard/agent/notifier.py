"""Notifications on the session's bus: notify-py in front, our own backend for Linux behind it, over dbus-fast.

notify-py's own Linux backends hand text from the network to a command line and believe that it was shown; ours calls
org.freedesktop.Notifications (Desktop Notifications Specification 1.2) and reads the answer. notify-py's call is
synchronous: the backend makes the message and starts its sending, and the answer is awaited beside it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from dbus_fast import Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from msgspec import structs
from notifypy import BaseNotifier, Notify

from wifiguard.agent.cards import Card, Urgency
from wifiguard.core.text import N_, visible
from wifiguard.daemon.language import translate

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
APPLICATION = "WiFiGuard"
# A notification service that takes longer than this is said not to answer; its answer is still waited for.
ANSWER = 2.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
# Whether the bus can start a service is asked again after this: one may have been installed, or its display come up.
LOOK_AGAIN = 60.0

NO_BUS = N_("There is no desktop session, so nothing can be shown.")
NO_SERVICE = N_("No notification service runs on this desktop, so nothing can be shown.")
SILENT = N_("The desktop's notification service does not answer, so nothing can be shown.")
REFUSED = N_("The desktop refused a notification: {why}")
NONSENSE = N_("The desktop's notification service gave an answer that makes no sense.")

WORKS = Card(N_("Notifications work"), N_("This is how WiFiGuard tells you of a problem."), Urgency.LOW, 5000)

_LEVEL = {Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.CRITICAL: 2}
# Names of the freedesktop icon theme, which every desktop has.
_ICON = {Urgency.LOW: "dialog-information", Urgency.NORMAL: "dialog-warning", Urgency.CRITICAL: "dialog-error"}
_MATCHES = (
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
    f"type='signal',sender='{NAME}',interface='{NAME}',path='{PATH}'",
)
_BROKEN = (OSError, EOFError, DBusFastError)


class NoNotifications(Exception):
    """Nothing could be shown; the text says why, in one sentence."""


class Backend(BaseNotifier):  # type: ignore[misc]  # notify-py has no types
    """notify-py's backend: what notify-py knows, with what `card` adds, becomes one call of Notify, handed to `send`.

    True means that the call is on its way; whether the desktop took it is what `send` learns.
    """

    def __init__(
        self, *, card: Card, replaces: int, capabilities: frozenset[str], send: Callable[[Message], None], **_: object
    ) -> None:
        self._card = card
        self._replaces = replaces
        self._capabilities = capabilities
        self._send = send

    def send_notification(
        self,
        *,
        notification_title: str,
        notification_subtitle: str,
        application_name: str,
        notification_urgency: str,
        notification_icon: str,
        notification_audio: str | None,
    ) -> bool:
        """One call of Notify."""
        buttons = self._card.buttons if "actions" in self._capabilities else ()
        body = escape(notification_subtitle) if "body-markup" in self._capabilities else notification_subtitle
        hints = {
            "urgency": Variant("y", _LEVEL[Urgency(notification_urgency)]),
            "category": Variant("s", "network"),
            "desktop-entry": Variant("s", "wifiguard"),
        }
        if buttons:
            # The result of a button is told by the same notification, so pressing one must not take it down.
            hints["resident"] = Variant("b", True)
        actions = [word for button in buttons for word in (str(button.act), button.label)]
        expires = 0 if self._card.expires_ms is None else self._card.expires_ms
        arguments = [
            application_name,
            self._replaces,
            notification_icon,
            notification_title,
            body,
            actions,
            hints,
            expires,
        ]
        self._send(_call(NAME, PATH, NAME, "Notify", "susssasa{sv}i", arguments))
        return True


class Desktop:
    """The session's notification service, followed over one connection for as long as `run` runs.

    `trouble`: why nothing can be shown, empty where it can. `changed` is called when that or `reachable` changes; `emptied`
    when a service went and when one came: nothing that was shown before is up. `pressed` gets a notification's id and the
    button's key, `closed` the id.
    """

    def __init__(
        self,
        *,
        changed: Callable[[], None],
        emptied: Callable[[], None],
        pressed: Callable[[int, str], None],
        closed: Callable[[int], None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._changed = changed
        self._emptied = emptied
        self._pressed = pressed
        self._closed = closed
        self._environment = environment
        self._bus: MessageBus | None = None
        # The service's unique name, what it can do (None until it said so), and what ends when it goes.
        self._owner = ""
        self._capabilities: frozenset[str] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._came = asyncio.Event()
        self._turn = asyncio.Event()
        self._can_start = False
        self._start_failed = False
        # What is heard of notifications waits until the caller of `show` knows the id that it is about.
        self._showing = False
        self._held: list[Callable[[], None]] = []
        self.trouble = ""

    @property
    def reachable(self) -> bool:
        """Whether there is somebody to show to: a service that answered, or one that the bus can start."""
        return self._capabilities is not None or (self._can_start and not self._owner)

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._follow(await self._connect())
            except (*_BROKEN, NoNotifications):
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                wait = FIRST_WAIT
            self._say(NO_BUS)
            await asyncio.sleep(wait)

    async def show(self, card: Card, replaces: int = 0) -> int:
        """Put `card` up; the notification's id. Raises NoNotifications."""
        if self._capabilities is None:
            await self._start()
        if self._capabilities is None:
            raise NoNotifications(self.trouble or NO_SERVICE)
        made: list[Message] = []
        front = Notify(
            use_custom_notifier=Backend,
            card=card,
            replaces=replaces,
            capabilities=self._capabilities,
            send=made.append,
        )
        front.send_notification(
            supplied_title=card.title,
            supplied_message=card.body,
            supplied_application_name=APPLICATION,
            supplied_urgency=card.urgency,
            supplied_icon_path=_ICON[card.urgency],
            supplied_audio_path=None,
        )
        self._showing = True
        try:
            reply = await self._answer(made[0])
        finally:
            self._showing = False
            asyncio.get_running_loop().call_soon(self._release)
        if reply.signature != "u":
            raise NoNotifications(NONSENSE)
        return int(reply.body[0])

    async def withdraw(self, id: int) -> None:
        """Take a notification down, if it is still up."""
        if self._bus is not None and self._bus.connected and self._owner:
            message = _call(NAME, PATH, NAME, "CloseNotification", "u", [id], MessageFlag.NO_REPLY_EXPECTED)
            try:
                await self._bus.send(message)
            except _BROKEN:
                return  # with the bus went the notification

    # -- the connection

    async def _connect(self) -> MessageBus:
        address = self._environment.get("DBUS_SESSION_BUS_ADDRESS")
        if not address:
            address = f"unix:path={self._environment.get('XDG_RUNTIME_DIR', '/nonexistent')}/bus"
        async with asyncio.timeout(ANSWER):
            return await MessageBus(address).connect()

    async def _follow(self, bus: MessageBus) -> None:
        """Follow the service until the bus goes."""
        self._bus = bus
        ended: asyncio.Task[None] = asyncio.create_task(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        try:
            bus.add_message_handler(self._heard)
            for match in _MATCHES:
                await bus.call(_call(BUS, BUS_PATH, BUS, "AddMatch", "s", [match]))
            owner = await bus.call(_call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", [NAME]))
            if owner is not None and owner.message_type is MessageType.METHOD_RETURN:
                self._owner_is(owner.body[0])
            while not ended.done():
                self._turn.clear()
                if self._owner:
                    await self._greet()
                else:
                    names = await bus.call(_call(BUS, BUS_PATH, BUS, "ListActivatableNames"))
                    self._can_start = names is not None and NAME in names.body[0]
                    self._say("" if self._can_start and not self._start_failed else NO_SERVICE)
                    self._changed()
                turn = asyncio.create_task(self._turn.wait())
                wait = None if self._owner else LOOK_AGAIN
                try:
                    await asyncio.wait({turn, ended}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    turn.cancel()
        finally:
            bus.disconnect()
            await asyncio.wait({ended}, timeout=ANSWER)  # its socket is closed then
            if ended.done():
                ended.exception()  # why the bus went is of no use to anybody
            self._bus = None
            self._can_start = False
            self._owner_is("")

    async def _greet(self) -> None:
        """Ask a service that just came what it can do."""
        try:
            reply = await self._answer(_call(NAME, PATH, NAME, "GetCapabilities"))
            self._capabilities = frozenset(reply.body[0]) if reply.signature == "as" else frozenset()
        except NoNotifications:
            if self._gone is None or self._gone.done():
                return  # it went again
            self._capabilities = frozenset()  # it does not say: plain text then
        self._start_failed = False
        self._came.set()
        self._emptied()
        self._changed()

    async def _start(self) -> None:
        """Let the bus start a service, as it would for any program that shows something."""
        bus = self._bus
        if bus is None or self._owner or not self._can_start:
            return
        try:
            reply = await bus.call(_call(BUS, BUS_PATH, BUS, "StartServiceByName", "su", [NAME, 0]))
            if reply is not None and reply.message_type is MessageType.METHOD_RETURN:
                async with asyncio.timeout(ANSWER):
                    await self._came.wait()
                return
        except (*_BROKEN, TimeoutError):
            pass  # the same as a refusal: none came
        self._start_failed = True
        self._can_start = False
        self._say(NO_SERVICE)

    async def _answer(self, message: Message) -> Message:
        """The service's reply, however late; what is late is said. Raises NoNotifications."""
        bus, gone = self._bus, self._gone
        if bus is None or gone is None or not bus.connected:
            raise NoNotifications(self.trouble or NO_SERVICE)
        call = asyncio.create_task(bus.call(message))
        either: set[asyncio.Future[Any]] = {call, gone}
        try:
            done, _ = await asyncio.wait(either, timeout=ANSWER, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._say(SILENT)
                done, _ = await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if call not in done:
                raise NoNotifications(NO_SERVICE)
            reply = call.result()
        except _BROKEN as error:
            raise NoNotifications(NO_BUS) from error
        finally:
            call.cancel()
        if reply is None:
            raise NoNotifications(NO_BUS)
        if reply.message_type is MessageType.ERROR:
            raise NoNotifications(
                REFUSED.format(why=visible(str(reply.body[0]) if reply.body else str(reply.error_name), 150))
            )
        self._say("")
        return reply

    def _heard(self, message: Message) -> None:
        """Every message of the bus that concerns us; called by dbus-fast."""
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == BUS and message.member == "NameOwnerChanged" and message.signature == "sss":
            if message.body[0] == NAME:
                self._owner_is(message.body[2])
        elif message.sender == self._owner and message.interface == NAME:
            if message.member == "ActionInvoked" and message.signature == "us":
                self._held.append(partial(self._pressed, *message.body))
            elif message.member == "NotificationClosed" and message.signature == "uu":
                self._held.append(partial(self._closed, message.body[0]))
            if not self._showing:
                self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for tell in held:
            tell()

    def _owner_is(self, owner: str) -> None:
        if owner == self._owner:
            return
        self._owner = owner
        self._capabilities = None
        self._held.clear()
        self._came.clear()
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        self._gone = asyncio.get_running_loop().create_future() if owner else None
        self._emptied()
        self._turn.set()

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._changed()


async def try_notification() -> None:
    """Show one notification that only says that it works. Raises NoNotifications."""
    came = asyncio.Event()

    def nothing(*_: object) -> None:
        return

    desktop = Desktop(changed=came.set, emptied=nothing, pressed=nothing, closed=nothing)
    running = asyncio.create_task(desktop.run())
    try:
        while not desktop.reachable:
            came.clear()
            if desktop.trouble:
                raise NoNotifications(desktop.trouble)
            await came.wait()
        await desktop.show(structs.replace(WORKS, title=translate(WORKS.title), body=translate(WORKS.body)))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _call(
    to: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: Sequence[object] = (),
    flags: MessageFlag = MessageFlag.NONE,
) -> Message:
    return Message(to, path, interface, member, signature=signature, body=list(body), flags=flags)
