"""Which program on this laptop owns a connection: asked of the kernel's socket table, then of the processes."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import Flow
from wifiguard.core.text import visible

# A look at all open files of all processes is given up after this many seconds of our own, since the monitor waits for it.
BUDGET: Final = 0.02
# After one that took t seconds none follows for REST * t: what an attacker makes us ask costs a tenth of the time at most.
REST: Final = 10.0
KNOWN: Final = 256
KNOWN_AGE: Final = 60.0

# sock_diag(7). The request's header and body, but for the socket's addresses, are in the machine's byte order.
_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _REQUEST_FLAG, _ANY_STATE = 4, 20, 1, 0xFFFFFFFF
_header = struct.Struct("=IHHII")
_request = struct.Struct("=BBBxI")
_ports = struct.Struct("!HH")
_rest_of_id = struct.Struct("=I8s")
_NO_COOKIE = b"\xff" * 8
_owner_ids = struct.Struct("=II").unpack_from
_attribute = struct.Struct("=HH").unpack_from
_OWNER_AT, _ATTRIBUTES_AT = 16 + 64, 16 + 72
_CGROUP_ID = 21
_FAMILIES: Final = {4: socket.AF_INET, 16: socket.AF_INET6}
_TRANSPORTS: Final = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}

_CGROUPS: Final = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
# How desktops name the units of applications: https://systemd.io/DESKTOP_ENVIRONMENTS, and snapd's own form.
_unit: Final = re.compile(
    r"(?:app-(?:(?:gnome|kde|flatpak|dbus[^-]*)-)?(?P<app>.+?)(?:@\w+\.service|-[0-9a-f]+\.scope|\.service)"
    r"|snap\.(?P<snap>[^.]+)\..+"
    r"|(?P<service>[^@]+)(?:@.*)?\.service)"
).fullmatch


class _Socket(NamedTuple):
    inode: int
    uid: int
    cgroup: int | None


class Programs:
    """Answers at once, within a bounded time. `cgroups`: where the unified hierarchy may be mounted."""

    def __init__(self, cgroups: tuple[str, ...] = _CGROUPS) -> None:
        self._cgroups = cgroups
        self._rests_until = 0.0
        self._latest: int | None = None
        # One conversation often shows several things.
        self._known: BoundedMap[int, str] = BoundedMap(KNOWN, KNOWN_AGE)

    def owner(self, flow: Flow) -> str | None:
        """The name of the program at this end of `flow`; None where it is gone, or nobody may tell.

        It is the process's name, which needs the right to see that process; else the application that its control group is
        named for, which everybody may see.
        """
        found = _find(flow)
        if found is None:
            return None
        return self._by_process(found) or self._by_cgroup(found)

    def _by_process(self, found: _Socket) -> str | None:
        now = time.monotonic()
        if (known := self._known.get(found.inode, now)) is not None:
            return known
        if not found.inode or now < self._rests_until:
            return None
        started = time.thread_time()
        link = f"socket:[{found.inode}]"
        name = None
        for pid in self._candidates(found.uid):
            if _has_open(pid, link, started + BUDGET):
                self._latest = pid
                name = _name(pid)
                break
            if time.thread_time() > started + BUDGET:
                break
        self._rests_until = now + (1 + REST) * (time.thread_time() - started)
        if name is not None:
            self._known.put(found.inode, name, now)
        return name

    def _candidates(self, uid: int) -> Iterator[int]:
        """Who asked last asks again; then the user's own processes, the youngest first; then everybody's."""
        if self._latest is not None:
            yield self._latest
        others: list[int] = []
        for pid in sorted(_pids(), reverse=True):
            try:
                mine = Path(f"/proc/{pid}").stat().st_uid == uid
            except OSError:  # it has ended
                continue
            if mine:
                yield pid
            else:
                others.append(pid)
        yield from others

    def _by_cgroup(self, found: _Socket) -> str | None:
        if found.cgroup is None:
            return None
        started = time.thread_time()
        for root in self._cgroups:
            for unit, inode in _units(root):
                if inode == found.cgroup:
                    return application(unit)
                if time.thread_time() > started + BUDGET:
                    return None
        return None


def application(unit: str) -> str | None:
    """The application or service that a systemd unit runs; None for a whole session."""
    match = _unit(unit)
    if match is None:
        return None
    name = match["app"] or match["snap"] or match["service"]
    if match["service"] and name in ("user", "init"):
        return None
    return visible(re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), name))


def _find(flow: Flow) -> _Socket | None:
    """The socket of this machine at either end of the flow."""
    family, protocol = _FAMILIES.get(len(flow.client)), _TRANSPORTS.get(flow.transport)
    if family is None or protocol is None:
        return None
    ends = (
        (flow.client, flow.client_port, flow.server, flow.server_port),
        (flow.server, flow.server_port, flow.client, flow.client_port),
    )
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG) as kernel:
            kernel.setblocking(False)  # the kernel answers within send
            for local, local_port, remote, remote_port in ends:
                body = _request.pack(family, protocol, 0, _ANY_STATE) + _ports.pack(local_port, remote_port)
                body += local.ljust(16, b"\0") + remote.ljust(16, b"\0") + _rest_of_id.pack(0, _NO_COOKIE)
                kernel.send(_header.pack(16 + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_FLAG, 0, 0) + body)
                answer = kernel.recv(4096)
                if len(answer) >= _ATTRIBUTES_AT and _header.unpack_from(answer)[1] == _SOCK_DIAG_BY_FAMILY:
                    uid, inode = _owner_ids(answer, _OWNER_AT)
                    return _Socket(inode, uid, _cgroup_id(answer))
    except OSError:  # this kernel does not answer such questions, or not ours
        return None
    return None


def _cgroup_id(answer: bytes) -> int | None:
    at = _ATTRIBUTES_AT
    while at + 4 <= len(answer):
        length, kind = _attribute(answer, at)
        if length < 4:
            break
        if kind == _CGROUP_ID and length == 12:
            return int.from_bytes(answer[at + 4 : at + 12], "little" if struct.pack("=H", 1) == b"\1\0" else "big")
        at += length + 3 & ~3
    return None


def _pids() -> list[int]:
    import psutil

    return psutil.pids()


def _has_open(pid: int, link: str, until: float) -> bool:
    """Whether one of a process's files is `link`, as far as that can be told before `until`."""
    try:
        folder = os.open(f"/proc/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # it has ended, or is not ours to see
        return False
    try:
        # The youngest first, which most likely have the highest numbers.
        for count, number in enumerate(reversed(os.listdir(folder))):  # noqa: PTH208 - by descriptor
            try:
                if os.readlink(number, dir_fd=folder) == link:
                    return True
            except FileNotFoundError:  # closed meanwhile
                continue
            if not count % 256 and time.thread_time() > until:
                return False
    except OSError:  # it ends while we look
        return False
    finally:
        os.close(folder)
    return False


def _name(pid: int) -> str | None:
    import psutil

    try:
        return visible(psutil.Process(pid).name())
    except psutil.Error:
        return None


def _units(root: str) -> Iterator[tuple[str, int]]:
    """Every control group below `root`: its name, and its number (the inode: kernfs)."""
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        yield entry.name, entry.inode()
                        waiting.append(entry.path)
        except OSError:  # gone meanwhile
            continue
