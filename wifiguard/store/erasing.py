"""What is erased leaves nothing behind. The statements run inside a transaction of the caller, `scrub` after it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from pathlib import Path

from wifiguard.core.policy import MuteScope
from wifiguard.store.errors import StoreBusy
from wifiguard.store.evidence import decode, encode, without
from wifiguard.store.files import beside, overwrite, settle, shred
from wifiguard.store.rows import SELECT_NETWORKS, known_network, traces
from wifiguard.store.writing import drop_unkept


def everything(db: sqlite3.Connection) -> int:
    """All problems, networks, memory and mutes. Returns the number of problems."""
    erased = db.execute("DELETE FROM problems").rowcount
    db.execute("DELETE FROM networks")
    db.execute("DELETE FROM mutes")
    return erased


def network(db: sqlite3.Connection, id: str) -> int:
    """One network with its problems, memory and mutes."""
    _unmute(db, id)
    erased = db.execute("DELETE FROM problems WHERE network = ?", (id,)).rowcount
    db.execute("DELETE FROM networks WHERE id = ?", (id,))
    return erased


def span(db: sqlite3.Connection, since: float, until: float) -> int:
    """Every problem of which anything is known to have happened in [since, until), and networks' sightings in it."""
    values = {"since": since, "until": until}
    erased = db.execute(
        """DELETE FROM problems WHERE (first_seen >= :since AND first_seen < :until)
            OR (last_seen >= :since AND last_seen < :until)
            OR id IN (SELECT problem FROM timeline WHERE at >= :since AND at < :until)""",
        values,
    ).rowcount
    drop_unkept(db)
    # What is left of a sighting in the span is the nearest time that is still told by something else.
    db.execute(
        """UPDATE networks SET
            first_seen = CASE WHEN first_seen < :since OR first_seen >= :until THEN first_seen
                WHEN last_seen >= :until THEN last_seen ELSE coalesce(trusted_since, :until) END,
            last_seen = CASE WHEN last_seen < :since OR last_seen >= :until THEN last_seen
                WHEN first_seen < :since THEN first_seen ELSE coalesce(trusted_since, :until) END""",
        values,
    )
    return erased


def forget(db: sqlite3.Connection, id: str) -> None:
    """One network with its memory and mutes; its problems stay, over and without any trace of the place."""
    row = db.execute(SELECT_NETWORKS + "WHERE id = ?", (id,)).fetchone()
    if row is None:
        return
    words = traces(known_network(row).network)
    _unmute(db, id)
    for problem, evidence in db.execute("SELECT id, evidence FROM problems WHERE network = ?", (id,)).fetchall():
        # The fingerprint is a hash over the network's name: who guesses the name could check it.
        db.execute(
            "UPDATE problems SET id = ?, network = NULL, interface = '', evidence = ?, open = 0, muted = 0 WHERE id = ?",
            (secrets.token_hex(8), encode(without(decode(evidence), words)), problem),
        )
    db.execute("DELETE FROM networks WHERE id = ?", (id,))


def scrub(db: sqlite3.Connection, path: Path) -> None:
    """Write what is left into a new file in the old one's place, and zeros over the old one and its journal. Closes `db`.

    Emptying them is not enough: SQLite leaves copies in unused parts of pages, and the file system in the blocks that it frees.
    Raises StoreBusy while somebody reads.
    """
    fresh = beside(path, ".fresh")
    shred(fresh)
    old = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not without_journal(db, path):
            raise StoreBusy(
                f"It is erased, but another program reads {path}, so traces stay in its journal.",
                "Close it and repeat.",
            )
        try:
            db.execute("VACUUM INTO ?", (str(fresh),))
        except sqlite3.Error:
            # No room for a second copy: the log goes on as it was.
            shred(fresh)
            db.execute("PRAGMA journal_mode = WAL")
            raise
        fresh.chmod(path.stat().st_mode & 0o777)
        db.close()
        # In this order: after a power cut the folder must not lead to zeros.
        settle(fresh)
        fresh.replace(path)
        settle(path.parent)
        overwrite(old)
    finally:
        os.close(old)


def without_journal(db: sqlite3.Connection, path: Path) -> bool:
    """Fold the journal into the file and overwrite it; False where somebody reads, so that it has to stay."""
    try:
        journal = os.open(beside(path, "-wal"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        journal = None
    try:
        (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode == "delete" and journal is not None:
            overwrite(journal)
        return bool(mode == "delete")
    except sqlite3.OperationalError:
        return False
    finally:
        if journal is not None:
            os.close(journal)


def _unmute(db: sqlite3.Connection, id: str) -> None:
    db.execute(
        """DELETE FROM mutes WHERE (scope = ? AND target = ?)
            OR (scope = ? AND target IN (SELECT id FROM problems WHERE network = ?))""",
        (MuteScope.NETWORK.value, id, MuteScope.FINDING.value, id),
    )
