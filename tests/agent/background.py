"""An event loop beside the test, so that the rigs' waiting does not stop it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """The loop, in a thread of its own, while the block runs."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="background")
        self._tasks: list[asyncio.Future[Any]] = []
        self._ends: list[Callable[[], Coroutine[Any, Any, None]]] = []

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let `work` run until the end of the block."""

        async def begin() -> None:
            self._tasks.append(asyncio.ensure_future(work))

        self.do(begin())

    def at_end(self, end: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `end` in the loop before the block ends."""
        self._ends.append(end)

    def do(self, work: Coroutine[Any, Any, T], timeout: float = 20.0) -> T:
        """The result of `work`."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def end() -> list[Any]:
            for task in self._tasks:
                task.cancel()
            return await asyncio.gather(*self._tasks, *(end() for end in self._ends), return_exceptions=True)

        try:
            results = self.do(end())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(10)
            self.loop.close()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result
