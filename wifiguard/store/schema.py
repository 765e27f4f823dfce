"""The tables, and the steps that lead to them: forward only, one transaction a step, the number of steps is `user_version`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

# "WiFG" in the file's header: `file` and we tell our log from another program's database.
APPLICATION_ID = 0x57694647


def first_tables(db: sqlite3.Connection) -> None:
    """Version 1. A network's BSSID stands only beside the user's trust, and its attributes in one place only (privacy)."""
    db.execute("""
        CREATE TABLE networks (
            id TEXT PRIMARY KEY,
            medium TEXT NOT NULL,
            name TEXT NOT NULL,
            ssid BLOB,
            bssid BLOB,
            security TEXT,
            interface TEXT NOT NULL,
            trusted_since REAL,
            first_seen REAL NOT NULL,
            last_seen REAL NOT NULL,
            CHECK (bssid IS NULL OR trusted_since IS NOT NULL)
        ) STRICT""")
    db.execute("""
        CREATE TABLE problems (
            id TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
            network TEXT REFERENCES networks (id) ON DELETE SET NULL,
            interface TEXT NOT NULL,
            evidence TEXT NOT NULL CHECK (json_valid(evidence)),
            first_seen REAL NOT NULL,
            last_seen REAL NOT NULL,
            count INTEGER NOT NULL CHECK (count > 0),
            open INTEGER NOT NULL CHECK (open IN (0, 1)),
            muted INTEGER NOT NULL CHECK (muted IN (0, 1))
        ) STRICT""")
    db.execute("CREATE INDEX problems_by_time ON problems (last_seen, id)")
    db.execute("CREATE INDEX problems_by_network ON problems (network)")
    db.execute("CREATE INDEX problems_open ON problems (last_seen, id) WHERE open")
    db.execute("""
        CREATE TABLE timeline (
            problem TEXT NOT NULL REFERENCES problems (id) ON DELETE CASCADE ON UPDATE CASCADE,
            at REAL NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('new', 'escalated', 'resolved', 'suppressed')),
            severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4)
        ) STRICT""")
    db.execute("CREATE INDEX timeline_by_problem ON timeline (problem)")
    db.execute("""
        CREATE TABLE memory (
            rule TEXT NOT NULL,
            network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (network, rule, key)
        ) STRICT""")
    db.execute("""
        CREATE TABLE mutes (
            scope TEXT NOT NULL CHECK (scope IN ('rule', 'finding', 'network')),
            target TEXT NOT NULL,
            until REAL,
            PRIMARY KEY (scope, target)
        ) STRICT""")
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")


def review_indexes(db: sqlite3.Connection) -> None:
    """Version 2. Every question of `wifiguard log` is answered along an index, also on a log of 200,000 problems."""
    db.execute("DROP INDEX problems_by_network")
    db.execute("DROP INDEX problems_open")
    db.execute("DROP INDEX problems_by_time")
    # What a question sorts out beyond its index stands in the index as well, so that no row is fetched in vain.
    db.execute("CREATE INDEX problems_by_time ON problems (last_seen, id, severity)")
    db.execute("CREATE INDEX problems_by_network ON problems (network, last_seen, id, severity, rule)")
    db.execute("CREATE INDEX problems_by_rule ON problems (rule, last_seen, id, severity, network)")
    db.execute("CREATE INDEX problems_by_standing ON problems (open, last_seen, id, severity, muted, rule)")
    db.execute("CREATE INDEX timeline_escalated ON timeline (problem) WHERE state = 'escalated'")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (first_tables, review_indexes)


def version(db: sqlite3.Connection) -> int:
    """How many steps this database has taken."""
    (number,) = db.execute("PRAGMA user_version").fetchone()
    return int(number)


def migrate(db: sqlite3.Connection) -> None:
    """Take the steps that are left. A step that fails leaves the database as it was before that step."""
    for number, step in enumerate(MIGRATIONS[version(db) :], version(db) + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            step(db)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def shape(db: sqlite3.Connection) -> frozenset[tuple[str, str, str | None]]:
    """What the database is made of: (type, name, SQL) of every table and index."""
    return frozenset(db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall())
