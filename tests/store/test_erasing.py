"""What is erased leaves no byte in any file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.making import DAY, NOW, decision, problem
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.policy import Mute, MuteScope, State
from wifiguard.core.rule import Remember
from wifiguard.store import Store
from wifiguard.store.errors import StoreBusy
from wifiguard.store.evidence import FORGOTTEN

SECRET = wifi_network(b"Rendezvous-am-Hafen", Security.WPA2, bytes.fromhex("0a1b2c3d4e5f"))
OTHER = wifi_network(b"Bibliothek", Security.WPA2, bytes.fromhex("020000000007"))
PLANTED = (
    b"Rendezvous-am-Hafen",
    b"\x0a\x1b\x2c\x3d\x4e\x5f",
    b"0a:1b:2c",
    SECRET.id.encode(),
    b"planted",
    b"feedfeed",
)


@pytest.fixture
def told(store: Store) -> Store:
    store.trust(SECRET, NOW)
    store.trust(OTHER, NOW)
    evidence = {
        "ssid": "Rendezvous-am-Hafen",
        "bssids": ["0a:1b:2c:3d:4e:5f", "0A-1B-2C-3D-4E-60"],
        "text": "on Rendezvous-am-Hafen, planted by 0a:1b:2c:3d:4e:5f",
        "name": "bank.example",
        "port": 80,
    }
    for n in range(200):
        made = problem(f"feedfeed{n:04}", network=SECRET, evidence=evidence, rule="x", first_seen=NOW + n)
        store.record([decision(of=made), decision(State.REPEAT, replace(made, count=2, last_seen=NOW + n + 1))])
        store.record([decision(id=f"other{n:04}", network=OTHER, first_seen=NOW + n)])
    store.remember(Remember("evil-twin", SECRET, "gateway", "planted-gateway"))
    store.remember(Remember("evil-twin", OTHER, "gateway", "kept-gateway"))
    for mute in (
        Mute(MuteScope.NETWORK, SECRET.id),
        Mute(MuteScope.FINDING, "feedfeed0003"),
        Mute(MuteScope.RULE, "y"),
    ):
        store.mute(mute)
    return store


def found(path: Path) -> set[tuple[str, bytes]]:
    return {
        (file.name, secret)
        for file in path.parent.iterdir()
        for secret in PLANTED
        if secret.lower() in file.read_bytes().lower()
    }


def test_the_secrets_are_there_before(path: Path, told: Store) -> None:
    assert {secret for _, secret in found(path)} == set(PLANTED)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("how", ["all", "network", "forget", "span", "retention"])
def test_nothing_is_left(path: Path, told: Store, how: str, closed: bool) -> None:
    aside = path.with_name(f"{path.name}.damaged-20270101T000000Z")
    match how:
        case "all":
            aside.write_bytes(PLANTED[0])
            assert told.erase() == 400
            assert (told.networks(), told.mutes(), told.stats().problems) == ([], [], 0)
        case "network":
            assert told.erase(network=SECRET.id) == 200
            assert told.mutes() == [Mute(MuteScope.RULE, "y")]
        case "forget":
            told.forget(SECRET.id)
            assert told.stats().problems == 400
        case "span":
            assert told.erase(since=NOW, until=NOW + DAY) == 400
            told.distrust(SECRET.id)
            told.unmute(SECRET.id)
            told.unmute("feedfeed0003")
            told.erase(since=NOW, until=NOW + DAY)
        case _:
            told.distrust(SECRET.id)
            told.unmute(SECRET.id)
            told.unmute("feedfeed0003")
            assert told.prune(NOW + 100 * DAY) == 400
    assert not told.is_trusted(SECRET.id)
    assert told.recall(SECRET.id) == ()
    if closed:
        told.close()
    assert found(path) == set()
    assert not aside.exists()


def test_forgotten_findings_stay_without_the_place(told: Store) -> None:
    told.forget(SECRET.id)
    mine = [p for p in told.problems() if p.rule == "x"]
    assert len(mine) == 200
    assert mine[0] == replace(
        problem(mine[0].id, rule="x", count=2, first_seen=NOW, last_seen=NOW + 1, open=False),
        interface="",
        evidence={
            "ssid": FORGOTTEN,
            "bssids": [FORGOTTEN, FORGOTTEN],
            "text": FORGOTTEN,
            "name": "bank.example",
            "port": 80,
        },
        tick=0.0,
        frame=None,
    )
    assert not {p.id for p in mine} & {f"feedfeed{n:04}" for n in range(200)}
    assert [state for _, state, _ in told.timeline(mine[0].id)] == [State.NEW]
    assert [p.network for p in told.problems(network=OTHER.id, limit=1)] == [replace(OTHER, trusted=True)]
    assert told.recall(OTHER.id) == (("evil-twin", "gateway", "kept-gateway"),)


def test_forgetting_what_is_not_known(told: Store) -> None:
    told.forget("feed")
    assert told.erase(network="feed") == 0
    assert told.stats().problems == 400


@pytest.mark.parametrize(
    ("first", "last", "gone"),
    [(-2, -1, False), (-1, 0.5, True), (0.2, 0.4, True), (0.5, 2, True), (1, 2, False), (-1, 2, False)],
)
def test_a_day(store: Store, first: float, last: float, gone: bool) -> None:
    day = datetime(2027, 1, 10, tzinfo=UTC).timestamp()
    made = problem(network=OTHER, first_seen=day + first * DAY)
    store.record([decision(of=made), decision(State.REPEAT, replace(made, last_seen=day + last * DAY, count=2))])
    assert store.erase(since=day, until=day + DAY) == gone
    assert len(store.networks()) == (not gone)


def test_a_day_in_the_story_of_a_longer_one(store: Store) -> None:
    made = problem(first_seen=NOW)
    store.record([decision(of=made), decision(State.ESCALATED, replace(made, last_seen=NOW + DAY + 5))])
    store.record([decision(State.REPEAT, replace(made, last_seen=NOW + 9 * DAY))])
    assert store.erase(since=NOW + DAY, until=NOW + 2 * DAY) == 1


@pytest.mark.parametrize(
    ("first", "last", "trusted", "expected"),
    [
        (-2, 0.5, -1, (-2, -2)),
        (0.5, 2, -1, (2, 2)),
        (0.2, 0.5, -1, (-1, -1)),
        (0.2, 0.5, 0.3, (0.3, 0.3)),
        (-2, 2, 0.3, (-2, 2)),
    ],
)
def test_a_day_in_the_sightings_of_a_trusted_network(
    store: Store, first: float, last: float, trusted: float, expected: tuple[float, float]
) -> None:
    store.trust(OTHER, NOW + trusted * DAY)
    store._db.execute("UPDATE networks SET first_seen = ?, last_seen = ?", (NOW + first * DAY, NOW + last * DAY))
    store.erase(since=NOW, until=NOW + DAY)
    (known,) = store.networks()
    assert (known.first_seen, known.last_seen) == tuple(NOW + days * DAY for days in expected)


def test_what_waits_is_erased_too(told: Store) -> None:
    told._db.execute("PRAGMA query_only = ON")
    for id, network in (("a", SECRET), ("b", OTHER)):
        told._waiting.add([])
        with pytest.raises(Exception, match="cannot be written"):
            told.record([decision(id=id, network=network)])
    told.remember(Remember("r", replace(SECRET, id="elsewhere"), "k", "v"))
    told._db.execute("PRAGMA query_only = OFF")
    told.erase(network=SECRET.id)
    told.flush()
    assert [p.id for p in told.problems() if p.id in "ab"] == ["b"]
    told.erase()
    assert told.recall("elsewhere") == ()


def test_somebody_who_reads_is_named_as_the_obstacle(path: Path, told: Store) -> None:
    told._db.execute("PRAGMA busy_timeout = 10")
    reader = Store.open(path, read_only=True, now=NOW)
    reader._db.execute("BEGIN")
    assert reader.stats().problems == 400
    with pytest.raises(StoreBusy, match=r"It is erased, but another program reads .* Close it and repeat"):
        told.erase()
    reader.close()
    told.erase()
    assert found(path) == set()


def test_a_power_cut_finds_the_old_log_or_the_new_one(path: Path, told: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new log is on the disk before its name is, and its name before anything is written over the old one."""
    done: list[tuple[str, str]] = []
    names = {path.stat().st_ino: "old", path.parent.stat().st_ino: "folder"}
    fsync, replacing, pwrite = os.fsync, os.replace, os.pwrite

    def fsynced(file: int) -> None:
        done.append(("fsync", names.get(os.fstat(file).st_ino, "new")))
        fsync(file)

    def replaced(source: Path, target: Path) -> None:
        done.append(("rename", names.get(source.stat().st_ino, "new")))
        replacing(source, target)

    def written(file: int, data: bytes, offset: int) -> int:
        done.append(("write", names.get(os.fstat(file).st_ino, "new")))
        return pwrite(file, data, offset)

    for name, stand_in in {"fsync": fsynced, "replace": replaced, "pwrite": written}.items():
        monkeypatch.setattr(os, name, stand_in)
    told.erase()
    renamed = done.index(("rename", "new"))
    after = [step for step, before in zip(done[renamed:], [None, *done[renamed:]], strict=False) if step != before]
    assert [done[renamed - 1], *after] == [
        ("fsync", "new"),
        ("rename", "new"),
        ("fsync", "folder"),
        ("write", "old"),
        ("fsync", "old"),
    ]
