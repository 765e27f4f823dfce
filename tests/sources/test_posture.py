"""A look is made when something changes or somebody asks, and a look that fails is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wifiguard.core.host import LinkKind, LinkState, SourceDone
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import Sink, SourceUnavailable, posture
from wifiguard.sources.posture import Place, Posture

NOWHERE = Seen(0.0, 0.0)
LINK = LinkState(NOWHERE, 2, "wlan0", LinkKind.WIFI, up=True, addresses=("10.0.0.2/24", "fd00::2/64"))
HOME = wifi_network(b"Home", Security.WPA2)


class Ears:
    def __init__(self) -> None:
        self.heard: list[Observation] = []
        self.told = asyncio.Event()

    def emit(self, obs: Observation) -> None:
        self.heard.append(obs)
        if isinstance(obs, SourceDone):
            self.told.set()

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return NOWHERE

    async def next(self) -> list[Observation]:
        """All that is told up to the end of the next report."""
        await asyncio.wait_for(self.told.wait(), 10)
        self.told.clear()
        heard, self.heard = self.heard, []
        return heard


class Looks:
    """A look that tells the interfaces it was given, or fails."""

    def __init__(self) -> None:
        self.count = 0
        self.fails: Exception | None = None

    def __call__(self, sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        self.count += 1
        if self.fails is not None:
            raise self.fails
        yield from (place.link for place in places)


@asynccontextmanager
async def running(look: Any) -> Any:
    source, ears = Posture("firewall", look), Ears()
    task = asyncio.create_task(source.run(ears))
    try:
        yield source, ears
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture, "SETTLE", 0.0)
    monkeypatch.setattr(posture, "LONGEST_REST", 0.0)


def done(*, ok: bool = True, reason: str = "", mend: str | None = None) -> SourceDone:
    return SourceDone(NOWHERE, "firewall", ok=ok, reason=reason, mend=mend)


def test_it_looks_when_something_changes_or_somebody_asks() -> None:
    async def story() -> None:
        look = Looks()
        async with running(look) as (source, ears):
            await asyncio.sleep(0)
            source.refresh()
            await asyncio.sleep(0.05)
            assert look.count == 0, "before the interfaces are known there is nothing to look at"
            source.follow([Place(LINK, None)])
            assert await ears.next() == [LINK, done()]
            source.follow([Place(LINK, None)])
            await asyncio.sleep(0.05)
            assert look.count == 1, "nothing changed"
            source.follow([Place(LINK, HOME)])
            assert await ears.next() == [LINK, done()]
            source.refresh()
            source.refresh()
            assert await ears.next() == [LINK, done()]
            assert look.count == 3

    asyncio.run(story())


def test_whoever_asks_is_answered_by_a_look_that_began_afterwards() -> None:
    """The first look saw the world as it was before the question: what it tells answers nobody who asked since."""
    world, begun, go = "old", threading.Event(), threading.Event()

    def look(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        seen = world
        begun.set()
        go.wait(30)
        yield SourceDone(NOWHERE, "firewall", ok=False, reason=seen)

    async def story() -> None:
        nonlocal world
        async with running(look) as (source, ears):
            source.follow([Place(LINK, None)])
            await asyncio.to_thread(begun.wait, 30)
            world = "new"
            asked = [asyncio.create_task(source.again()) for _ in range(2)]
            await asyncio.sleep(0)
            go.set()
            await asyncio.wait_for(asyncio.gather(*asked), 30)
            assert ears.heard == [done(ok=False, reason="old"), done(ok=False, reason="new")]

    asyncio.run(story())


def test_some_looks_repeat_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posture, "OFTEN", 0.01)

    async def story() -> None:
        look, ears = Looks(), Ears()
        source = Posture("firewall", look, often=lambda places: any(place.network for place in places))
        task = asyncio.create_task(source.run(ears))
        source.follow([Place(LINK, None)])
        await ears.next()
        await asyncio.sleep(0.05)
        assert look.count == 1
        source.follow([Place(LINK, HOME)])
        for _ in range(3):
            assert await ears.next() == [LINK, done()]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())


def test_a_look_that_cannot_be_done_is_said_and_tried_again() -> None:
    async def story() -> None:
        look = Looks()
        look.fails = SourceUnavailable("only root may", "sudo")
        async with running(look) as (source, ears):
            source.follow([Place(LINK, None)])
            assert await ears.next() == [done(ok=False, reason="only root may", mend="sudo")]
            look.fails = None
            source.refresh()
            assert await ears.next() == [LINK, done()]

    asyncio.run(story())


def test_a_defect_reaches_the_supervisor() -> None:
    async def story() -> None:
        look = Looks()
        look.fails = RuntimeError("a defect")
        source = Posture("firewall", look)
        source.follow([Place(LINK, None)])
        with pytest.raises(RuntimeError, match="a defect"):
            await asyncio.wait_for(source.run(Ears()), 10)

    asyncio.run(story())


def test_a_look_that_says_itself_how_complete_it_is() -> None:
    def look(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        yield done(ok=False, reason="too many")

    async def story() -> None:
        async with running(look) as (source, ears):
            source.follow([Place(LINK, None)])
            assert await ears.next() == [done(ok=False, reason="too many")]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kind", "up", "addresses", "watched", "outward"),
    [
        (LinkKind.WIFI, True, ("10.0.0.2/24",), True, True),
        (LinkKind.WIRED, True, ("10.0.0.2/24",), True, True),
        (LinkKind.VPN, True, ("10.0.0.2/24",), True, False),
        (LinkKind.CONTAINER, True, ("172.17.0.1/16",), True, False),
        (LinkKind.WIFI, False, ("10.0.0.2/24",), True, False),
        (LinkKind.WIFI, True, (), True, False),
        (LinkKind.WIFI, True, ("10.0.0.2/24",), False, False),
    ],
)
def test_where_strangers_may_be(
    kind: LinkKind, up: bool, addresses: tuple[str, ...], watched: bool, outward: bool
) -> None:
    place = Place(LinkState(NOWHERE, 2, "x", kind, up=up, addresses=addresses), None, watched)
    assert place.outward == outward
    assert [str(prefix) for prefix in place.prefixes()] == [
        a.replace("0.2/", "0.0/").replace("0.1/", "0.0/") for a in addresses
    ]
