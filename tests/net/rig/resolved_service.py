"""Stands for systemd-resolved on a private bus: name servers, domains and default routes are given as JSON on the command line.

`{"dns": [[2, "10.23.0.1"]], "domains": [[3, ".", true]], "default": {"2": true}}`; the properties as in
org.freedesktop.resolve1(5).
"""

import asyncio
import ipaddress
import json
import sys

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus


async def main() -> None:
    given = json.loads(sys.argv[1])
    bus = await MessageBus().connect()
    servers = []
    for index, text in given["dns"]:
        address = ipaddress.ip_address(text)
        servers.append([index, 2 if address.version == 4 else 10, address.packed])

    def answer(message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "GetLink":
            return Message.new_method_return(message, "o", [f"/org/freedesktop/resolve1/link/_{message.body[0]}"])
        if message.member != "Get":
            return False
        name = message.body[1]
        if name == "DNS":
            value = Variant("a(iiay)", servers)
        elif name == "Domains":
            value = Variant("a(isb)", given["domains"])
        else:
            value = Variant("b", given["default"].get(message.path.rpartition("_")[2], True))
        return Message.new_method_return(message, "v", [value])

    bus.add_message_handler(answer)
    await bus.request_name("org.freedesktop.resolve1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
