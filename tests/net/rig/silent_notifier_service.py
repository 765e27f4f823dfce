"""The program behind silent_notifier.py: writes down which methods it is asked for, and answers none."""

import asyncio

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus


async def main() -> None:
    bus = await MessageBus().connect()

    def swallow(message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        print(message.member, flush=True)
        return True  # handled: nothing is sent back

    bus.add_message_handler(swallow)
    await bus.request_name("org.freedesktop.Notifications")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
