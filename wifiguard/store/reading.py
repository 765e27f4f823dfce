"""What is read, a function a thing. No cursor stays open: between two calls the log may change."""

from __future__ import annotations

import sqlite3
from typing import Any

from wifiguard.core.policy import Mute, MuteScope, Problem, State
from wifiguard.core.severity import Severity
from wifiguard.store.rows import SELECT_NETWORKS, SELECT_PROBLEMS, KnownNetwork, known_network, problem_of

FOUND = 100
# How a problem stands now, and what each word of a question adds to the query: only what is asked for is in it, so that
# SQLite finds the index that serves it.
_STATES = {
    State.RESOLVED: "p.open = 0",
    State.SUPPRESSED: "p.open = 1 AND p.muted = 1",
    State.NEW: "p.open = 1 AND p.muted = 0 AND p.count = 1",
    State.REPEAT: "p.open = 1 AND p.muted = 0 AND p.count > 1",
    State.ESCALATED: "p.id IN (SELECT t.problem FROM timeline t WHERE t.state = 'escalated')",
}
# The first that is asked for leads: it is what an index begins with.
_TERMS = {
    "network": "p.network = :network",
    "rule": "p.rule = :rule",
    "state": "",
    "severity": "p.severity >= :severity",
    "until": "p.last_seen < :until",
}


def problem(db: sqlite3.Connection, id: str) -> Problem | None:
    """The problem with this id."""
    row = db.execute(SELECT_PROBLEMS + "WHERE p.id = ?", (id,)).fetchone()
    return None if row is None else problem_of(row)


def find(db: sqlite3.Connection, prefix: str) -> list[Problem]:
    """Problems whose id begins with `prefix`, at most FOUND."""
    query = SELECT_PROBLEMS + "WHERE p.id >= ? AND p.id < ? ORDER BY p.id LIMIT ?"
    return _problems(db.execute(query, (prefix, prefix + "\U0010ffff", FOUND)))


def open_problems(db: sqlite3.Connection) -> list[Problem]:
    """All that is not over, oldest sighting first."""
    return _problems(db.execute(SELECT_PROBLEMS + "WHERE p.open = 1 ORDER BY p.last_seen, p.id"))


def page(db: sqlite3.Connection, wanted: dict[str, object], size: int) -> list[Problem]:
    """The next `size` problems after (`at`, `id`) of `wanted`, oldest sighting first. What is None in it does not matter."""
    query = _question(wanted) + " ORDER BY p.last_seen, p.id LIMIT :size"
    return _problems(db.execute(query, {**wanted, "size": size}))


def newest(db: sqlite3.Connection, wanted: dict[str, object], size: int) -> list[Problem]:
    """The newest `size` problems, oldest of them first."""
    query = _question(wanted) + " ORDER BY p.last_seen DESC, p.id DESC LIMIT :size"
    return _problems(db.execute(query, {**wanted, "size": size}))[::-1]


def before_newest(db: sqlite3.Connection, wanted: dict[str, object], size: int) -> tuple[float, str] | None:
    """(`at`, `id`) after which the newest `size` problems come; None where there are no more than that."""
    query = _question(wanted, "SELECT p.last_seen, p.id FROM problems p ")
    query += " ORDER BY p.last_seen DESC, p.id DESC LIMIT 1 OFFSET :size"
    found: tuple[float, str] | None = db.execute(query, {**wanted, "size": size}).fetchone()
    return found


def _question(wanted: dict[str, object], select: str = SELECT_PROBLEMS) -> str:
    terms = ["(p.last_seen, p.id) > (:at, :id)"]
    for name, term in _TERMS.items():
        if wanted[name] is not None:
            asked = _STATES[State(str(wanted["state"]))] if name == "state" else term
            # A unary plus keeps SQLite from choosing another index than the leader's.
            terms.append(asked if len(terms) == 1 else asked.replace("p.", "+p."))
    return select + "WHERE " + " AND ".join(terms)


def timeline(db: sqlite3.Connection, id: str) -> list[tuple[float, State, Severity]]:
    """A problem's story, oldest first."""
    rows = db.execute("SELECT at, state, severity FROM timeline WHERE problem = ? ORDER BY rowid", (id,)).fetchall()
    return [(at, State(state), Severity(severity)) for at, state, severity in rows]


def networks(db: sqlite3.Connection) -> list[KnownNetwork]:
    """What is kept, the latest seen first."""
    return [known_network(row) for row in db.execute(SELECT_NETWORKS + "ORDER BY last_seen DESC, id").fetchall()]


def memory(db: sqlite3.Connection, network_id: str) -> list[tuple[str, str, str]]:
    """(rule, key, value) of one network, oldest first."""
    rows = db.execute("SELECT rule, key, value FROM memory WHERE network = ? ORDER BY rowid", (network_id,))
    return rows.fetchall()


def mutes(db: sqlite3.Connection) -> list[Mute]:
    """All of them."""
    rows = db.execute("SELECT scope, target, until FROM mutes ORDER BY scope, target").fetchall()
    return [Mute(MuteScope(scope), target, until) for scope, target, until in rows]


def counts(db: sqlite3.Connection) -> tuple[int, int, int]:
    """How many problems, open ones among them, and networks."""
    problems, open, networks = db.execute(
        """SELECT (SELECT count(*) FROM problems), (SELECT count(*) FROM problems WHERE open),
            (SELECT count(*) FROM networks)"""
    ).fetchone()
    return problems, open, networks


def size(db: sqlite3.Connection) -> int:
    """Bytes of the database."""
    (pages,), (bytes_a_page,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages * bytes_a_page)


def _problems(cursor: Any) -> list[Problem]:
    return [problem_of(row) for row in cursor.fetchall()]


def clock(db: sqlite3.Connection) -> tuple[float, float]:
    """How long the wall clock has been right, and by when; zeros where nobody knows."""
    row = db.execute("SELECT value FROM meta WHERE key = 'clock'").fetchone()
    agreed, at = (0.0, 0.0) if row is None else map(float, row[0].split())
    return agreed, at
