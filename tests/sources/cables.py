"""A network namespace that goes with its thread, cables in it, and a capture at work."""

from __future__ import annotations

import asyncio
import ctypes
import json
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from scapy.packet import Packet

from wifiguard.core.host import LinkKind, LinkState, SourceDone
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources.capture import Capture

CLONE_NEWNET = 0x40000000


@dataclass
class Ears:
    """A sink that keeps everything."""

    heard: list[Observation] = field(default_factory=list)

    def emit(self, obs: Observation) -> None:
        self.heard.append(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        now, tick = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
        return Seen(now if at is None else at, tick if at is None else tick - (now - at), None, interface)

    def dones(self) -> list[tuple[bool, str, str | None]]:
        return [(obs.ok, obs.reason, obs.mend) for obs in self.heard if isinstance(obs, SourceDone)]


def alone(body: Callable[[], Awaitable[None]]) -> None:
    """Run `body` in a thread with a network namespace of its own, which has a pair of cables: v0 and v1."""

    def inside() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        ip("link set lo up")
        cable()
        asyncio.run(asyncio.wait_for(body(), 60))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(inside).result()


def ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True, text=True)


def cable() -> None:
    ip("link add v0 type veth peer name v1")
    for name in ("v0", "v1"):
        # Without addresses of its own the kernel sends nothing of its own.
        ip(f"link set {name} addrgenmode none")
        ip(f"link set {name} up")


def links(kind: LinkKind = LinkKind.WIRED, former: dict[str, str] | None = None) -> list[LinkState]:
    """The namespace's interfaces; those beginning with v0 are of `kind`, others of a container."""
    found = json.loads(subprocess.run(["ip", "-j", "link"], check=True, capture_output=True).stdout)
    return [
        LinkState(
            Seen(0.0, 0.0),
            link["ifindex"],
            link["ifname"],
            kind if link["ifname"].startswith(("v0", "tun", "new")) else LinkKind.CONTAINER,
            up="UP" in link["flags"],
            former_name=(former or {}).get(link["ifname"]),
        )
        for link in found
    ]


@contextmanager
def wire(name: str = "v1") -> Iterator[Callable[[Packet | bytes], None]]:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((name, 0))
        yield lambda packet: raw.send(bytes(packet)) and None


async def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        await asyncio.sleep(0.005)


@contextmanager
def running(source: Capture, ears: Ears) -> Iterator[asyncio.Task[None]]:
    task = asyncio.get_running_loop().create_task(source.run(ears))
    try:
        yield task
    finally:
        task.cancel()


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
