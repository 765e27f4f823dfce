"""What this machine has of what WiFiGuard needs, line by line, each with the command that mends it."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import sys
from collections.abc import Generator, Iterator
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dbus_fast import BusType
from dbus_fast.aio import MessageBus
from msgspec import Struct

from wifiguard.actions.installing import AGENT, Layout, installed
from wifiguard.core.text import still_visible, visible
from wifiguard.daemon.client import ClientError, NoService, ask
from wifiguard.daemon.config import ConfigError, catalogue_lines, drop_ins, load
from wifiguard.daemon.peers import GROUP, Gate, Peer
from wifiguard.daemon.places import Places
from wifiguard.sources import SourceUnavailable, system_bus
from wifiguard.sources.look import installed as installed_tool
from wifiguard.sources.system_bus import BUS, BUS_PATH, Absent, Nonsense, Vanished
from wifiguard.store.errors import StoreError

# Seconds that a bus may take to answer.
_BUS_WAIT = 3.0
_ROOM = 64 * 1024 * 1024


class State(StrEnum):
    """OK; MISSING: something does not work without it; LIMITED: less is seen without it."""

    OK = "ok"
    MISSING = "missing"
    LIMITED = "limited"


class Diagnosis(Struct, frozen=True):
    """One line: `what` was looked at, how it is, and a command or sentence that mends it."""

    what: str
    state: State
    said: str
    mend: str | None = None


def examine() -> Iterator[Diagnosis]:
    """Everything, in the order in which it should be mended. Each part is by itself: none stops another."""
    places = Places.mine()
    yield Diagnosis("program", State.OK, f"WiFiGuard {version('wifiguard')}, Python {sys.version.split()[0]}")
    status = yield from _service()
    yield from _settings(places)
    yield from _log(places)
    yield from _packets(status)
    yield from asyncio.run(_buses())
    yield from _firewall()


def _service() -> Generator[Diagnosis, None, dict[str, Any] | None]:
    layouts = [layout for layout in (Layout.local(), Layout.package(Path("/"))) if installed(layout)]
    if not layouts:
        yield Diagnosis(
            "service",
            State.LIMITED,
            "is not installed: nobody watches after a restart",
            "sudo wifiguard service install",
        )
    try:
        (status,) = ask(Places.service_socket(), "status", timeout=5.0)
    except NoService:
        start = "sudo systemctl start wifiguard" if layouts else "wifiguard run"
        yield Diagnosis("monitor", State.MISSING, "is not running: nobody watches", start)
        return None
    except ClientError as error:
        yield Diagnosis("monitor", State.MISSING, error.sentence, error.mend)
        return None
    yield Diagnosis("monitor", State.OK, f"runs since {status['since']}, process {status['pid']}")
    for source in status["sources"]:
        if not source["ok"]:
            mend = next((each["mend"] for each in status["not_checked"] if each["what"] == source["name"]), None)
            yield Diagnosis(f"source {source['name']}", State.LIMITED, still_visible(str(source["reason"]), 300), mend)
    for rule, reason in status["rules_stopped"].items():
        yield Diagnosis(
            f"rule {rule}", State.MISSING, f"stopped by a defect: {visible(str(reason), 200)}", "Please report it."
        )
    if any(agent["ok"] for agent in status["agents"].values()):
        yield Diagnosis("agent", State.OK, "shows notifications")
    else:
        said = next((str(agent["reason"]) for agent in status["agents"].values()), "no desktop is connected")
        start = f"systemctl --user enable --now {AGENT}" if layouts else "wifiguard agent"
        yield Diagnosis("agent", State.LIMITED, f"no notification can be shown: {still_visible(said, 300)}", start)
    return status


def _settings(places: Places) -> Iterator[Diagnosis]:
    shared = Places.system().config
    for what, path in {"service settings": shared, "settings": places.config}.items():
        if what == "settings" and path == shared:
            continue
        try:
            catalogue_lines(load(path))
        except ConfigError as error:
            yield Diagnosis(what, State.MISSING, str(error), f"wifiguard config check {path}")
        else:
            files = ", ".join(str(file) for file in (path, *drop_ins(path)) if file.exists())
            yield Diagnosis(what, State.OK, f"no fault in {files}" if files else f"no {path}: defaults")


def _log(places: Places) -> Iterator[Diagnosis]:
    from wifiguard.store import Store

    path = places.database
    if not path.exists():
        yield Diagnosis("log", State.OK, f"no {path} yet: it begins with the first finding")
    else:
        try:
            store = Store.open(path, read_only=True, now=0.0)
            store.close()
            yield Diagnosis("log", State.OK, f"{path}, {path.stat().st_size // 1024} KiB")
        except StoreError as error:
            yield Diagnosis("log", State.MISSING, error.sentence, error.mend)
    folder = next(each for each in (path.parent, *path.parent.parents) if each.exists())
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Diagnosis("disk", State.LIMITED, f"{folder} cannot be looked at: {error.strerror}")
        return
    if free < _ROOM:
        yield Diagnosis("disk", State.LIMITED, f"only {free // 1024 // 1024} MiB are free at {folder}", "Make room.")


def _packets(status: dict[str, Any] | None) -> Iterator[Diagnosis]:
    if status and status["traffic"]:
        yield Diagnosis("packets", State.OK, "the monitor reads them")
        return
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0):
            yield Diagnosis("packets", State.OK, "this user may read them")
    except PermissionError:
        yield Diagnosis(
            "packets",
            State.LIMITED,
            "this user may not read them",
            "sudo wifiguard scan, or sudo wifiguard service install",
        )
    except OSError as error:
        yield Diagnosis("packets", State.MISSING, f"packet sockets don't work here: {error.strerror}")
    me = Peer(os.getpid(), os.geteuid(), frozenset((os.getegid(), *os.getgroups())))
    if status is None and Places.system().runtime.exists() and not Gate.of_this_process().may_read(me):
        name = pwd.getpwuid(os.geteuid()).pw_name
        yield Diagnosis("access", State.LIMITED, "this user may not ask the service", f"sudo adduser {name} {GROUP}")


async def _buses() -> list[Diagnosis]:
    system = await _names(BusType.SYSTEM)
    if system is None:
        found = [
            Diagnosis("system bus", State.MISSING, "does not answer: Wi-Fi can't be read", "sudo systemctl start dbus")
        ]
    else:
        found = [
            _on_bus(
                system,
                "NetworkManager",
                "org.freedesktop.NetworkManager",
                "Wi-Fi is not read through it",
                "NetworkManager",
            ),
            _on_bus(system, "logind", "org.freedesktop.login1", "who sits at the screen is unknown", "systemd-logind"),
        ]
    session = await _names(BusType.SESSION)
    if session is None:
        found.append(Diagnosis("desktop", State.LIMITED, "no session bus: notifications can't be shown from here"))
    elif "org.freedesktop.Notifications" in session:
        found.append(Diagnosis("desktop", State.OK, "a notification service is there"))
    else:
        found.append(
            Diagnosis(
                "desktop",
                State.LIMITED,
                "no notification service is there",
                "sudo apt install dunst, or your desktop's own",
            )
        )
    return found


def _on_bus(names: frozenset[str], what: str, name: str, without: str, unit: str) -> Diagnosis:
    if name in names:
        return Diagnosis(what, State.OK, "answers")
    return Diagnosis(what, State.LIMITED, f"is not there: {without}", f"sudo systemctl enable --now {unit}")


async def _names(kind: BusType) -> frozenset[str] | None:
    """The names on a bus, those that it would start when called included; None: there is no such bus."""
    names: set[str] = set()
    try:
        async with asyncio.timeout(_BUS_WAIT):
            bus = await MessageBus(bus_type=kind).connect()
            try:
                peer = system_bus.Peer(bus, BUS, "the message bus")
                for member in ("ListNames", "ListActivatableNames"):
                    names.update(await peer.answer(BUS_PATH, BUS, member, "as"))
            finally:
                bus.disconnect()
    except (OSError, EOFError, ValueError, TimeoutError, SourceUnavailable, Absent, Vanished, Nonsense):
        return None
    return frozenset(names)


def _firewall() -> Iterator[Diagnosis]:
    tools = [tool for tool in ("nft", "iptables", "firewall-cmd", "ufw") if installed_tool(tool)]
    if tools:
        yield Diagnosis("firewall", State.OK, f"can be asked through {', '.join(tools)}")
    else:
        yield Diagnosis(
            "firewall", State.LIMITED, "no tool is there that could tell what it lets in", "sudo apt install nftables"
        )
