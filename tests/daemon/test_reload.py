"""A reload never ends the monitor: neither settings that are wrong nor a log that was damaged meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.store.making import HOME, decision
from wifiguard.core.host import SourceDone
from wifiguard.core.policy import Mute, MuteScope
from wifiguard.daemon import log_trouble
from wifiguard.daemon.config import CatalogueOptions, ConfigError, Settings
from wifiguard.daemon.monitor import Monitor
from wifiguard.daemon.places import Places
from wifiguard.daemon.run import Presenter, Service
from wifiguard.sources import Sink
from wifiguard.store import Store
from wifiguard.store.errors import StoreError


class Quiet:
    """A source that has nothing to tell."""

    name = "quiet"

    async def run(self, sink: Sink) -> None:
        sink.emit(SourceDone(sink.seen(), self.name, ok=True))
        await asyncio.Event().wait()

    def refresh(self) -> None:
        pass


class Running:
    """A service with these settings, which may change; what it said, and its monitors one after another."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings()
        self.said: list[str] = []
        self.monitors: list[Monitor] = []
        self.places = Places(folder / "state", folder / "run", folder / "wifiguard.toml")
        self._presenter = Presenter(self.monitors.append, lambda _: None, lambda _: None, self.said.append)

    async def serve(self) -> None:
        await Service(self.places, lambda: self.settings, self._presenter, desktop=False).run(self.settings)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Until the block ends; the service must end then and not before."""
        serving = asyncio.create_task(self.serve())
        await self.until(lambda: len(self.monitors) == 1)
        yield
        assert not serving.done()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    async def reload(self) -> None:
        """Ask for it, and wait until another monitor watches."""
        before = len(self.monitors)
        os.kill(os.getpid(), signal.SIGHUP)
        await self.until(lambda: len(self.monitors) > before)

    def store(self) -> Store:
        store = self.monitors[-1].store
        assert store is not None
        return store

    def trouble(self) -> list[str]:
        """What the present monitor says of its log."""
        return self.monitors[-1].log_trouble.sentences()

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not reached():
                await asyncio.sleep(0.01)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(Monitor, "sources", (Quiet(),))
    monkeypatch.setattr(log_trouble, "RETRY", 0.01)
    return Running(tmp_path)


def test_wrong_names_keep_the_settings_as_they_were(running: Running) -> None:
    names = ("/nowhere/names", "~nosuchuser/names", "a\0b")
    wrong = [Settings(catalogue=CatalogueOptions(lists=(name,))) for name in names]
    right = Settings(catalogue=CatalogueOptions(extra=("mybank.example",)))

    async def story() -> None:
        async with running.served():
            for running.settings in (*wrong, right):
                await running.reload()

    asyncio.run(story())
    assert [monitor.settings for monitor in running.monitors] == [Settings()] * 4 + [right]
    assert running.said == [
        "The settings stay as they were: catalogue.lists: /nowhere/names cannot be read: No such file or directory",
        "The settings stay as they were: catalogue.lists: ~nosuchuser/names cannot be read: Could not determine home directory.",
        r"The settings stay as they were: catalogue.lists: a\x00b cannot be read: embedded null byte",
        "The settings were read again.",
    ]


def test_wrong_names_at_the_start_are_refused(running: Running) -> None:
    running.settings = Settings(catalogue=CatalogueOptions(lists=("/nowhere/names",)))
    with pytest.raises(ConfigError, match=r"catalogue\.lists: /nowhere/names cannot be read"):
        asyncio.run(running.serve())
    assert running.monitors == []


def test_a_log_that_was_damaged_meanwhile_is_begun_again(running: Running) -> None:
    async def story() -> None:
        async with running.served():
            store = running.store()
            store.record([decision(id=f"{n:04}", network=HOME) for n in range(300)])
            store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store._db.execute("PRAGMA cache_size = 0")
            with running.places.database.open("r+b") as file:
                file.seek(4096)
                file.write(bytes(running.places.database.stat().st_size - 4096))
            await running.reload()
            await running.until(lambda: running.trouble() == [store.recovered])
            store.record([decision(id="after")])
            assert [problem.id for problem in store.problems()] == ["after"]

    asyncio.run(story())
    (aside,) = running.places.state.glob("wifiguard.db.damaged-*")
    assert running.said == ["The settings were read again."]
    assert f"It was kept as {aside.name} and a new one was begun" in running.trouble()[0]


def test_what_the_log_knows_is_taken_when_it_can_be_read(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: Store) -> list[Mute]:
        raise StoreError("The log cannot be used (disk I/O error).", "Check the disk.")

    async def story() -> None:
        async with running.served():
            store = running.store()
            store.mute(Mute(MuteScope.RULE, "plaintext-banking"))
            store.record([decision(id="before")])
            with monkeypatch.context() as broken:
                broken.setattr(Store, "mutes", failing)
                await running.reload()
                assert running.trouble() == ["The log cannot be used (disk I/O error). Check the disk."]
            policy = running.monitors[-1].pipeline.policy
            await running.until(lambda: [problem.id for problem in policy.problems()] == ["before"])
            assert running.trouble() == []

    asyncio.run(story())
