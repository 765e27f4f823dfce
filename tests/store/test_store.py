"""What goes into the log comes out of it: findings, networks, mutes, and what rules learned."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.making import CROSSED, HOME, HOTEL, NOW, Crossed, decision, problem, stored
from wifiguard.core.network import Network, unidentified_network, vpn_network, wired_network
from wifiguard.core.policy import Mute, MuteScope, State
from wifiguard.core.rule import Remember
from wifiguard.core.severity import Severity
from wifiguard.store import KnownNetwork, Store
from wifiguard.store.errors import StoreBusy, StoreError
from wifiguard.store.store import SIGHTING
from wifiguard.store.writing import MEMORY, TIMELINE


def known(network: Network, at: float = NOW, *, interface: str = "wlan0") -> KnownNetwork:
    return KnownNetwork(replace(network, bssid=None, trusted=False), interface, None, at, at)


class TestFindings:
    def test_one_comes_back_whole(self, store: Store) -> None:
        evidence = Crossed("b\udcffnk", ("form", "password"), State.ESCALATED, b"\x00\xff", 80)
        made = problem(network=HOTEL, evidence=evidence, count=3, muted=True, severity=Severity.CRITICAL)
        store.record([decision(State.SUPPRESSED, made)])
        expected = {"name": "b\udcffnk", "what": ["form", "password"], "state": "escalated", "raw": "00ff", "port": 80}
        assert store.problem(made.id) == stored(made, expected)

    @pytest.mark.parametrize("network", [None, wired_network(b"\x02" * 6, "eth0"), vpn_network("wg0"), HOME])
    def test_on_any_kind_of_network(self, store: Store, network: Network | None) -> None:
        made = problem(network=network)
        store.record([decision(of=made)])
        assert store.open_problems() == [stored(made, CROSSED)]

    def test_of_an_interface_with_any_bytes(self, store: Store) -> None:
        made = replace(problem(network=unidentified_network("et\udcffh")), interface="et\udcffh")
        store.record([decision(of=made)])
        assert store.problem(made.id) == stored(replace(made, interface="et\\udcffh"), CROSSED)

    def test_the_evidence_of_a_stored_problem_goes_in_again(self, store: Store) -> None:
        store.record([decision()])
        (back,) = store.open_problems()
        store.record([decision(State.RESOLVED, replace(back, open=False))])
        assert store.problem(back.id) == replace(back, open=False)

    def test_unknown_ones_are_none(self, store: Store) -> None:
        assert store.problem("feed") is None
        assert store.timeline("feed") == []
        assert store.find("") == []

    def test_evidence_that_cannot_be_written_is_refused_alone(self, store: Store) -> None:
        with pytest.raises(TypeError):
            store.record([decision(evidence={"x": object()})])
        store.record([decision()])
        assert store.stats().problems == 1

    def test_the_timeline_leaves_repeats_out(self, store: Store) -> None:
        made = problem()
        worse = replace(made, severity=Severity.CRITICAL, last_seen=NOW + 2, count=3)
        for state, at in (
            (State.NEW, made),
            (State.REPEAT, replace(made, last_seen=NOW + 1, count=2)),
            (State.ESCALATED, worse),
            (State.RESOLVED, replace(worse, open=False)),
        ):
            store.record([decision(state, at)])
        assert store.timeline(made.id) == [
            (NOW, State.NEW, Severity.HIGH),
            (NOW + 2, State.ESCALATED, Severity.CRITICAL),
            (NOW + 2, State.RESOLVED, Severity.CRITICAL),
        ]

    def test_the_timeline_says_suppressed_once(self, store: Store) -> None:
        made = problem(muted=True)
        for seconds in range(3):
            store.record([decision(State.SUPPRESSED, replace(made, last_seen=NOW + seconds, count=seconds + 1))])
        assert store.timeline(made.id) == [(NOW, State.SUPPRESSED, Severity.HIGH)]

    def test_the_timeline_is_bounded(self, store: Store) -> None:
        made = problem()
        store.record([decision(State.NEW, replace(made, last_seen=NOW + n)) for n in range(TIMELINE + 50)])
        lines = store.timeline(made.id)
        assert [at for at, _, _ in lines] == [NOW + n for n in range(50, TIMELINE + 50)]

    def test_an_id_is_found_by_its_beginning(self, store: Store) -> None:
        store.record([decision(id=id) for id in ("abcd0", "abcd1", "abce0", "%bcd0")])
        assert [p.id for p in store.find("abcd")] == ["abcd0", "abcd1"]
        assert [p.id for p in store.find("abce0")] == ["abce0"]
        assert store.find("_bcd") == store.find("abcd%") == []


class TestProblems:
    @pytest.fixture
    def filled(self, store: Store) -> Store:
        store.record(
            [
                decision(id="a", network=HOME, severity=Severity.LOW, first_seen=NOW + 3),
                decision(id="b", rule="open-wifi", severity=Severity.CRITICAL, first_seen=NOW + 1, count=2),
                decision(State.SUPPRESSED, id="c", first_seen=NOW + 2, muted=True),
                decision(State.ESCALATED, id="d", first_seen=NOW, last_seen=NOW + 4, open=False),
            ]
        )
        return store

    @pytest.mark.parametrize(
        ("wanted", "ids"),
        [
            ({}, "bcad"),
            ({"since": NOW + 2}, "cad"),
            ({"until": NOW + 3}, "bc"),
            ({"since": NOW + 2, "until": NOW + 4}, "ca"),
            ({"severity_at_least": Severity.HIGH}, "bcd"),
            ({"severity_at_least": Severity.CRITICAL}, "b"),
            ({"rule": "open-wifi"}, "b"),
            ({"rule": "none"}, ""),
            ({"network": HOME.id}, "a"),
            ({"state": State.NEW}, "a"),
            ({"state": State.REPEAT}, "b"),
            ({"state": State.SUPPRESSED}, "c"),
            ({"state": State.RESOLVED}, "d"),
            ({"state": State.ESCALATED}, "d"),
            ({"limit": 2}, "ad"),
            ({"limit": 0}, ""),
            ({"limit": 1, "until": NOW + 2}, "b"),
        ],
    )
    def test_are_chosen(self, filled: Store, wanted: dict[str, object], ids: str) -> None:
        assert "".join(p.id for p in filled.problems(**wanted)) == ids  # type: ignore[arg-type]

    def test_many_at_one_time_come_once_each_while_the_log_changes(self, store: Store) -> None:
        store.record([decision(id=f"{n:04}") for n in range(1200)])
        found = []
        for one in store.problems():
            found.append(one.id)
            if len(found) == 600:
                store.record([decision(id="9999", first_seen=NOW + 9)])
        assert found == [f"{n:04}" for n in range(1200)] + ["9999"]

    @pytest.mark.parametrize("limit", [499, 500, 501, 1199, 1200, 1201, 10**9])
    def test_the_newest_of_many(self, store: Store, limit: int) -> None:
        store.record([decision(id=f"{n:04}", first_seen=NOW + n // 3) for n in range(1200)])
        assert [p.id for p in store.problems(limit=limit)] == [f"{n:04}" for n in range(max(0, 1200 - limit), 1200)]


class TestNetworks:
    def test_only_those_with_findings_or_trust_are_kept(self, store: Store) -> None:
        store.saw_network(HOTEL, NOW)
        assert store.networks() == []
        store.record([decision(network=HOTEL)])
        assert store.networks() == [known(HOTEL)]

    def test_a_sighting_is_written_now_and_then(self, store: Store) -> None:
        store.record([decision(network=HOTEL)])
        store.saw_network(HOTEL, NOW + SIGHTING - 1)
        assert store.networks() == [known(HOTEL)]
        store.saw_network(HOTEL, NOW + SIGHTING)
        assert store.networks() == [replace(known(HOTEL), last_seen=NOW + SIGHTING)]

    def test_what_changed_is_written_at_once(self, store: Store) -> None:
        store.trust(HOME, NOW)
        moved = replace(HOME, bssid=b"\x02\0\0\0\0\x09", trusted=True)
        store.saw_network(moved, NOW + 1)
        assert store.networks() == [KnownNetwork(moved, "", NOW, NOW, NOW + 1)]

    def test_trust_brings_the_bssid_and_distrust_takes_it(self, store: Store) -> None:
        store.record([decision(network=HOME)])
        store.trust(HOME, NOW + 5)
        trusted = replace(HOME, trusted=True)
        assert store.networks() == [KnownNetwork(trusted, "wlan0", NOW + 5, NOW, NOW + 5)]
        assert store.is_trusted(HOME.id)
        assert [p.network for p in store.open_problems()] == [trusted]
        store.trust(replace(HOME, bssid=None), NOW + 9)
        assert store.networks() == [KnownNetwork(trusted, "wlan0", NOW + 5, NOW, NOW + 9)]
        store.distrust(HOME.id)
        assert store.networks() == [KnownNetwork(replace(HOME, bssid=None), "wlan0", None, NOW, NOW + 9)]
        assert not store.is_trusted(HOME.id)

    def test_distrust_without_findings_leaves_nothing(self, store: Store) -> None:
        store.trust(HOME, NOW)
        store.distrust(HOME.id)
        assert store.networks() == []
        assert not store.is_trusted(HOME.id)

    def test_trust_lasts(self, path: Path, store: Store) -> None:
        store.trust(HOME, NOW)
        store.close()
        again = Store.open(path, now=NOW)
        assert again.is_trusted(HOME.id)
        assert not again.is_trusted(HOTEL.id)
        again.close()


class TestMemory:
    def test_of_a_kept_network_lasts(self, path: Path, store: Store) -> None:
        store.trust(HOME, NOW)
        store.remember(Remember("evil-twin", HOME, "gateway", "a"))
        store.remember(Remember("evil-twin", HOME, "maker", "b"))
        store.remember(Remember("evil-twin", HOME, "gateway", "c"))
        expected = (("evil-twin", "gateway", "c"), ("evil-twin", "maker", "b"))
        assert store.recall(HOME.id) == expected
        store.close()
        again = Store.open(path, now=NOW)
        assert again.recall(HOME.id) == expected
        assert again.recall(HOTEL.id) == ()
        again.close()

    @pytest.mark.parametrize("kept_by", ["trust", "finding", "nothing"])
    def test_of_another_waits_until_it_is_kept(self, path: Path, store: Store, kept_by: str) -> None:
        store.remember(Remember("evil-twin", HOME, "gateway", "a"))
        assert store.recall(HOME.id) == (("evil-twin", "gateway", "a"),)
        if kept_by == "trust":
            store.trust(HOME, NOW)
        elif kept_by == "finding":
            store.record([decision(network=HOME)])
        store.close()
        again = Store.open(path, now=NOW)
        assert again.recall(HOME.id) == (() if kept_by == "nothing" else (("evil-twin", "gateway", "a"),))
        again.close()

    def test_is_bounded(self, store: Store) -> None:
        store.trust(HOME, NOW)
        for n in range(MEMORY + 3):
            store.remember(Remember("evil-twin", HOME, str(n), "x"))
        assert [key for _, key, _ in store.recall(HOME.id)] == [str(n) for n in range(3, MEMORY + 3)]
        with pytest.raises(StoreError, match="too much"):
            store.remember(Remember("evil-twin", HOME, "k", "x" * 5000))


class TestMutes:
    def test_come_back(self, store: Store) -> None:
        mutes = [
            Mute(MuteScope.FINDING, "feed", NOW + 1),
            Mute(MuteScope.NETWORK, HOME.id),
            Mute(MuteScope.RULE, "open-wifi"),
        ]
        for mute in mutes:
            store.mute(mute)
        assert store.mutes() == mutes
        store.mute(Mute(MuteScope.RULE, "open-wifi", NOW))
        store.unmute(HOME.id)
        assert store.mutes() == [mutes[0], Mute(MuteScope.RULE, "open-wifi", NOW)]

    @pytest.mark.parametrize(
        "mute",
        [Mute(MuteScope.FINDING, "a"), Mute(MuteScope.NETWORK, HOME.id), Mute(MuteScope.RULE, "plaintext-banking")],
    )
    def test_act_on_what_is_open(self, store: Store, mute: Mute) -> None:
        store.record([decision(id="a", network=HOME), decision(id="b", rule="open-wifi"), decision(id="c", rule="x")])
        store.mute(mute)
        assert {p.id: p.muted for p in store.open_problems()} == {"a": True, "b": False, "c": False}
        store.unmute(mute.target)
        assert not any(p.muted for p in store.open_problems())

    def test_one_of_two_leaves_the_other(self, store: Store) -> None:
        store.record([decision(id="a", network=HOME)])
        store.mute(Mute(MuteScope.FINDING, "a"))
        store.mute(Mute(MuteScope.NETWORK, HOME.id))
        store.unmute("a")
        assert [p.muted for p in store.open_problems()] == [True]


class TestTwoAtOnce:
    def test_a_second_writer_is_told_who_is_first(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wifiguard.store.files._LOCK_WAIT", 0.0)
        program = (
            "import sys; from pathlib import Path; from wifiguard.store import Store\n"
            f"store = Store.open(Path({str(path)!r}), now=0.0)\n"
            "print('open', flush=True); sys.stdin.read()"
        )
        first = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with first:
            assert first.stdout is not None
            assert first.stdout.readline() == b"open\n"
            with pytest.raises(StoreBusy, match=rf"\(process {first.pid}\) is using the log"):
                Store.open(path, now=NOW)
            first.communicate()
        Store.open(path, now=NOW).close()

    @pytest.mark.parametrize("written", ["4194305", "99999999999999", "-1", "x", ""])
    def test_one_that_ended_is_not_named(self, path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
        monkeypatch.setattr("wifiguard.store.files._LOCK_WAIT", 0.0)
        path.parent.mkdir()
        with Path(f"{path}.lock").open("w") as held:
            held.write(f"{written}\n")
            held.flush()
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(StoreBusy, match=r"\(process unknown\) is using the log"):
                Store.open(path, now=NOW)

    @pytest.mark.parametrize("before", [None, 0o640, 0o666])
    def test_the_lock_is_the_writers_alone(self, path: Path, before: int | None) -> None:
        """Whoever may read the log, as its group may, could hold a lock that they can open."""
        lock = Path(f"{path}.lock")
        if before is not None:
            path.parent.mkdir()
            lock.touch()
            lock.chmod(before)
        Store.open(path, now=NOW).close()
        assert (lock.stat().st_mode & 0o7777, path.stat().st_mode & 0o7777) == (0o600, 0o640)

    def test_reading_goes_on_beside_writing(self, path: Path, store: Store) -> None:
        store.record([decision(id="a")])
        reader = Store.open(path, read_only=True, now=NOW)
        pages = reader.problems()
        assert next(pages).id == "a"
        store.record([decision(id="b", first_seen=NOW + 1)])
        assert [p.id for p in reader.problems()] == ["a", "b"]
        reader.close()

    def test_a_reader_writes_nothing(self, path: Path, store: Store) -> None:
        reader = Store.open(path, read_only=True, now=NOW)
        with pytest.raises(StoreError, match="cannot be written"):
            reader.trust(HOME, NOW)
        with pytest.raises(StoreError, match="cannot be written"):
            reader.record([decision()])
        reader.close()

    def test_closed_while_somebody_reads(self, path: Path, store: Store) -> None:
        store.record([decision()])
        reader = Store.open(path, read_only=True, now=NOW)
        reader._db.execute("BEGIN")
        assert len(reader.open_problems()) == 1
        store.close()
        reader.close()
        again = Store.open(path, read_only=True, now=NOW)
        assert len(again.open_problems()) == 1
        again.close()

    def test_closed_it_is_one_plain_file(self, path: Path, store: Store) -> None:
        store.record([decision()])
        store.close()
        store.close()
        assert sorted(p.name for p in path.parent.iterdir()) == ["wifiguard.db", "wifiguard.db.lock"]
        assert path.read_bytes()[18:20] == b"\x01\x01"  # the header's "no write-ahead log"
        assert path.stat().st_mode & 0o7777 == 0o640
        assert path.parent.stat().st_mode & 0o7777 == 0o750
