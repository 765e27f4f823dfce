"""A source of WiFiGuard's at work in the scenario's own process, and what it has told."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import TypeVar

from tests.wifi.guest.shell import wait_for
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import Source

T = TypeVar("T", bound=Observation)


class Hearing:
    """The source's sink; the source ends with the block. Nothing carries a time, so that whole objects can be compared."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told: list[Observation] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def emit(self, obs: Observation) -> None:
        """The source tells."""
        self._told.append(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        """Anywhere, at no time."""
        return Seen(0.0, 0.0, None, interface)

    def wait(self, kind: type[T]) -> T:
        """The latest of this kind, once there is one."""
        found = wait_for(
            lambda: next((obs for obs in reversed(self._told) if isinstance(obs, kind)), None), kind.__name__
        )
        assert found is not None
        return found

    def __enter__(self) -> Hearing:
        self._thread.start()
        self._running = asyncio.run_coroutine_threadsafe(self._source.run(self), self._loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
