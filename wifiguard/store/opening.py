"""From a path to a sound database: what is damaged is set aside, what is newer is left alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from wifiguard.store import reading
from wifiguard.store.errors import StoreBusy, StoreError
from wifiguard.store.files import full, only_read, prepare, set_aside, unusable
from wifiguard.store.schema import APPLICATION_ID, MIGRATIONS, migrate, shape, version

# The monitor's loop waits this long, in seconds, for another program that holds the file; then findings wait in memory.
_WRITER_WAIT = 1.0
_READER_WAIT = 5.0
_ROOM = 128 * 1024
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(Exception):
    """The file is no sound log of ours; the text says how that shows."""


def begin(path: Path, now: float) -> tuple[sqlite3.Connection, str | None]:
    """A connection for writing, and the sentence for the user where a damaged file was set aside. Raises StoreError."""
    prepare(path)
    try:
        return _writer(path, now), None
    except Damaged as damage:
        aside = set_aside(path, now)
        prepare(path)
        try:
            db = _writer(path, now)
        except Damaged as again:
            raise StoreError(f"The log {path} cannot be made: {again}.", "Check the disk.") from again
        return db, (
            f"The log {path} was damaged ({damage}). It was kept as {aside.name} and a new one was begun: earlier "
            "findings, trusted networks and mutes are not in it."
        )


def read(path: Path) -> sqlite3.Connection:
    """A connection that only reads, and never holds up the writer. Raises StoreError."""
    if not os.path.lexists(path):
        raise StoreError(f"There is no log at {path} yet.", "It begins with `wifiguard run`.")
    with _damage_said(path), saying(path):
        db = _connect(path, "ro", _READER_WAIT)
        try:
            _refuse_newer(db, path)
            if version(db) < len(MIGRATIONS):
                raise StoreError(f"The log {path} is of an older version.", "Start the monitor once: `wifiguard run`.")
            _check_owner(db)
        except BaseException:
            db.close()
            raise
        return db


def empty() -> sqlite3.Connection:
    """A log of nothing, in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    return db


@contextmanager
def saying(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a sentence for a person; damage stays `Damaged`."""
    try:
        yield
    except OSError as error:
        raise unusable(path, error) from error
    except sqlite3.Error as error:
        raise explained(path, error) from error


@contextmanager
def _damage_said(path: Path) -> Iterator[None]:
    try:
        yield
    except Damaged as damage:
        raise damaged(path, damage) from damage


def damaged(path: Path, damage: Exception) -> StoreError:
    """The sentence where nothing is repaired."""
    return StoreError(f"The log {path} is damaged ({damage}).", "The monitor sets it aside and begins a new one.")


def explained(path: Path, error: sqlite3.Error) -> StoreError | Damaged:
    """What SQLite's error means for a person."""
    try:
        return _explained(path, error)
    except OSError as trouble:  # the disk does not say how it is
        return unusable(path, trouble)


def _explained(path: Path, error: sqlite3.Error) -> StoreError | Damaged:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGE:
        return Damaged(str(error))
    if code == sqlite3.SQLITE_FULL or (code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_room(path)):
        return full(path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _only_read(path):
        return only_read(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"Another program holds the log {path}.", "Close it: `fuser` names it.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(
            f"The log {path} cannot be {'written' if code == sqlite3.SQLITE_READONLY else 'opened'} ({error}).",
            f"Check who owns {path.parent} and whether its disk can be written.",
        )
    return StoreError(f"The log {path} cannot be used ({error}).", "Check the disk.")


def _writer(path: Path, now: float) -> sqlite3.Connection:
    with saying(path):
        _look_first(path)
        db = _connect(path, "rw", _WRITER_WAIT)
        try:
            _check_owner(db)
            # Before anything is written: a page of another program's or a broken file must not be "repaired". The full check
            # would also compare every index with its table: ten times as long, seconds on a large log.
            (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise Damaged(str(found).splitlines()[-1])
            migrate(db)
            if shape(db) != _newest_shape():
                raise Damaged("its tables are not those of a log")
            _check_values(db)
            _journal(db)
            moment = datetime.fromtimestamp(now, UTC).isoformat()
            db.execute("INSERT INTO meta (key, value) VALUES ('created', ?) ON CONFLICT DO NOTHING", (moment,))
        except BaseException:
            db.close()
            raise
        return db


def reopened(path: Path) -> sqlite3.Connection:
    """A connection for writing to a log that we have just written ourselves."""
    db = _connect(path, "rw", _WRITER_WAIT)
    _journal(db)
    return db


def _journal(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    # WAL with NORMAL: a commit survives kill -9 and a crash of the program; a power cut may take the last seconds, never the
    # file. FULL would stop the monitor's loop for a disk flush with every finding.
    db.execute("PRAGMA synchronous = NORMAL")


def _newest_shape() -> frozenset[tuple[str, str, str | None]]:
    newest = empty()
    try:
        return shape(newest)
    finally:
        newest.close()


def _look_first(path: Path) -> None:
    """Refuse a newer log before a connection that could write has touched it."""
    db = _connect(path, "ro", _READER_WAIT)
    try:
        _refuse_newer(db, path)
    except sqlite3.OperationalError:
        # A crash left a rollback journal: only a writer can play it back, and will.
        pass
    finally:
        db.close()


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    found = version(db)
    if found > len(MIGRATIONS) and _application(db) == APPLICATION_ID:
        raise StoreError(
            f"The log {path} was written by a newer WiFiGuard (version {found} of its tables; this one knows "
            f"{len(MIGRATIONS)}).",
            "Install the newer WiFiGuard again, or move the file away.",
        )


def _check_owner(db: sqlite3.Connection) -> None:
    if _application(db) != APPLICATION_ID and shape(db):
        raise Damaged("it is another program's database")


def _check_values(db: sqlite3.Connection) -> None:
    """What the tables' own checks let pass, and nobody could read."""
    if db.execute("SELECT 1 FROM problems WHERE json_type(evidence) <> 'object' LIMIT 1").fetchone() is not None:
        raise Damaged("its findings cannot be read")
    try:
        reading.networks(db)
    except ValueError as error:
        raise Damaged("its networks cannot be read") from error


def _application(db: sqlite3.Connection) -> int:
    (number,) = db.execute("PRAGMA application_id").fetchone()
    return int(number)


def _connect(path: Path, mode: str, wait: float) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=wait, isolation_level=None)
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")
    db.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten at once, and nothing is copied to a temporary file (privacy).
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def _only_read(path: Path) -> bool:
    return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)


def _no_room(path: Path) -> bool:
    room = os.statvfs(path.parent)
    return room.f_bavail * room.f_frsize < _ROOM
