"""What is written, a function a thing. All run inside a transaction of the caller."""

from __future__ import annotations

import sqlite3

from wifiguard.core.policy import Mute, State
from wifiguard.store.rows import DecisionRow, NetworkRow

# An attacker can make problems at will: beyond this many the oldest go, those that are over first.
PROBLEMS = 200_000
# A problem that comes and goes keeps the newest of its story.
TIMELINE = 200
# Values that one rule keeps with one network.
MEMORY = 256

_UPSERT_NETWORK = """
    INSERT INTO networks (id, medium, name, ssid, bssid, security, interface, trusted_since, first_seen, last_seen)
    VALUES (:id, :medium, :name, :ssid, NULL, :security, :interface, NULL, :at, :at)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, ssid = excluded.ssid,
        security = coalesce(excluded.security, security),
        interface = CASE excluded.interface WHEN '' THEN interface ELSE excluded.interface END,
        bssid = CASE WHEN trusted_since IS NULL THEN NULL ELSE coalesce(:bssid, bssid) END,
        last_seen = max(last_seen, excluded.last_seen)"""
_UPSERT_PROBLEM = """
    INSERT INTO problems
        (id, rule, severity, network, interface, evidence, first_seen, last_seen, count, open, muted)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, network = excluded.network,
        interface = excluded.interface, evidence = excluded.evidence, first_seen = excluded.first_seen,
        last_seen = excluded.last_seen, count = excluded.count, open = excluded.open, muted = excluded.muted"""


def decision(db: sqlite3.Connection, row: DecisionRow) -> None:
    """The problem as it now stands, its network, and a line of its timeline unless it only repeats."""
    if row.network is not None:
        network(db, row.network)
    attached = None if row.network is None else row.network.id
    db.execute(
        _UPSERT_PROBLEM,
        (
            row.id,
            row.rule,
            row.severity,
            attached,
            row.interface,
            row.evidence,
            row.first_seen,
            row.last_seen,
            row.sightings,
            row.open,
            row.muted,
        ),
    )
    if row.state is State.REPEAT:
        return
    if row.state is State.SUPPRESSED:
        latest = db.execute("SELECT state FROM timeline WHERE problem = ? ORDER BY rowid DESC LIMIT 1", (row.id,))
        if latest.fetchone() == (State.SUPPRESSED.value,):
            return
    db.execute(
        "INSERT INTO timeline (problem, at, state, severity) VALUES (?, ?, ?, ?)",
        (row.id, row.at, row.state.value, row.severity),
    )
    db.execute(
        """DELETE FROM timeline WHERE rowid IN
            (SELECT rowid FROM timeline WHERE problem = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)""",
        (row.id, TIMELINE),
    )


def network(db: sqlite3.Connection, row: NetworkRow) -> None:
    """The network's attributes and sighting; its BSSID only if the user trusts it."""
    db.execute(_UPSERT_NETWORK, row._asdict())


def trust(db: sqlite3.Connection, row: NetworkRow) -> None:
    """The network, trusted from `row.at` on unless it was before."""
    network(db, row)
    db.execute(
        "UPDATE networks SET trusted_since = coalesce(trusted_since, :at), bssid = coalesce(:bssid, bssid) WHERE id = :id",
        row._asdict(),
    )


def memory(db: sqlite3.Connection, network_id: str, rule: str, key: str, value: str) -> None:
    """What a rule learned of a network that is kept; the oldest beyond MEMORY values go."""
    db.execute(
        """INSERT INTO memory (rule, network, key, value) VALUES (?, ?, ?, ?)
            ON CONFLICT (network, rule, key) DO UPDATE SET value = excluded.value""",
        (rule, network_id, key, value),
    )
    db.execute(
        """DELETE FROM memory WHERE rowid IN
            (SELECT rowid FROM memory WHERE network = ? AND rule = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)""",
        (network_id, rule, MEMORY),
    )


def mute(db: sqlite3.Connection, muted: Mute) -> None:
    """The mute, and its effect on what is open."""
    values = {"scope": muted.scope.value, "target": muted.target, "until": muted.until}
    db.execute(
        """INSERT INTO mutes (scope, target, until) VALUES (:scope, :target, :until)
            ON CONFLICT (scope, target) DO UPDATE SET until = excluded.until""",
        values,
    )
    db.execute(
        """UPDATE problems SET muted = 1 WHERE open AND NOT muted AND
            CASE :scope WHEN 'rule' THEN rule WHEN 'finding' THEN id ELSE network END = :target""",
        values,
    )


def unmute(db: sqlite3.Connection, target: str) -> None:
    """No mute of `target`; what no other mute covers is heard again."""
    db.execute("DELETE FROM mutes WHERE target = ?", (target,))
    db.execute(
        """UPDATE problems SET muted = 0 WHERE muted AND ? IN (rule, id, network) AND NOT EXISTS
            (SELECT 1 FROM mutes m WHERE m.target =
                CASE m.scope WHEN 'rule' THEN problems.rule WHEN 'finding' THEN problems.id ELSE problems.network END)""",
        (target,),
    )


def age_from(db: sqlite3.Connection, now: float, beyond: float) -> None:
    """Problems that a clock ahead stamped later than `beyond` were seen last `now`, unless now is before the log was begun."""
    db.execute(
        """UPDATE problems SET first_seen = min(first_seen, :now), last_seen = :now WHERE last_seen > :beyond
            AND :now >= (SELECT CAST(strftime('%s', value) AS REAL) FROM meta WHERE key = 'created')""",
        {"now": now, "beyond": beyond},
    )


def clock(db: sqlite3.Connection, agreed: float, at: float) -> None:
    """How long the wall clock has been right, by `at`."""
    db.execute(
        "INSERT INTO meta (key, value) VALUES ('clock', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (f"{agreed} {at}",),
    )


def trim(db: sqlite3.Connection) -> bool:
    """Drop the oldest problems beyond PROBLEMS, those that are over first, and the networks that nothing keeps then.

    Returns whether there were any.
    """
    (count,) = db.execute("SELECT count(*) FROM problems").fetchone()
    if count <= PROBLEMS:
        return False
    db.execute(
        "DELETE FROM problems WHERE id IN (SELECT id FROM problems ORDER BY open, last_seen LIMIT ?)",
        (count - PROBLEMS,),
    )
    drop_unkept(db)
    return True


def drop_unkept(db: sqlite3.Connection) -> None:
    """Networks are kept for the user's trust or for their findings, and for nothing else."""
    db.execute(
        """DELETE FROM networks WHERE trusted_since IS NULL
            AND NOT EXISTS (SELECT 1 FROM problems WHERE problems.network = networks.id)"""
    )
