"""Who is behind a socket: program, package, user, unit, container. What may not be known stays unknown."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from wifiguard.core.exposure import Owner
from wifiguard.core.text import visible
from wifiguard.sources import SourceUnavailable, look
from wifiguard.sources.sockets import Listener

CGROUPS = Path("/sys/fs/cgroup")
MOST_CGROUPS = 10_000
TIMEOUT = 5.0
_UNIT = re.compile(r"([^/]+\.(?:service|socket|scope))(?=/|$)")
_CONTAINER = re.compile(r"docker[-/]|libpod[-_]|lxc[./]|lxd|incus|kubepods|machine\.slice|systemd-nspawn|containerd")
_CONTAINER_PROGRAMS = frozenset({"docker-proxy", "rootlessport", "conmon", "pasta", "slirp4netns", "containerd-shim"})
_VM_PROGRAMS = ("qemu-", "VBox", "vmware-vmx", "firecracker", "cloud-hypervis")
# How each family of distributions says to which package a file belongs.
_PACKAGES = (
    ("dpkg-query", ("-S",), re.compile(r"^([a-z0-9][a-z0-9+.-]*)(?::\w+)?: ")),
    ("rpm", ("-qf", "--qf", "%{NAME}"), re.compile(r"^([\w+.-]+)$")),
    ("pacman", ("-Qoq",), re.compile(r"^([\w@+.-]+)$")),
)


class Process(NamedTuple):
    """What is known of a socket's process. `arguments`: its command line, for who needs the settings that it was given.

    `passwords`: of an SSH server, whether it takes them, where that has been found out already.
    """

    owner: Owner
    executable: str | None = None
    arguments: tuple[str, ...] = ()
    passwords: bool | None = None


class Owners:
    """Remembers what it found by the socket's inode, so that a quiet laptop is not searched again. Blocks.

    `alone`: looks by itself, and asks no privileged process.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._alone = alone
        self._known: dict[int, Process] = {}

    def of(self, listeners: Iterable[Listener]) -> dict[int, Process]:
        """Inode → process, of all `listeners`."""
        wanted = {listener.inode: listener for listener in listeners}
        self._known = {inode: process for inode, process in self._known.items() if inode in wanted}
        missing = wanted.keys() - self._known.keys()
        if missing and not self._alone and look.asked_elsewhere():
            with look.reader() as read:
                told = _told(read(look.OWNERS))
            self._known |= {inode: told[inode] for inode in missing & told.keys()}
            missing -= told.keys()
        if missing:
            pids = _pids()
            nameless = any(wanted[inode].cgroup and _key(wanted[inode]) not in pids for inode in missing)
            cgroups = _cgroups() if nameless else {}
            # A program with a thousand sockets is looked at once.
            seen: dict[tuple[int | None, int, int], Process] = {}
            for inode in missing:
                listener = wanted[inode]
                pid = pids.get(_key(listener))
                who = pid, listener.uid, listener.cgroup
                if who not in seen:
                    seen[who] = _process(listener, pid, cgroups.get(listener.cgroup, ""))
                self._known[inode] = seen[who]
        return self._known


def _told(answer: str) -> dict[int, Process]:
    """What the privileged process told. Raises SourceUnavailable where that is nothing to be understood."""
    try:
        rows = json.loads(answer)
        return {int(inode): Process(passwords=row.pop("passwords"), owner=Owner(**row)) for inode, row in rows.items()}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise SourceUnavailable("who listens was told in a way that is not understood", "Update WiFiGuard.") from error


def _key(listener: Listener) -> tuple[str, str, int]:
    return listener.transport, str(listener.address), listener.port


def _pids() -> dict[tuple[str, str, int], int]:
    """(transport, address, port) → process, of those that this user may look into."""
    import socket

    import psutil

    found: dict[tuple[str, str, int], int] = {}
    for connection in psutil.net_connections("inet"):
        if connection.pid is not None and connection.laddr and not connection.raddr:
            transport = "tcp" if connection.type == socket.SOCK_STREAM else "udp"
            address = connection.laddr.ip.removeprefix("::ffff:")
            found.setdefault((transport, address, connection.laddr.port), connection.pid)
    return found


def _process(listener: Listener, pid: int | None, cgroup: str) -> Process:
    import psutil

    user = _user(listener.uid)
    if pid is None:
        return Process(Owner(user=user, unit=_unit(cgroup), container=_container(cgroup, "")))
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            program, since = process.name(), process.create_time()
            user = process.username()
        path = Path(f"/proc/{pid}/cgroup").read_text(errors="replace")
        arguments = tuple(process.cmdline())
        executable = process.exe() or None
    except psutil.AccessDenied:
        return Process(Owner(user=user, unit=_unit(cgroup)))
    except (psutil.Error, OSError):
        # It ended while it was being read; the next look sees what is there then.
        return Process(Owner(user=user))
    owner = Owner(
        program=visible(program),
        package=_package(executable) if executable else None,
        user=visible(user),
        since=since,
        unit=_unit(path),
        container=_container(path, program),
    )
    return Process(owner, executable, arguments)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _unit(path: str) -> str | None:
    units = _UNIT.findall(path)
    return visible(units[-1]) if units else None


def _container(path: str, program: str) -> str:
    if program in _CONTAINER_PROGRAMS or _CONTAINER.search(path):
        return "container"
    return "virtual machine" if program.startswith(_VM_PROGRAMS) else ""


def _cgroups() -> dict[int, str]:
    """Every cgroup's path by its id, which is the inode of its folder (cgroups(7))."""
    found: dict[int, str] = {}
    for folder, _, _ in os.walk(CGROUPS):
        if len(found) >= MOST_CGROUPS:
            break
        try:
            found[Path(folder).stat().st_ino] = folder
        except OSError:
            # A unit ended meanwhile.
            continue
    return found


@cache
def _package(executable: str) -> str | None:
    """The distribution's package of a program; None where no package has it."""
    for tool, options, pattern in _PACKAGES:
        path = shutil.which(tool)
        if path is None:
            continue
        # With /usr merged the package may list the file under its older name.
        for name in dict.fromkeys((executable, executable.removeprefix("/usr"))):
            try:
                done = subprocess.run(
                    [path, *options, "--", name], capture_output=True, text=True, timeout=TIMEOUT, check=False
                )
            except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
                return None
            if done.returncode == 0 and (found := pattern.match(done.stdout)):
                return found[1]
    return None
