"""The log as the rest of the program sees it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wifiguard.core.network import Network
from wifiguard.core.policy import Decision, Mute, Problem, State
from wifiguard.core.rule import Remember
from wifiguard.core.severity import Severity
from wifiguard.store import erasing, reading, writing
from wifiguard.store.errors import StoreError, StoreRecovered, StoreWaits
from wifiguard.store.files import lock, prepare, remove_damaged, unusable
from wifiguard.store.opening import Damaged, begin, damaged, empty, read, reopened, saying
from wifiguard.store.rows import (
    KnownNetwork,
    NetworkRow,
    StoreStats,
    decision_row,
    network_row,
)
from wifiguard.store.waiting import Waiting

KEEP_DAYS = 90
# A network's last sighting is written this often, in seconds, while nothing else about it changes.
SIGHTING = 60.0
_TRIM_EVERY = 256
_CHUNK = 500
_VALUE = 4096
_DAY = 86400.0


class Store:
    """One log, used from one thread. Every method raises StoreError where the file fails.

    `recovered`: the sentence for the user where a damaged log was set aside, else None. `obstacle`: what keeps findings from
    being written now, else None.
    """

    def __init__(
        self, path: Path, db: sqlite3.Connection, now: float, *, held: int | None, read_only: bool = False
    ) -> None:
        self.recovered: str | None = None
        self.obstacle: StoreError | None = None
        self._path = path
        self._db = db
        self._now = now
        self._held = held
        self._read_only = read_only
        # False while the connection at hand cannot write: the next write begins the log again.
        self._sound = True
        self._inode = _inode(path)
        self._waiting = Waiting()
        self._until_trim = 0
        self._kept: dict[str, NetworkRow] = {}
        self._trusted: set[str] = set()
        self._load()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, now: float) -> Store:
        """The log at `path`; made where there is none, unless `read_only`. `now`: wall time in seconds.

        Raises StoreError where it cannot be, StoreBusy where another process writes it. A disk that is full or can only be read
        does not keep it from being opened: what is recorded waits in memory.
        """
        if read_only:
            return cls(path, read(path), now, held=None, read_only=True)
        held: int | None = None
        try:
            try:
                prepare(path)
                held = lock(path)
                db, recovered = begin(path, now)
                store = cls(path, db, now, held=held)
                store.recovered = recovered
            except StoreWaits as obstacle:
                store = cls(path, _without_writing(path), now, held=held)
                store.obstacle = obstacle
                store._sound = False
        except BaseException:
            if held is not None:
                os.close(held)
            raise
        return store

    def close(self) -> None:
        """Write what waits, and leave one plain file that can be opened read-only. Closing twice does nothing."""
        try:
            if not self._read_only and self._waiting:
                self._flush()
            if self._held is not None and self._sound:
                # Refused while somebody reads: then the log keeps its journal beside it, which a reader can open too.
                with saying(self._path):
                    erasing.without_journal(self._db, self._path)
        finally:
            self._db.close()
            self._read_only = True
            if self._held is not None:
                os.close(self._held)
                self._held = None

    # -- findings

    def record(self, decisions: Iterable[Decision]) -> None:
        """Write decisions in one transaction; when this returns they survive the end of the process.

        Raises StoreWaits, or another StoreError, where they cannot be written now: they wait in memory, the newest 2000, for
        the next call. Raises StoreRecovered where they were written, into a new log.
        """
        self._waiting.add([decision_row(decision) for decision in decisions])
        self.flush()

    def flush(self) -> None:
        """Try again to write what waits, into a new log where this one turned out to be damaged; raises as `record`."""
        before = self.recovered
        if self._waiting or not self._sound:
            self._flush()
        if self.recovered is not before and self.recovered is not None:
            raise StoreRecovered(self.recovered)

    def problem(self, id: str) -> Problem | None:
        """The problem with this fingerprint."""
        with self._reading() as db:
            return reading.problem(db, id)

    def find(self, prefix: str) -> list[Problem]:
        """Problems whose id begins with `prefix`, at most 100."""
        with self._reading() as db:
            return reading.find(db, prefix)

    def open_problems(self) -> list[Problem]:
        """All that is not over, muted ones included, oldest sighting first."""
        with self._reading() as db:
            return reading.open_problems(db)

    def problems(
        self,
        since: float | None = None,
        until: float | None = None,
        severity_at_least: Severity | None = None,
        rule: str | None = None,
        network: str | None = None,
        state: State | None = None,
        limit: int | None = None,
    ) -> Iterator[Problem]:
        """Problems seen last in [since, until), oldest sighting first; with `limit` the newest so many.

        `network`: an id. `state`: how they stand now; ESCALATED: that ever got worse. They are read as they are taken, some
        hundred at a time. Writing in between is allowed: what is seen again meanwhile comes again.
        """
        wanted: dict[str, object] = {
            "at": float("-inf") if since is None else since,
            "id": "",
            "until": until,
            "severity": int(severity_at_least) if severity_at_least else None,
            "rule": rule,
            "network": network,
            "state": None if state is None else state.value,
        }
        if limit is not None and limit <= _CHUNK:
            with self._reading() as db:
                found = reading.newest(db, wanted, limit)
            yield from found
            return
        if limit is not None:
            with self._reading() as db:
                before = reading.before_newest(db, wanted, limit)
            if before is not None:
                wanted |= dict(zip(("at", "id"), before, strict=True))
        while True:
            with self._reading() as db:
                found = reading.page(db, wanted, _CHUNK)
            yield from found
            if len(found) < _CHUNK:
                return
            wanted |= {"at": found[-1].last_seen, "id": found[-1].id}

    def timeline(self, id: str) -> list[tuple[float, State, Severity]]:
        """What became of a problem, oldest first, without its repeats: (wall time, state, severity)."""
        with self._reading() as db:
            return reading.timeline(db, id)

    # -- networks

    def networks(self) -> list[KnownNetwork]:
        """Trusted networks and those with findings, the latest seen first."""
        with self._reading() as db:
            return reading.networks(db)

    def saw_network(self, network: Network, at: float) -> None:
        """The laptop is on `network`. Nothing is written of a network that is not kept."""
        known = self._kept.get(network.id)
        if known is None:
            return
        row = self._as_kept(network_row(network, known.interface, at))
        if row._replace(at=known.at) == known and at - known.at < SIGHTING:
            return
        with self._writing(at) as db:
            writing.network(db, row)
        self._kept[row.id] = row

    def trust(self, network: Network, at: float) -> None:
        """The user trusts `network`."""
        row = network_row(network, "", at)
        with self._writing(at) as db:
            writing.trust(db, row)
            self._write_learned(db, row.id)
        self._waiting.unlearn([row.id])
        self._load()

    def distrust(self, id: str) -> None:
        """No longer; without findings nothing stays of it."""
        with self._writing() as db:
            db.execute("UPDATE networks SET trusted_since = NULL, bssid = NULL WHERE id = ?", (id,))
            writing.drop_unkept(db)
        self._load()

    def forget(self, id: str) -> None:
        """Erase a network and what was learned of it; its problems stay, over and without any trace of the place."""
        self._drop_waiting(id)
        with self._writing() as db:
            erasing.forget(db, id)
        self._scrub()

    def is_trusted(self, id: str) -> bool:
        """Whether the user trusts the network with this id. Reads no file."""
        return id in self._trusted

    # -- what rules learned

    def remember(self, request: Remember) -> None:
        """Keep a value with its network: on disk where the network is kept, else in memory until it is, or until the end."""
        if len(request.key) + len(request.value) > _VALUE:
            raise StoreError(f"The rule {request.rule} wants to keep too much with a network.", "Please report it.")
        if request.network.id not in self._kept:
            self._waiting.learn(request)
            return
        with self._writing() as db:
            writing.memory(db, request.network.id, request.rule, request.key, request.value)

    def recall(self, network_id: str) -> tuple[tuple[str, str, str], ...]:
        """What was remembered with a network: (rule, key, value)."""
        with self._reading() as db:
            kept = reading.memory(db, network_id)
        return (*kept, *self._waiting.learned(network_id))

    # -- mutes

    def mutes(self) -> list[Mute]:
        """All mutes; those whose time is over stay listed until `prune`."""
        with self._reading() as db:
            return reading.mutes(db)

    def mute(self, mute: Mute) -> None:
        """Add a mute, or give it another end; what is open and covered counts as muted at once."""
        with self._writing() as db:
            writing.mute(db, mute)

    def unmute(self, target: str) -> None:
        """Take back every mute of `target`."""
        with self._writing() as db:
            writing.unmute(db, target)

    # -- the end of things

    def prune(self, now: float, days: float = KEEP_DAYS) -> int:
        """Retention: drop problems not seen for `days`, networks that nothing keeps then, mutes that are over, and old damaged
        logs. What a clock stamped far ahead ages from `now` on. Returns the number of problems.
        """
        before = now - days * _DAY
        with self._writing(now) as db:
            # What is from a nearer time to come ends by itself, and must not end early where it is this clock that is wrong.
            writing.age_from(db, now, now + days * _DAY)
            dropped = db.execute("DELETE FROM problems WHERE last_seen < ?", (before,)).rowcount
            db.execute("DELETE FROM mutes WHERE until <= ?", (now,))
            writing.drop_unkept(db)
        remove_damaged(self._path, before)
        if dropped:
            self._scrub()
        return dropped

    def clock(self) -> tuple[float, float]:
        """What `keep_clock` kept, zeros where it did not."""
        with self._reading() as db:
            return reading.clock(db)

    def keep_clock(self, agreed: float, at: float) -> None:
        """Remember for how many seconds the wall clock has been right, and that this was at `at`."""
        with self._writing(at) as db:
            writing.clock(db, agreed, at)

    def erase(self, *, network: str | None = None, since: float | None = None, until: float | None = None) -> int:
        """Erase one network (an id), or what happened in [since, until), or all, so that the files hold nothing of it.

        Returns the number of problems.
        """
        if network is not None:
            self._drop_waiting(network)
            with self._writing() as db:
                erased = erasing.network(db, network)
        elif since is not None or until is not None:
            begin_at, end_at = since or 0.0, float("inf") if until is None else until
            self._waiting.drop(lambda row: begin_at <= row.last_seen < end_at)
            with self._writing() as db:
                erased = erasing.span(db, begin_at, end_at)
        else:
            self._waiting.clear()
            with self._writing() as db:
                erased = erasing.everything(db)
            remove_damaged(self._path)
        self._scrub()
        return erased

    def stats(self) -> StoreStats:
        """Figures for `status` and for tests."""
        with self._reading() as db:
            problems, open, networks = reading.counts(db)
            size = reading.size(db)
        return StoreStats(problems, open, networks, size, len(self._waiting), self._waiting.lost)

    # -- inside

    def _flush(self) -> None:
        networks = self._waiting.networks
        fresh = networks.keys() - self._kept.keys()
        self._until_trim -= len(self._waiting)
        try:
            with self._writing(self._waiting.latest) as db:
                for row in self._waiting:
                    writing.decision(db, row)
                for id in fresh:
                    self._write_learned(db, id)
                trimmed = self._until_trim <= 0 and writing.trim(db)
        except StoreError as obstacle:
            self.obstacle = obstacle
            raise
        self.obstacle = None
        self._waiting.written()
        self._waiting.unlearn(fresh)
        self._kept |= {id: self._as_kept(row) for id, row in networks.items()}
        if self._until_trim <= 0:
            self._until_trim = _TRIM_EVERY
        if trimmed:
            self._load()

    def _as_kept(self, row: NetworkRow) -> NetworkRow:
        return row if self.is_trusted(row.id) else row._replace(bssid=None)

    def _write_learned(self, db: sqlite3.Connection, id: str) -> None:
        for rule, key, value in self._waiting.learned(id):
            writing.memory(db, id, rule, key, value)

    def _load(self) -> None:
        known = self.networks()
        self._kept = {n.id: network_row(n.network, n.interface, n.last_seen) for n in known}
        self._trusted = {n.id for n in known if n.trusted_since is not None}

    def _drop_waiting(self, id: str) -> None:
        self._waiting.drop(lambda row: row.network is not None and row.network.id == id)
        self._waiting.unlearn([id])

    def _scrub(self) -> None:
        self._load()
        self._sound = False
        try:
            with saying(self._path):
                erasing.scrub(self._db, self._path)
                self._db = reopened(self._path)
        except Damaged as damage:
            raise damaged(self._path, damage) from damage
        self._inode = _inode(self._path)
        self._sound = True

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with saying(self._path):
                yield self._db
        except (Damaged, ValueError) as damage:
            self._sound = False
            raise damaged(self._path, damage) from damage

    @contextmanager
    def _writing(self, at: float = 0.0) -> Iterator[sqlite3.Connection]:
        self._now = max(self._now, at)
        if not self._read_only and (not self._sound or _inode(self._path) != self._inode):
            self._begin_again()
        try:
            with saying(self._path):
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
        except (Damaged, ValueError) as damage:
            self._sound = False
            raise damaged(self._path, damage) from damage

    def _begin_again(self) -> None:
        gone = self._sound
        self._sound = False
        # Closed first: closing removes the journal by its name, and the new log's has the same.
        self._db.close()
        try:
            if self._held is None:
                prepare(self._path)
                self._held = lock(self._path)
            self._db, recovered = begin(self._path, self._now)
        except StoreError:
            self._db = _without_writing(self._path)
            raise
        if gone and recovered is None:
            recovered = f"The log {self._path} was removed while it was in use; a new one was begun."
        if recovered is not None:
            self.recovered = recovered
        self._inode = _inode(self._path)
        self._sound = True
        self._load()


def _without_writing(path: Path) -> sqlite3.Connection:
    # A log that was begun earlier can still be read; a first one is not there yet.
    try:
        return read(path)
    except StoreError:
        return empty()


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise unusable(path, error) from error
