"""Logs that are damaged, newer, older, somebody else's, planted, or on a disk that is full or read-only."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.net.rig.disk import fill, mounted
from tests.net.rig.requirements import require
from tests.store.making import DAY, HOME, NOW, decision, problem
from wifiguard.core.policy import Decision, Mute, MuteScope, State
from wifiguard.store import Store, opening, schema
from wifiguard.store.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreRecovered
from wifiguard.store.waiting import DECISIONS

Damage = Callable[[Path], None]


def filled(path: Path, count: int = 300) -> None:
    store = Store.open(path, now=NOW)
    store.trust(HOME, NOW)
    store.record([decision(id=f"{n:04}", network=HOME) for n in range(count)])
    store.close()


def at(offset: int, new: bytes) -> Damage:
    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
            file.write(new)

    return damage


def sql(*statements: str) -> Damage:
    def damage(path: Path) -> None:
        with sqlite3.connect(path, isolation_level=None) as db:
            for statement in statements:
                db.execute(statement)
        db.close()

    return damage


def shortened(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 4096)


def zeros_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    at(size // 8 * 4, bytes(size // 4))(path)


def swapped_pages(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[4096:8192], raw[8192:12288] = raw[8192:12288], raw[4096:8192]
    path.write_bytes(raw)


DAMAGES: dict[str, Damage] = {
    "text": lambda path: path.write_text("findings: none\n" * 500),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "header": at(0, b"SQLite format 9\0"),
    "page size": at(16, b"\x03\x03"),
    "first page": at(100, bytes(3000)),
    "schema text": at(2000, b"CREATE" * 200),
    "a page's type": at(8192, b"\x77"),
    "cell pointers": at(3 * 4096 + 8, b"\xff" * 64),
    "end cut off": shortened,
    "cut in a page": lambda path: os.truncate(path, 5000),
    "only the header": lambda path: os.truncate(path, 100),
    "zeros in the middle": zeros_in_the_middle,
    "last page noise": at(-4096, os.urandom(4096)),
    "pages swapped": swapped_pages,
    "free list": at(32, b"\0\0\0\x05\0\0\0\x09"),
    "another program's": sql("PRAGMA application_id = 7", "PRAGMA user_version = 40", "CREATE TABLE x (y)"),
    "table gone": sql("DROP TABLE mutes"),
    "column added": sql("ALTER TABLE problems ADD COLUMN note TEXT"),
    "trigger added": sql("CREATE TRIGGER t AFTER INSERT ON problems BEGIN DELETE FROM problems; END"),
    "impossible values": sql("PRAGMA ignore_check_constraints = ON", "UPDATE problems SET severity = 9"),
    "no evidence": sql("PRAGMA ignore_check_constraints = ON", "UPDATE problems SET evidence = 'x'"),
    "evidence of another kind": sql("UPDATE problems SET evidence = '[1]' WHERE id = '0200'"),
    "a medium nobody knows": sql("UPDATE networks SET medium = 'smoke'"),
    "a protection nobody knows": sql("UPDATE networks SET security = 'smoke'"),
}


def noise_in_the_journal(journal: Path) -> None:
    at(4096, os.urandom(2000))(journal)


def journal_cut(journal: Path) -> None:
    os.truncate(journal, journal.stat().st_size - 3000)


JOURNALS: dict[str, Damage] = {
    "noise in the middle": noise_in_the_journal,
    "end cut off": journal_cut,
    "header noise": at(0, os.urandom(32)),
    "empty": lambda journal: os.truncate(journal, 0),
    "gone": lambda journal: journal.unlink(),
    "its index noise": lambda journal: journal.with_name(journal.name[:-3] + "shm").write_bytes(os.urandom(32768)),
    "its index gone": lambda journal: journal.with_name(journal.name[:-3] + "shm").unlink(),
}


class TestDamaged:
    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
    def test_is_moved_aside_and_a_new_one_begun(self, path: Path, damage: Damage) -> None:
        filled(path)
        damage(path)
        broken = path.read_bytes()
        store = Store.open(path, now=NOW)
        assert store.recovered is not None
        named = re.search(r"kept as (wifiguard\.db\.damaged-20270115T080000Z) and a new one was begun", store.recovered)
        assert named is not None
        assert (path.parent / named[1]).read_bytes() == broken
        assert list(store.problems()) == []
        assert not store.is_trusted(HOME.id)
        store.record([decision()])
        store.close()
        store = Store.open(path, now=NOW)
        assert store.recovered is None
        assert store.stats().problems == 1
        store.close()

    def test_twice_in_one_second(self, path: Path) -> None:
        for _ in range(3):
            path.parent.mkdir(exist_ok=True)
            path.write_text("damaged " * 1000)
            Store.open(path, now=NOW).close()
        assert len(list(path.parent.glob("*.damaged-*"))) == 3

    def test_a_journal_that_is_noise_takes_only_itself(self, path: Path) -> None:
        filled(path)
        Path(f"{path}-wal").write_bytes(b"\x37\x7f\x06\x82" + os.urandom(8000))
        store = Store.open(path, now=NOW)
        assert store.stats().problems == 300
        store.close()

    @pytest.mark.parametrize("damage", JOURNALS)
    def test_the_journal_of_one_that_was_killed(self, path: Path, tmp_path: Path, damage: str) -> None:
        """What had reached the log itself is never lost, and what remains of the journal opens."""
        running = Store.open(tmp_path / "running" / "wifiguard.db", now=NOW)
        running.record([decision(id=f"{n:04}") for n in range(300)])
        running._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(300, 330):
            running.record([decision(id=f"{number:04}")])
        # As kill -9 leaves it: copied while it is open.
        shutil.copytree(tmp_path / "running", path.parent)
        running.close()
        JOURNALS[damage](Path(f"{path}-wal"))
        store = Store.open(path, now=NOW)
        assert store.recovered is None
        ids = [p.id for p in store.problems()]
        assert ids == [f"{n:04}" for n in range(330 if "index" in damage else max(300, len(ids)))]
        store.close()

    @pytest.mark.parametrize("content", ["noise", "empty", "zeros"])
    def test_a_rollback_journal_that_was_left_and_is_none(self, path: Path, content: str) -> None:
        filled(path)
        Path(f"{path}-journal").write_bytes({"noise": os.urandom(5000), "empty": b"", "zeros": bytes(5000)}[content])
        store = Store.open(path, now=NOW)
        assert (store.recovered, store.stats().problems) == (None, 300)
        store.close()

    def test_a_transaction_that_was_cut_off_is_taken_back(self, path: Path, tmp_path: Path) -> None:
        filled(path)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("PRAGMA cache_size = 1")
        other.execute("BEGIN")
        other.execute("UPDATE problems SET interface = 'cut off'")
        for name in ("wifiguard.db", "wifiguard.db-journal"):
            (tmp_path / "left").mkdir(exist_ok=True)
            shutil.copy(path.parent / name, tmp_path / "left" / name)
        other.execute("ROLLBACK")
        other.close()
        store = Store.open(tmp_path / "left" / "wifiguard.db", now=NOW)
        assert store.recovered is None
        assert {p.interface for p in store.problems()} == {"wlan0"}
        store.close()

    def test_a_reader_says_it_and_moves_nothing(self, path: Path) -> None:
        filled(path)
        DAMAGES["header"](path)
        with pytest.raises(StoreError, match=r"is damaged .* sets it aside"):
            Store.open(path, read_only=True, now=NOW)
        assert len(list(path.parent.iterdir())) == 2

    def test_an_empty_file_is_a_log_that_was_never_begun(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        store = Store.open(path, now=NOW)
        assert store.recovered is None
        store.close()

    def test_while_it_is_open(self, path: Path, store: Store) -> None:
        store.record([decision(id=f"{n:04}") for n in range(300)])
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store._db.execute("PRAGMA cache_size = 0")
        at(4096, bytes(path.stat().st_size - 4096))(path)
        with pytest.raises(StoreError, match="is damaged"):
            list(store.problems())
        with pytest.raises(StoreRecovered, match=r"was damaged .* a new one was begun"):
            store.record([decision(id="after")])
        store.record([decision(id="later")])
        assert {p.id for p in store.problems()} == {"after", "later"}

    @pytest.mark.parametrize("successor", [False, True])
    def test_removed_while_it_is_open(self, path: Path, store: Store, successor: bool) -> None:
        store.record([decision(id="before")])
        for file in path.parent.glob("*.db*"):
            file.unlink()
        if successor:
            path.write_text("not a log " * 100)
        with pytest.raises(StoreRecovered, match="a new one was begun"):
            store.record([decision(id="after")])
        assert [p.id for p in store.problems()] == ["after"]


class TestOtherVersions:
    @pytest.mark.parametrize("left", ["closed", "killed"])
    @pytest.mark.parametrize("read_only", [False, True])
    def test_a_newer_one_is_left_alone(self, path: Path, read_only: bool, left: str) -> None:
        filled(path)
        db = sqlite3.connect(path, isolation_level=None)
        if left == "killed":
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE newer (x)")
        db.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
        before = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
        sentence = r"written by a newer WiFiGuard \(version 3 of its tables; this one knows 2\)"
        with pytest.raises(StoreError, match=sentence):
            Store.open(path, read_only=read_only, now=NOW)
        after = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
        assert {n: b for n, b in after.items() if not n.endswith(".lock")} == {
            n: b for n, b in before.items() if not n.endswith(".lock")
        }
        db.close()

    def test_an_older_one_takes_the_steps_that_are_left(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        filled(path)

        def third(db: sqlite3.Connection) -> None:
            db.execute("ALTER TABLE problems ADD COLUMN note TEXT")

        monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS[:2], third))
        monkeypatch.setattr("wifiguard.store.opening.MIGRATIONS", (*schema.MIGRATIONS[:2], third))
        with pytest.raises(StoreError, match=r"of an older version\. Start the monitor"):
            Store.open(path, read_only=True, now=NOW)
        store = Store.open(path, now=NOW)
        assert store.recovered is None
        assert store.stats().problems == 300
        assert schema.version(store._db) == 3
        store.close()

    def test_a_step_that_fails_leaves_the_log_as_it_was(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        filled(path)
        before = path.read_bytes()

        def broken(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM problems")
            db.execute("CREATE TABLE problems (x)")

        with monkeypatch.context() as patched:
            patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS[:2], broken))
            with pytest.raises(StoreError, match="already exists"):
                Store.open(path, now=NOW)
        store = Store.open(path, now=NOW)
        assert store.stats().problems == 300
        store.close()
        assert len(path.read_bytes()) == len(before)


def as_nobody(path: Path) -> str:
    """What opening says to one who is not root, in a child of this process: nobody else may read where root's Python lives."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                Store.open(path, now=1.0).close()
                os.write(writing, b"opened")
            except StoreError as error:
                os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


class TestPlanted:
    @pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
    @pytest.mark.parametrize("kind", ["link", "dangling link", "hard link", "folder", "pipe"])
    def test_objects_are_refused(self, path: Path, tmp_path: Path, suffix: str, kind: str) -> None:
        path.parent.mkdir()
        target = tmp_path / "precious"
        target.write_text("precious")
        planted = Path(f"{path}{suffix}")
        match kind:
            case "link":
                planted.symlink_to(target)
            case "dangling link":
                planted.symlink_to(tmp_path / "made")
            case "hard link":
                planted.hardlink_to(target)
            case "folder":
                planted.mkdir()
            case _:
                os.mkfifo(planted)
        with pytest.raises(StoreError, match=r"planted.* Remove it"):
            Store.open(path, now=NOW)
        assert target.read_text() == "precious"
        assert not (tmp_path / "made").exists()

    def test_a_folder_that_others_can_change(self, path: Path) -> None:
        path.parent.mkdir()
        path.parent.chmod(0o777)
        with pytest.raises(StoreError, match="can be changed by others"):
            Store.open(path, now=NOW)

    @pytest.mark.root
    def test_files_of_another_user(self, path: Path) -> None:
        filled(path)
        os.chown(path, 65534, 65534)
        with pytest.raises(StoreError, match=f"belongs to another user. Take it over: sudo chown 0 {path}$"):
            Store.open(path, now=NOW)
        os.chown(path, 0, 0)
        os.chown(path.parent, 65534, 65534)
        with pytest.raises(StoreError, match="belongs to another user"):
            Store.open(path, now=NOW)

    @pytest.mark.root
    def test_a_folder_that_is_another_users_link(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "precious").mkdir()
        path.parent.symlink_to(tmp_path / "precious")
        os.chown(path.parent, 65534, 65534, follow_symlinks=False)
        with pytest.raises(StoreError, match=f"somebody planted it. Remove it: rm {path.parent}$"):
            Store.open(path, now=NOW)
        assert list((tmp_path / "precious").iterdir()) == []

    @pytest.mark.root
    @pytest.mark.parametrize(
        ("mode", "sentence"), [(0o550, "Allow it: chmod u\\+rwx"), (0o777, "Make it private: chown 65534"), (0o700, "")]
    )
    def test_modes_of_the_folder_for_one_who_is_not_root(
        self, path: Path, tmp_path: Path, mode: int, sentence: str
    ) -> None:
        require(root=True)
        for folder in (tmp_path, *tmp_path.parents):
            if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)
        path.parent.mkdir()
        path.touch()
        for each, its in ((path.parent, mode), (path, 0o444)):
            os.chown(each, 65534, 65534)
            each.chmod(its)
        said = as_nobody(path)
        assert re.search(sentence or "^opened$", said), said

    def test_a_file_in_place_of_the_folder(self, path: Path) -> None:
        path.parent.write_text("")
        with pytest.raises(StoreError, match="is not a folder"):
            Store.open(path, now=NOW)

    def test_modes_that_let_others_read_are_mended(self, path: Path) -> None:
        filled(path)
        path.chmod(0o666)
        Store.open(path, now=NOW).close()
        assert path.stat().st_mode & 0o7777 == 0o640


def test_reading_where_there_is_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="There is no log"):
        Store.open(path, read_only=True, now=NOW)
    assert not path.parent.exists()


def test_another_program_that_holds_the_file(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store._db.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="Another program holds the log"):
        store.record([decision(id="a")])
    other.execute("ROLLBACK")
    other.close()
    store.record([decision(id="b")])
    assert [p.id for p in store.problems()] == ["a", "b"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    disk = mounted(tmp_path / "disk", 1)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def record_all(store: Store, batches: list[list[Decision]]) -> None:
    for batch in batches:
        store.record(batch)


@pytest.mark.root
class TestDisk:
    def test_full_while_it_is_open(self, small: Path) -> None:
        store = Store.open(small / "w" / "wifiguard.db", now=NOW)
        store.record([decision(id="before")])
        ballast = fill(small)
        more = [[decision(id=f"{number:04}", evidence={"x": "y" * 400})] for number in range(1000)]
        with pytest.raises(StoreFull, match=r"The disk is full: .* Free some space"):
            record_all(store, more)
        with pytest.raises(StoreFull):
            store.record([decision(id="waits", first_seen=NOW + 1)])
        assert store.stats().waiting >= 2
        assert store.problem("before") is not None
        ballast.unlink()
        store.flush()
        assert store.stats().waiting == 0
        ids = [p.id for p in store.problems()]
        assert "before" in ids
        assert "waits" in ids
        assert store.stats().problems == len(ids)
        store.close()

    def test_full_for_long_keeps_the_newest(self, small: Path) -> None:
        store = Store.open(small / "w" / "wifiguard.db", now=NOW)
        ballast = fill(small)
        count = DECISIONS + 500
        for begin in range(0, count, 250):
            batch = [decision(id=f"{n:05}", first_seen=NOW + n) for n in range(begin, begin + 250)]
            with pytest.raises(StoreFull):
                store.record(batch)
        ballast.unlink()
        assert store.stats().waiting == DECISIONS
        assert store.stats().lost == 500
        store.flush()
        assert [p.id for p in store.problems()] == [f"{n:05}" for n in range(500, count)]
        store.close()

    def test_full_at_the_end_is_said(self, small: Path) -> None:
        path = small / "w" / "wifiguard.db"
        store = Store.open(path, now=NOW)
        store.record([decision(id="before")])
        ballast = fill(small)
        with pytest.raises(StoreFull):
            store.record([decision(id=f"{n:04}") for n in range(1000)])
        with pytest.raises(StoreFull):
            store.close()
        ballast.unlink()
        store = Store.open(path, now=NOW)
        assert (store.recovered, store.problem("before") is not None) == (None, True)
        store.close()

    @pytest.mark.parametrize("earlier", [False, True])
    def test_full_at_the_start_loses_nothing(self, small: Path, earlier: bool) -> None:
        path = small / "w" / "wifiguard.db"
        path.parent.mkdir()
        if earlier:
            store = Store.open(path, now=NOW)
            store.trust(HOME, NOW)
            store.record([decision(id="before")])
            store.close()
        ballast = fill(small)
        store = Store.open(path, now=NOW)
        assert str(store.obstacle).startswith("The disk is full")
        assert store.recovered is None
        assert store.is_trusted(HOME.id) == earlier
        assert [p.id for p in store.problems()] == ["before"] * earlier
        with pytest.raises(StoreError):
            store.record([decision(id="waits", first_seen=NOW + 1)])
        ballast.unlink()
        store.record([decision(id="then", first_seen=NOW + 2)])
        assert store.obstacle is None
        assert [p.id for p in store.problems()] == ["before"] * earlier + ["waits", "then"]
        store.close()

    @pytest.mark.parametrize("earlier", [0, 3])
    def test_that_can_only_be_read_loses_nothing(self, small: Path, earlier: int) -> None:
        path = small / "w" / "wifiguard.db"
        if earlier:
            filled(path, earlier)
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        if earlier:
            reader = Store.open(path, read_only=True, now=NOW)
            assert reader.stats().problems == earlier
            reader.close()
        store = Store.open(path, now=NOW)
        sentence = r"can only be read\. Mount it for writing"
        assert re.search(sentence, str(store.obstacle))
        assert store.is_trusted(HOME.id) == bool(earlier)
        with pytest.raises(StoreReadOnly, match=sentence):
            store.record([decision(id="waits")])
        with pytest.raises(StoreReadOnly, match=sentence):
            store.trust(HOME, NOW)
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
        store.flush()
        assert (store.obstacle, store.recovered) == (None, None)
        assert [p.id for p in store.problems()] == [f"{n:04}" for n in range(earlier)] + ["waits"]
        with pytest.raises(StoreBusy):
            Store.open(path, now=NOW)
        store.close()

    def test_that_could_only_be_read_to_the_end(self, small: Path) -> None:
        path = small / "w" / "wifiguard.db"
        filled(path, 3)
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        store = Store.open(path, now=NOW)
        store.close()
        store = Store.open(path, now=NOW)
        with pytest.raises(StoreReadOnly):
            store.record([decision(id="waits")])
        with pytest.raises(StoreReadOnly):
            store.close()
        store.close()


class TestDiskErrors:
    """What the system itself says in the middle of things is the store's own error, and what was recorded waits."""

    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (errno.EIO, "The log {path} cannot be used: Input/output error. Check the disk."),
            (
                errno.EACCES,
                "The log {path} may not be used by this user. Run as root (sudo), or set WIFIGUARD_STATE_DIR to a folder of your"
                " own.",
            ),
        ],
    )
    def test_of_the_log_file(
        self, path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, number: int, said: str
    ) -> None:
        stat = Path.stat

        def failing(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
            if self == path:
                raise OSError(number, os.strerror(number))
            return stat(self, follow_symlinks=follow_symlinks)

        with monkeypatch.context() as broken:
            broken.setattr(Path, "stat", failing)
            for write in (lambda: store.record([decision()]), store.flush, lambda: store.trust(HOME, NOW)):
                with pytest.raises(StoreError) as caught:
                    write()
                assert str(caught.value) == said.format(path=path)
            assert (str(store.obstacle), store.stats().waiting) == (said.format(path=path), 1)
        store.flush()
        assert (store.obstacle, store.recovered, store.stats().waiting, store.stats().problems) == (None, None, 0, 1)

    def test_of_the_file_system(self, path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(folder: Path) -> os.statvfs_result:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "statvfs", failing)
        store._db.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreError, match=r"cannot be used: Input/output error\. Check the disk"):
            store.record([decision()])
        store._db.execute("PRAGMA query_only = OFF")
        store.flush()
        assert store.stats().problems == 1

    def test_of_the_lock(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(file: int, operation: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", failing)
        with pytest.raises(StoreError, match="cannot be used: No locks available"):
            Store.open(path, now=NOW)

    def test_of_retention(self, path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is over is gone, what was to be overwritten is not known: the log goes on."""

        def failing(file: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        store.record([decision(id="old", first_seen=NOW - 91 * DAY), decision(id="new")])
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", failing)
            with pytest.raises(StoreError, match="cannot be used: Input/output error"):
                store.prune(NOW)
        store.record([decision(id="later")])
        assert {problem.id for problem in store.problems()} == {"new", "later"}

    def test_of_damage_that_retention_comes_upon(
        self, path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*_: object) -> None:
            raise opening.Damaged("database disk image is malformed")

        store.record([decision(id="old", first_seen=NOW - 91 * DAY), decision(id="new")])
        with monkeypatch.context() as broken:
            broken.setattr("wifiguard.store.erasing.scrub", failing)
            with pytest.raises(StoreError, match=r"is damaged \(database disk image is malformed\)"):
                store.prune(NOW)
        store.flush()
        assert [problem.id for problem in store.problems()] == ["new"]


class TestRetention:
    def test_drops_what_is_old(self, path: Path, store: Store) -> None:
        store.trust(HOME, NOW - 200 * DAY)
        old = problem("old", network=HOME, first_seen=NOW - 120 * DAY, last_seen=NOW - 91 * DAY)
        store.record([decision(of=old), decision(State.RESOLVED, replace(old, open=False))])
        store.record([decision(id="new", first_seen=NOW - 120 * DAY, last_seen=NOW - 89 * DAY)])
        over, on = Mute(MuteScope.RULE, "a", NOW - 1), Mute(MuteScope.RULE, "b", NOW + 1)
        store.mute(over)
        store.mute(on)
        aside = path.with_name(f"{path.name}.damaged-20200101T000000Z")
        aside.touch()
        os.utime(aside, (NOW - 91 * DAY, NOW - 91 * DAY))
        assert store.prune(NOW) == 1
        assert [p.id for p in store.problems()] == ["new"]
        assert store.timeline("old") == []
        assert [known.id for known in store.networks()] == [HOME.id]
        assert store.mutes() == [on]
        assert not aside.exists()
        assert store.prune(NOW) == 0
        assert store.prune(NOW, days=30) == 1

    def test_what_is_from_a_time_to_come_ages_from_now_on(self, store: Store) -> None:
        ahead = [
            decision(id="ahead", first_seen=NOW + 400 * DAY),
            decision(id="both", first_seen=NOW - DAY, last_seen=NOW + 80 * DAY),
        ]
        store.record([*ahead, decision(id="right", first_seen=NOW - DAY)])
        assert store.prune(NOW) == 0
        times = {problem.id: (problem.first_seen, problem.last_seen) for problem in store.problems()}
        assert times == {
            "right": (NOW - DAY, NOW - DAY),
            "ahead": (NOW, NOW),
            "both": (NOW - DAY, NOW + 80 * DAY),
        }
        assert store.prune(NOW + 91 * DAY) == 2
        assert store.prune(NOW + 171 * DAY) == 1

    def test_a_clock_that_is_behind_makes_nothing_older(self, store: Store) -> None:
        store.record([decision(first_seen=NOW + 1)])
        before = list(store.problems())
        assert store.prune(NOW - 1000 * DAY) == 0
        assert list(store.problems()) == before

    def test_networks_go_with_their_last_finding(self, store: Store) -> None:
        store.record([decision(network=HOME, first_seen=NOW - 91 * DAY)])
        assert store.prune(NOW) == 1
        assert store.networks() == []

    def test_there_is_an_upper_bound(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wifiguard.store.writing.PROBLEMS", 100)
        monkeypatch.setattr("wifiguard.store.store._TRIM_EVERY", 10)
        store.record([decision(id="first", network=HOME, first_seen=NOW - 1)])
        for n in range(0, 300, 10):
            store.record([decision(id=f"{i:04}", first_seen=NOW + i, open=i % 2 == 0) for i in range(n, n + 10)])
        assert store.stats().problems <= 110
        assert {p.id for p in store.problems()} >= {f"{i:04}" for i in range(200, 300, 2)}
        assert store.networks() == []
