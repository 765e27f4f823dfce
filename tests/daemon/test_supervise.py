"""A source that fails, ends or hangs is said and tried again; the others never notice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation, Seen
from wifiguard.daemon import supervise as room
from wifiguard.daemon.supervise import supervise
from wifiguard.sources import Sink, SourceUnavailable, patience

Run = Callable[[Sink, int], Awaitable[None]]


class Heard:
    def __init__(self) -> None:
        self.said: list[tuple[bool, str, str | None]] = []

    def emit(self, obs: Observation) -> None:
        assert isinstance(obs, SourceDone)
        self.said.append((obs.ok, obs.reason, obs.mend))

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0)


class Scripted:
    name = "scripted"
    essential = True

    def __init__(self, script: Run) -> None:
        self._script = script
        self.runs = 0

    async def run(self, sink: Sink) -> None:
        self.runs += 1
        await self._script(sink, self.runs)

    def refresh(self) -> None: ...


def told(script: Run, until: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, str, str | None]]:
    """What is said of a source that does `script`, until so much was said."""
    monkeypatch.setattr(patience, "FIRST", 0.001)
    monkeypatch.setattr(room, "REPORT_WITHIN", 0.05)
    heard = Heard()

    async def watch() -> None:
        task = asyncio.create_task(supervise(Scripted(script), heard))
        try:
            async with asyncio.timeout(10):
                while len(heard.said) < until:
                    await asyncio.sleep(0.001)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(watch())
    return heard.said[:until]


def well(sink: Sink) -> None:
    sink.emit(SourceDone(sink.seen(), "scripted", ok=True))


def test_one_that_cannot_look_says_why_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(sink: Sink, run: int) -> None:
        if run == 1:
            raise SourceUnavailable("there is no bus", "start one")
        well(sink)
        await asyncio.sleep(60)

    assert told(script, 2, monkeypatch) == [(False, "there is no bus", "start one"), (True, "", None)]


def test_a_defect_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "what was being read"

    async def script(sink: Sink, run: int) -> None:
        well(sink)
        raise ValueError(secret)

    said = told(script, 4, monkeypatch)
    line = script.__code__.co_firstlineno + 2
    reason = f"a defect stopped it (ValueError in test_supervise.py, line {line})"
    assert said == [(True, "", None), (False, reason, said[1][2])] * 2
    written = capsys.readouterr().err
    assert written.count("Traceback") == 1
    assert written.endswith("    raise ValueError(secret)\nValueError\n")
    assert secret not in written


def test_one_that_hangs_is_ended_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(sink: Sink, run: int) -> None:
        if run > 1:
            well(sink)
        await asyncio.sleep(60)

    said = told(script, 2, monkeypatch)
    assert said == [(False, "it said nothing for 0 seconds", "it is tried again by itself"), (True, "", None)]


def test_one_that_reported_may_be_silent_for_as_long_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(sink: Sink, run: int) -> None:
        well(sink)
        await asyncio.sleep(0.3)
        sink.emit(SourceDone(sink.seen(), "scripted", ok=False, reason=f"run {run}"))
        await asyncio.sleep(60)

    assert told(script, 2, monkeypatch) == [(True, "", None), (False, "run 1", None)]
