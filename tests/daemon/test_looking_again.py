"""Whoever asks for a fresh look gets one, or is told of what an older look is all there is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation
from wifiguard.core.rule import NotChecked
from wifiguard.daemon import monitor
from wifiguard.daemon.config import Settings
from wifiguard.daemon.rulebook import Rulebook
from wifiguard.sources import Sink, SourceUnavailable, posture
from wifiguard.sources.posture import Place, Posture


def test_what_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture, "SETTLE", 0.0)
    monkeypatch.setattr(posture, "LONGEST_REST", 0.0)
    go = threading.Event()

    def slow(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        go.wait(30)
        yield SourceDone(sink.seen(), "firewall", ok=True)

    def failing(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        raise SourceUnavailable("the kernel does not tell")

    async def story() -> list[list[NotChecked]]:
        watching = monitor.Monitor(Rulebook(Settings()), None, lambda _: None)
        watching.laptop = (Posture("firewall", slow), Posture("services", failing))
        tasks = [asyncio.create_task(source.run(watching.pipeline)) for source in watching.laptop]
        for source in watching.laptop:
            source.follow([])
        monkeypatch.setattr(monitor, "PATIENCE", 0.2)
        late = await watching.looked()
        monkeypatch.setattr(monitor, "PATIENCE", 30.0)
        go.set()
        in_time = await watching.looked()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [late, in_time]

    older = NotChecked("firewall", monitor.OLDER, "Scan again in a moment.")
    assert asyncio.run(story()) == [[older], []], "that services could not be looked at is said by its own report"
