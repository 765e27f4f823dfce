"""Turns findings into news: what is new, what repeats, what got worse, what is over, what the user muted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import SourceDone
from wifiguard.core.network import Network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Cleared, Evidence, Finding, Kind, Rule
from wifiguard.core.severity import Severity

# An event that did not repeat for this long is over: long enough that a visit to a bank counts as one problem.
EVENT_OPEN_FOR = 1800.0
PROBLEMS = 10_000


class State(StrEnum):
    """What a finding is, compared to what was known."""

    NEW = "new"
    REPEAT = "repeat"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    SUPPRESSED = "suppressed"


class MuteScope(StrEnum):
    """What a mute silences: all of a rule, one problem, or everything on one network."""

    RULE = "rule"
    FINDING = "finding"
    NETWORK = "network"


class Mute(Struct, frozen=True):
    """`target`: a rule id, a fingerprint or a network id. `until`: wall time in seconds, None for good."""

    scope: MuteScope
    target: str
    until: float | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether this mute silences `finding`."""
        if self.until is not None and finding.seen.at >= self.until:
            return False
        match self.scope:
            case MuteScope.RULE:
                return finding.rule == self.target
            case MuteScope.FINDING:
                return finding.fingerprint == self.target
            case MuteScope.NETWORK:
                return finding.network is not None and finding.network.id == self.target


class Problem(Struct, frozen=True):
    """One problem over its whole life. Times are wall time in seconds; `tick` is the logic's time of the last sighting.

    `open`: not resolved. `muted`: the user does not want to hear of it. `evidence` is a mapping where the problem was read back
    from the store.
    """

    id: str
    rule: str
    severity: Severity
    network: Network | None
    interface: str
    evidence: Evidence | Mapping[str, object]
    first_seen: float
    last_seen: float
    tick: float
    count: int = 1
    open: bool = True
    muted: bool = False
    frame: int | None = None


class Decision(Struct, frozen=True):
    """What became of a finding, and the problem as it now stands. `at` is when."""

    state: State
    problem: Problem
    at: float


class Policy:
    """Keeps the problems, bounded. Pure: what was stored earlier comes in through `restore`."""

    def __init__(self, rules: Iterable[Rule], mutes: Iterable[Mute] = (), size: int = PROBLEMS) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self.mutes: list[Mute] = list(mutes)
        self._problems: BoundedMap[str, Problem] = BoundedMap(size)
        # Posture problems that were renewed since their source's last complete report.
        self._renewed: set[str] = set()
        # No open event is over before this tick; None while there is none. A bound, so that nobody has to look at all.
        self._quiet_at: float | None = None

    def __contains__(self, fingerprint: str) -> bool:
        return self.known(fingerprint) is not None

    def known(self, fingerprint: str) -> Problem | None:
        """The problem as it stands, open or over; None where it was never seen, or long ago."""
        return self._problems.get(fingerprint, 0.0)

    def restore(self, problem: Problem) -> None:
        """Take back a problem from an earlier run; its `tick` is of this run's clock."""
        self._keep(problem)

    def problems(self) -> list[Problem]:
        """All that is open, muted ones included, oldest sighting first."""
        return [problem for problem in self._problems.values() if problem.open]

    def decide(self, finding: Finding) -> Decision:
        """Compare one finding with what is known, and remember it."""
        fingerprint = finding.fingerprint
        known = self._problems.get(fingerprint, finding.seen.tick)
        posture = self._rules[finding.rule].kind is Kind.POSTURE
        if posture:
            self._renewed.add(fingerprint)
        muted = any(mute.covers(finding) for mute in self.mutes)
        problem = Problem(
            id=fingerprint,
            rule=finding.rule,
            severity=finding.severity,
            network=finding.network,
            interface=finding.seen.interface,
            evidence=finding.evidence,
            first_seen=finding.seen.at,
            last_seen=finding.seen.at,
            tick=finding.seen.tick,
            muted=muted,
            frame=finding.seen.frame,
        )
        state = State.NEW
        if known is not None:
            # A posture seen again in the next round is the same sighting; an event is one more.
            again = 0 if posture and known.open else 1
            state = State.REPEAT if known.open else State.NEW
            if known.open and finding.severity > known.severity:
                state = State.ESCALATED
            problem = replace(
                problem,
                first_seen=known.first_seen,
                last_seen=max(known.last_seen, finding.seen.at),
                tick=max(known.tick, finding.seen.tick),
                count=known.count + again,
            )
            if not posture and known.open and finding.severity < known.severity:
                # The worst that happened is what the person should read.
                problem = replace(problem, severity=known.severity, evidence=known.evidence, frame=known.frame)
            # A mute that ended while the problem stayed open makes it news.
            if known.open and known.muted and not muted:
                state = State.NEW
        self._keep(problem)
        return Decision(State.SUPPRESSED if muted else state, problem, finding.seen.at)

    def clear(self, cleared: Cleared) -> Decision | None:
        """A rule says that the problem is over; None where nothing was open."""
        return self._resolve(cleared.fingerprint, cleared.seen)

    def source_done(self, done: SourceDone) -> list[Decision]:
        """A complete report resolves what it did not renew; an incomplete one resolves nothing."""
        mine = {rule.id for rule in self._rules.values() if rule.kind is Kind.POSTURE and rule.source == done.source}
        out: list[Decision] = []
        if done.ok:
            stale = [p.id for p in self.problems() if p.rule in mine and p.id not in self._renewed]
            out = [decision for id in stale if (decision := self._resolve(id, done.seen))]
        # The next report starts anew. Renewals of an incomplete one say nothing about what was left out.
        self._renewed = {
            id
            for id in self._renewed
            if (p := self._problems.get(id, done.seen.tick)) is not None and p.rule not in mine
        }
        return out

    def expire(self, seen: Seen) -> list[Decision]:
        """Events that did not repeat for a while are over."""
        if self._quiet_at is None or seen.tick <= self._quiet_at:
            return []
        events = [problem for problem in self.problems() if self._is_event(problem)]
        quiet = [problem for problem in events if seen.tick - problem.tick > EVENT_OPEN_FOR]
        rest = [problem.tick for problem in events if seen.tick - problem.tick <= EVENT_OPEN_FOR]
        self._quiet_at = min(rest) + EVENT_OPEN_FOR if rest else None
        return [decision for problem in quiet if (decision := self._resolve(problem.id, seen))]

    def deadline(self) -> float | None:
        """The tick after which `expire` may have something to tell."""
        return self._quiet_at

    def remute(self, mutes: Iterable[Mute], at: float) -> None:
        """Replace the mutes, and apply them to what is open."""
        self.mutes = list(mutes)
        for problem in self.problems():
            probe = Finding(problem.rule, Seen(at, problem.tick, problem.network), (), problem.severity, Evidence())
            muted = any(
                mute.target == problem.id and (mute.until is None or at < mute.until)
                if mute.scope is MuteScope.FINDING
                else mute.covers(probe)
                for mute in self.mutes
            )
            if muted != problem.muted:
                self._problems.put(problem.id, replace(problem, muted=muted), problem.tick)

    def forget(self, network_id: str | None = None) -> None:
        """Drop the problems of one network, or all, without a word: their record was erased."""
        for fingerprint, problem in list(self._problems.items()):
            if network_id is None or (problem.network is not None and problem.network.id == network_id):
                self._problems.pop(fingerprint)
                self._renewed.discard(fingerprint)

    def forget_span(self, since: float, until: float) -> None:
        """Drop what is known to have happened in [since, until), wall time, without a word: its record was erased."""
        for fingerprint, problem in list(self._problems.items()):
            if any(since <= at < until for at in (problem.first_seen, problem.last_seen)):
                self._problems.pop(fingerprint)
                self._renewed.discard(fingerprint)

    def _keep(self, problem: Problem) -> None:
        self._problems.put(problem.id, problem, problem.tick)
        if problem.open and self._is_event(problem):
            due = problem.tick + EVENT_OPEN_FOR
            self._quiet_at = due if self._quiet_at is None else min(due, self._quiet_at)

    def _is_event(self, problem: Problem) -> bool:
        rule = self._rules.get(problem.rule)
        return rule is not None and rule.kind is Kind.EVENT

    def _resolve(self, fingerprint: str, seen: Seen) -> Decision | None:
        known = self._problems.get(fingerprint, seen.tick)
        if known is None or not known.open:
            return None
        over = replace(known, open=False)
        self._problems.put(fingerprint, over, seen.tick)
        self._renewed.discard(fingerprint)
        return Decision(State.RESOLVED, over, seen.at)
