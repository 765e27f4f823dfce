"""Changes saved Wi-Fi profiles with the rights of whoever runs this: NetworkManager and iwd ask polkit, files their owner."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from wifiguard.core.mending import Change, Setting
from wifiguard.core.text import visible
from wifiguard.decode.supplicant import edited

PATIENCE = 30.0
_IWD = "net.connman.iwd"
_UUID = re.compile(r"[0-9a-f-]{36}", re.IGNORECASE)
_OBJECT = re.compile(r"/net/connman/iwd/[\w/]{1,600}", re.ASCII)
_FORBIDDEN = re.compile("insufficient privileges|not authorized|permission denied", re.IGNORECASE)
_INTERFACE = re.compile(r"[^\s/-][^\s/]{0,14}")


class CannotChange(Exception):
    """Why a change was not made, and what to do, in one or two sentences."""


def change(wanted: Change) -> None:
    """Make one change. Raises CannotChange; then nothing was changed."""
    _KEEPERS[wanted.keeper](wanted)


def leave(interface: str, keeper: str) -> None:
    """Disconnect `interface` through who looks after it, which then does not join anything by itself. Raises CannotChange."""
    if not _INTERFACE.fullmatch(interface):
        raise CannotChange(f"no interface is called {visible(interface)}")
    if keeper == "NetworkManager":
        _run("nmcli", "--wait", "10", "device", "disconnect", interface)
    elif keeper == "iwd":
        _run("iwctl", "station", interface, "disconnect")
    else:
        _run("wpa_cli", "-i", interface, "disconnect")


def _networkmanager(wanted: Change) -> None:
    # nmcli keeps the secrets of a profile that it changes; a plain Update on the bus would lose them.
    if not _UUID.fullmatch(wanted.id):
        raise CannotChange(f"“{visible(wanted.name)}” has no usable id")
    if wanted.setting is Setting.AUTOJOIN:
        setting = "connection.autoconnect", wanted.after
    else:
        setting = "802-11-wireless.cloned-mac-address", {"own": "permanent", "random": "stable"}.get(wanted.after, "")
    _run("nmcli", "connection", "modify", "uuid", wanted.id, *setting)


def _iwd(wanted: Change) -> None:
    if wanted.setting is not Setting.AUTOJOIN:
        raise CannotChange(
            "iwd keeps this for all networks at once: set AddressRandomization=network in /etc/iwd/main.conf"
        )
    if not _OBJECT.fullmatch(wanted.id):
        raise CannotChange(f"“{visible(wanted.name)}” has no usable id")
    asyncio.run(_set_autoconnect(wanted))


async def _set_autoconnect(wanted: Change) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            try:
                body = [f"{_IWD}.KnownNetwork", "AutoConnect", Variant("b", wanted.after == "yes")]
                reply = await bus.call(
                    Message(
                        destination=_IWD,
                        path=wanted.id,
                        interface="org.freedesktop.DBus.Properties",
                        member="Set",
                        signature="ssv",
                        body=body,
                    )
                )
            finally:
                bus.disconnect()
    except (OSError, EOFError, DBusFastError, TimeoutError) as error:
        raise CannotChange("iwd does not answer: sudo systemctl start iwd") from error
    if reply.message_type is MessageType.ERROR:
        name = visible(reply.error_name or "an error")
        raise CannotChange(f"iwd refused ({name}); as root it may go: sudo wifiguard profiles fix")


def _wpa_supplicant(wanted: Change) -> None:
    """Change one block of wpa_supplicant's file: the line of the setting, or a new one at the block's end."""
    name, _, number = wanted.id.rpartition("#")
    path = Path(name)
    if wanted.setting is Setting.AUTOJOIN:
        key, value = "disabled", "0" if wanted.after == "yes" else "1"
    else:
        key, value = "mac_addr", {"own": "0", "random": "1"}.get(wanted.after, "")
    try:
        text = path.read_text("utf-8", "surrogateescape")
        _replace(path, edited(text, int(number), key, value))
    except PermissionError as error:
        raise CannotChange(f"only root may change {path}: sudo wifiguard profiles fix") from error
    except (OSError, IndexError, ValueError) as error:
        raise CannotChange(f"{path} changed meanwhile, or cannot be read") from error


def _replace(path: Path, text: str) -> None:
    """Write the file anew as a whole, with the rights that it had: it holds passwords."""
    info = path.stat()
    fresh = path.with_name(f".{path.name}.wifiguard")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, info.st_mode & 0o777)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            os.fchown(file.fileno(), info.st_uid, info.st_gid)
        fresh.rename(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError as error:
        raise CannotChange(f"the program {command[0]} is missing") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotChange(f"{command[0]} does not answer") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        if _FORBIDDEN.search(said):
            raise CannotChange(f"{command[0]} may not do it for this user; root may: sudo {shlex.join(command)}")
        raise CannotChange(f"{command[0]} refused: {visible(said.rpartition(chr(10))[2], 200)}")


_KEEPERS: Mapping[str, Callable[[Change], None]] = {
    "NetworkManager": _networkmanager,
    "iwd": _iwd,
    "wpa_supplicant": _wpa_supplicant,
}
