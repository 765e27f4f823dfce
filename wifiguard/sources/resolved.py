"""The name servers that look-ups go to, and the interface that each is bound to: resolv.conf, and systemd-resolved behind it."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from wifiguard.core.filtering import Address
from wifiguard.sources import SourceUnavailable
from wifiguard.sources.system_bus import PROPERTIES, Absent, Nonsense, Peer, Vanished, connected

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
    except (SourceUnavailable, Absent, Vanished, Nonsense, TimeoutError, ValueError):
        # No bus, or no systemd-resolved on it: the stub answers for somebody whom we cannot ask.
        return []


def configured() -> list[Server]:
    """What resolv.conf(5) names."""
    found = (_address(parts[1]) for parts in _lines() if len(parts) > 1 and parts[0] == "nameserver")
    return [Server(address) for address in found if address is not None]


def domain() -> str:
    """The domain that this laptop is in, as resolv.conf(5) has it; empty where it has none."""
    return next(
        (parts[1] for parts in _lines() if len(parts) > 1 and parts[0] in ("domain", "search") and parts[1] != "."), ""
    )


def _lines() -> list[list[str]]:
    try:
        with CONFIGURATION.open(errors="replace") as file:
            return [line.split() for line in file.read(LONGEST).splitlines()]
    except OSError:
        return []


async def _from_resolved() -> list[Server]:
    bus = await connected()
    try:
        peer = Peer(bus, SERVICE, "systemd-resolved")
        listed = await _property(peer, MANAGER, "Manager", "DNS")
        domains = await _property(peer, MANAGER, "Manager", "Domains")
        links = {int(index) for index, *_ in listed if index}
        # Whoever has "~." gets everything; without such a link all that are default routes for look-ups are asked.
        chosen = {int(index) for index, domain, _ in domains if domain == "." and index in links}
        if not chosen:
            chosen = {index for index in sorted(links)[:MOST_LINKS] if await _takes_all(peer, index)}
    finally:
        bus.disconnect()
    return list(_chosen(listed, chosen))


async def _takes_all(peer: Peer, index: int) -> bool:
    path = await peer.answer(MANAGER, f"{SERVICE}.Manager", "GetLink", "o", "i", index)
    return bool(await _property(peer, path, "Link", "DefaultRoute"))


def _chosen(listed: Iterable[Any], chosen: set[int]) -> Iterable[Server]:
    for index, _, raw in listed:
        if index in chosen or not index:
            yield Server(ipaddress.ip_address(bytes(raw)), int(index))


async def _property(peer: Peer, path: str, interface: str, name: str) -> Any:
    return (await peer.answer(path, PROPERTIES, "Get", "v", "ss", f"{SERVICE}.{interface}", name)).value


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
