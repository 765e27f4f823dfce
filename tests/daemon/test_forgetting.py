"""What is erased while the monitor runs stays erased: no repeat that waits to be written brings it back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from tests.daemon.test_pipeline import FakeClock, Speaks, World, join, request
from wifiguard.daemon.desk import Desk
from wifiguard.daemon.monitor import Monitor
from wifiguard.daemon.pipeline import REPEAT_EVERY, Pipeline
from wifiguard.store import Store, erasing
from wifiguard.store.errors import StoreError


class Watching:
    """As much of a monitor as the desk needs: its pipeline, with a store."""

    def __init__(self, pipeline: Pipeline, store: Store) -> None:
        self.pipeline = pipeline
        self._store = store

    def mutes_changed(self) -> None:
        self.pipeline.remute(self._store.mutes())

    def trust_changed(self) -> None:
        self.pipeline.trust_changed()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(tmp_path / "wifiguard.db", now=1000.0)) as store:
        yield store


@pytest.fixture
def world(store: Store) -> World:
    """One finding is stored, its repeat waits."""
    clock, rules = FakeClock(), {Speaks.rule.id: Speaks.rule}
    pipeline = Pipeline([Speaks()], rules, clock, memory=store)
    world = World(pipeline, clock, cast(Any, None), [], [])
    join(world)
    request(world, "wlan0")
    pipeline.turn()
    request(world, "wlan0")
    pipeline.turn()
    assert len(list(store.problems())) == 1
    return world


@pytest.fixture
def desk(world: World, store: Store) -> Desk:
    return Desk(store, world.pipeline.rules, world.clock.at, cast(Monitor, Watching(world.pipeline, store)))


@pytest.mark.parametrize("how", [{}, {"network": "Home"}, {"since": 999.0}, {"until": 1001.0}])
def test_erased_findings_stay_erased(desk: Desk, world: World, store: Store, how: dict[str, Any]) -> None:
    assert desk.erase(**how) == {"schema": 1, "type": "erased", "findings": 1}
    world.later(REPEAT_EVERY)
    assert (list(store.problems()), store.networks()) == ([], [])
    request(world, "wlan0")
    world.later(REPEAT_EVERY)
    assert [(p.first_seen, p.count) for p in store.problems()] == [(1001.0, 1)]


def test_a_forgotten_network_stays_forgotten(desk: Desk, world: World, store: Store) -> None:
    desk.forget("Home")
    world.later(REPEAT_EVERY)
    assert store.networks() == []
    assert [(p.network, p.open) for p in store.problems()] == [(None, False)]


@pytest.mark.parametrize("forget", [False, True])
def test_also_where_somebody_reads_the_file(
    desk: Desk, world: World, store: Store, tmp_path: Path, forget: bool
) -> None:
    with closing(sqlite3.connect(tmp_path / "wifiguard.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM problems").fetchall()
        with pytest.raises(StoreError, match="It is erased, but another program reads"):
            desk.forget("Home") if forget else desk.erase(network="Home")
        world.later(REPEAT_EVERY)
        assert store.networks() == []
        assert [p.network for p in store.problems()] == ([None] if forget else [])


def test_what_could_not_be_erased_is_still_known(
    desk: Desk, world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    (known,) = world.pipeline.policy.problems()
    monkeypatch.setattr(erasing, "everything", full)
    with pytest.raises(StoreError):
        desk.erase()
    assert [problem.id for problem in world.pipeline.policy.problems()] == [known.id]
    world.later(REPEAT_EVERY)
    assert [problem.id for problem in store.problems()] == [known.id]
