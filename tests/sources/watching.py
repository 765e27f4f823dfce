"""A source at work beside the test, and what it has told."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.net.rig.waiting import wait_until
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import Source

CLONE_NEWNET = 0x40000000
T = TypeVar("T", bound=Observation)
V = TypeVar("V")


def at(interface: str = "") -> Seen:
    """Every observation of a test is made at the same moment, so that whole objects can be compared."""
    return Seen(0.0, 0.0, None, interface)


def enter(ns_file: Path) -> None:
    """Move the calling thread, and no other, into a network namespace."""
    with ns_file.open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def made_in(ns_file: Path, make: Callable[[], V]) -> V:
    """What `make` returns when it is called in a network namespace: sockets stay where they were opened."""
    made: list[V] = []

    def work() -> None:
        enter(ns_file)
        made.append(make())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    return made[0]


class Watching:
    """Runs a source in a thread of its own, in the network namespace of `ns_file` if given, until the block ends.

    What the source raises is raised at the end of the block, unless `error` was looked at.
    """

    def __init__(self, make: Callable[[], Source], ns_file: Path | None = None) -> None:
        self.told: list[Observation] = []
        self.source: Source
        self._make = make
        self._ns_file = ns_file
        self._error: BaseException | None = None
        self._looked = False
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._task: asyncio.Task[None]
        self._thread = threading.Thread(target=self._work)

    # The sink of the source:

    def emit(self, obs: Observation) -> None:
        self.told.append(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0, None, interface)

    # What the test does:

    def wait_for(self, *wanted: Observation, after: int = 0, timeout: float = 10.0) -> int:
        """Until all of these were told, in this order, from position `after`; the position after the last."""
        try:
            return wait_until(lambda: self._found(wanted, after), "the observations", timeout)
        except AssertionError as error:
            told = "\n".join(map(repr, self.told[after:]))
            raise AssertionError(f"wanted {wanted}\nbut was told\n{told}\n{self._error!r}") from error

    def last(self, kind: type[T], interface: str | None = None, *, after: int = 0, **fields: object) -> T | None:
        """The latest observation of a kind, from position `after`, with these values."""
        for obs in reversed(self.told[after:]):
            here = isinstance(obs, kind) and interface in (None, obs.seen.interface)
            if here and all(getattr(obs, name) == value for name, value in fields.items()):
                return obs
        return None

    def refresh(self) -> None:
        self._loop.call_soon_threadsafe(self.source.refresh)

    def error(self) -> BaseException:
        """What the source raised, once it has."""
        self._looked = True
        return wait_until(lambda: self._error, "the source to give up")

    def __enter__(self) -> Watching:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            pass  # it has ended, and its loop with it
        self._thread.join(10)
        assert not self._thread.is_alive(), "the source does not end when it is cancelled"
        if self._error is not None and not self._looked and kind is None:
            raise self._error

    def _found(self, wanted: tuple[Observation, ...], after: int) -> int:
        position = after
        for obs in wanted:
            try:
                position = self.told.index(obs, position) + 1
            except ValueError:
                if self._error is not None:
                    raise self._error from None
                return 0
        return position

    def _work(self) -> None:
        try:
            if self._ns_file is not None:
                enter(self._ns_file)
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - it is handed to the test
            self._error = error

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.source = self._make()
        self._task = asyncio.ensure_future(self.source.run(self))
        self._ready.set()
        await self._task
