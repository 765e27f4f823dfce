"""The name servers that look-ups go to, and the interface that each is bound to: resolv.conf, and systemd-resolved behind it."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from wifiguard.core.filtering import Address

CONFIGURATION = Path("/etc/resolv.conf")
# systemd-resolved's own address: what stands behind it is asked over D-Bus (resolved.conf(5), org.freedesktop.resolve1(5)).
STUBS = frozenset({"127.0.0.53", "127.0.0.54"})
SERVICE = "org.freedesktop.resolve1"
MANAGER = "/org/freedesktop/resolve1"
PATIENCE = 3.0
LONGEST = 1 << 16
MOST_LINKS = 64


class Server(NamedTuple):
    """A name server. `interface`: index of the one that it is asked by, 0 where routes decide."""

    address: Address
    interface: int = 0


def servers() -> list[Server]:
    """Those that get ordinary look-ups. Blocks. Empty where nobody can tell."""
    listed = configured()
    if not any(str(server.address) in STUBS for server in listed):
        return listed
    try:
        return asyncio.run(asyncio.wait_for(_from_resolved(), PATIENCE))
    except (OSError, TimeoutError, EOFError, ValueError):
        # No bus, or no systemd-resolved on it: the stub answers for somebody whom we cannot ask.
        return []


def configured() -> list[Server]:
    """What resolv.conf(5) names."""
    try:
        with CONFIGURATION.open(errors="replace") as file:
            lines = file.read(LONGEST).splitlines()
    except OSError:
        return []
    words = (line.split() for line in lines)
    found = (_address(parts[1]) for parts in words if len(parts) > 1 and parts[0] == "nameserver")
    return [Server(address) for address in found if address is not None]


async def _from_resolved() -> list[Server]:
    from dbus_fast import BusType
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import DBusFastError

    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        listed = await _property(bus, MANAGER, "Manager", "DNS")
        domains = await _property(bus, MANAGER, "Manager", "Domains")
        links = {int(index) for index, *_ in listed if index}
        # Whoever has "~." gets everything; without such a link all that are default routes for look-ups are asked.
        chosen = {int(index) for index, domain, _ in domains if domain == "." and index in links}
        if not chosen:
            chosen = {index for index in sorted(links)[:MOST_LINKS] if await _takes_all(bus, index)}
    except DBusFastError as error:
        raise ValueError("systemd-resolved does not answer") from error
    finally:
        bus.disconnect()
    return list(_chosen(listed, chosen))


async def _takes_all(bus: Any, index: int) -> bool:
    path = await _call(bus, MANAGER, f"{SERVICE}.Manager", "GetLink", "i", [index])
    return bool(await _property(bus, path, "Link", "DefaultRoute"))


def _chosen(listed: Iterable[Any], chosen: set[int]) -> Iterable[Server]:
    for index, _, raw in listed:
        if index in chosen or not index:
            yield Server(ipaddress.ip_address(bytes(raw)), int(index))


async def _property(bus: Any, path: str, interface: str, name: str) -> Any:
    variant = await _call(bus, path, "org.freedesktop.DBus.Properties", "Get", "ss", [f"{SERVICE}.{interface}", name])
    return variant.value


async def _call(bus: Any, path: str, interface: str, member: str, signature: str, body: list[Any]) -> Any:
    from dbus_fast import Message, MessageType

    answer = await bus.call(Message(SERVICE, path, interface, member, signature=signature, body=body))
    if answer is None or answer.message_type is MessageType.ERROR or not answer.body:
        raise ValueError("systemd-resolved does not answer")
    return answer.body[0]


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
