"""What goes wrong with the log while the monitor runs: it is said, and what waits to be written is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wifiguard.core.text import visible
from wifiguard.store import Store
from wifiguard.store.errors import StoreError, StoreRecovered

# Seconds until the log is tried again.
RETRY = 3.0
_LONGEST = 400


class LogTrouble:
    """Everything about one store. A new log that had to be begun stays said; what passes is forgotten when it passed.

    `over` is called then.
    """

    def __init__(self, store: Store | None, over: Callable[[], None]) -> None:
        self._store = store
        self._over = over
        self._said: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._retry: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """From now on, in the running loop, try again what cannot be written."""
        self._loop = asyncio.get_running_loop()
        if self._store is not None and self._store.obstacle is not None:
            self.note(self._store.obstacle)

    def end(self) -> None:
        """Try nothing any more."""
        self._loop = None
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def note(self, error: StoreError) -> None:
        """Something failed."""
        if isinstance(error, StoreRecovered):
            return  # it was written all the same, and the store itself goes on telling it
        self._said[type(error).__name__] = visible(str(error), _LONGEST)
        if self._retry is None and self._loop is not None:
            self._retry = self._loop.call_later(RETRY, self._again)

    def sentences(self) -> list[str]:
        """What a person is to know of the log."""
        recovered = self._store.recovered if self._store is not None else None
        return [*self._said.values(), *([visible(recovered, _LONGEST)] if recovered else [])]

    def _again(self) -> None:
        assert self._store is not None
        self._retry = None
        try:
            self._store.flush()
        except StoreError as error:
            self.note(error)
            if not isinstance(error, StoreRecovered):
                return
        self._said.clear()
        self._over()
