"""Sockets and the programs behind them: this process's own, those that end, those that may not be known."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address

import psutil
import pytest

from wifiguard.core.exposure import Owner
from wifiguard.sources import owners, sockets
from wifiguard.sources.owners import Owners, Process
from wifiguard.sources.sockets import Listener, listeners


@pytest.fixture
def mine() -> Iterator[dict[str, socket.socket]]:
    """Sockets of every kind on loopback."""
    with ExitStack() as stack:

        def opened(family: int, kind: int, address: str, *, only: bool = False) -> socket.socket:
            made = stack.enter_context(socket.socket(family, kind))
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
            made.bind((address, 0))
            if kind == socket.SOCK_STREAM:
                made.listen()
            return made

        yield {
            "tcp": opened(socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1"),
            "udp": opened(socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1"),
            "dual": opened(socket.AF_INET6, socket.SOCK_STREAM, "::"),
            "only": opened(socket.AF_INET6, socket.SOCK_STREAM, "::", only=True),
            "mapped": opened(socket.AF_INET6, socket.SOCK_STREAM, "::ffff:127.0.0.1"),
        }


def found(made: socket.socket) -> Listener:
    inode = os.fstat(made.fileno()).st_ino
    return next(listener for listener in listeners() if listener.inode == inode)


def test_the_kernel_tells_them_apart(mine: dict[str, socket.socket]) -> None:
    told = {name: found(made) for name, made in mine.items()}
    assert {name: (x.transport, str(x.address), x.families, x.device) for name, x in told.items()} == {
        "tcp": ("tcp", "127.0.0.1", (4,), 0),
        "udp": ("udp", "127.0.0.1", (4,), 0),
        "dual": ("tcp", "::", (4, 6), 0),
        "only": ("tcp", "::", (6,), 0),
        "mapped": ("tcp", "127.0.0.1", (4,), 0),
    }
    assert {name: x.port for name, x in told.items()} == {name: made.getsockname()[1] for name, made in mine.items()}


def test_a_connected_udp_socket_serves_nobody(mine: dict[str, socket.socket]) -> None:
    inode = os.fstat(mine["udp"].fileno()).st_ino
    mine["udp"].connect(("127.0.0.1", 9))
    assert not any(listener.inode == inode for listener in listeners())


def test_this_program(mine: dict[str, socket.socket]) -> None:
    listener = found(mine["dual"])
    told = Owners().of([listener])[listener.inode]
    me = psutil.Process()
    assert (told.owner.program, told.owner.user, told.owner.since) == (me.name(), me.username(), me.create_time())
    assert (told.executable, told.arguments) == (me.exe(), tuple(me.cmdline()))


@pytest.mark.parametrize(
    "gone", [psutil.NoSuchProcess(1), psutil.ZombieProcess(1), psutil.AccessDenied(1), FileNotFoundError()]
)
def test_one_that_ends_while_it_is_looked_at(
    mine: dict[str, socket.socket], monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    listener = found(mine["tcp"])

    def vanished(self: psutil.Process) -> float:
        raise gone

    monkeypatch.setattr(psutil.Process, "create_time", vanished)
    told = Owners().of([listener])[listener.inode]
    assert (told.owner.program, told.owner.user, told.arguments) == (None, psutil.Process().username(), ())


def test_a_quiet_laptop_is_not_searched_again(mine: dict[str, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = Owners()
    listener = found(mine["tcp"])
    before = remembered.of([listener])
    monkeypatch.setattr(owners, "_pids", lambda: pytest.fail("nothing is new"))
    assert remembered.of([listener]) == before
    assert remembered.of([]) == {}


def test_where_nothing_may_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_pids", dict)
    monkeypatch.setattr(owners, "_cgroups", lambda: {7: "/sys/fs/cgroup/system.slice/smbd.service"})
    listener = Listener("tcp", ip_address("0.0.0.0"), 445, (4,), 0, 4_294_967_000, 1, 7)
    assert Owners().of([listener]) == {1: Process(Owner(user="4294967000", unit="smbd.service"))}


@pytest.mark.parametrize(
    ("path", "program", "label"),
    [
        ("0::/system.slice/docker-3f.scope", "nginx", "container"),
        ("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-3f.scope", "redis", "container"),
        ("0::/system.slice/docker.service", "docker-proxy", "container"),
        ("0::/machine.slice/machine-qemu.scope", "qemu-system-x86", "container"),
        ("0::/user.slice", "qemu-system-x86", "virtual machine"),
        ("0::/system.slice/ssh.service", "sshd", ""),
    ],
)
def test_containers_are_told_apart(path: str, program: str, label: str) -> None:
    assert owners._container(path, program) == label


def test_a_malformed_answer_ends() -> None:
    for cut in range(72, 120):
        assert sockets._listener(memoryview(bytes([2, 10]) + bytes(range(2, cut))), "tcp").port == 0x0405
