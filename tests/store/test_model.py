"""The log beside a model of it: any order of recording, resolving, trusting, forgetting, closing and opening."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from tests.store.making import DAY, HOME, HOTEL, NOW, decision, problem, stored
from wifiguard.core.network import Network
from wifiguard.core.policy import Problem, State
from wifiguard.core.severity import Severity
from wifiguard.store import Store

# A fingerprint is a hash over its network too: the same id never comes from two networks.
WHERE = {f"{n:x}" * 16: (None, HOME, HOTEL)[n % 3] for n in range(6)}


class Log(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="wifiguard-test-")
        self.path = Path(self.folder.name, "log", "wifiguard.db")
        self.now = NOW
        self.problems: dict[str, Problem] = {}
        self.stories: dict[str, list[State]] = {}
        self.trusted: set[str] = set()
        self.store = Store.open(self.path, now=self.now)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(
        batch=st.lists(
            st.tuples(
                st.sampled_from(sorted(WHERE)),
                st.sampled_from(list(State)),
                st.sampled_from(list(Severity)),
                st.booleans(),
                st.booleans(),
                st.dictionaries(st.text(max_size=3), st.integers(-(2**60), 2**60) | st.text(max_size=5), max_size=2),
            ),
            max_size=4,
        )
    )
    def record(self, batch: list[tuple[str, State, Severity, bool, bool, dict[str, object]]]) -> None:
        decisions = []
        for id, state, severity, open, muted, evidence in batch:
            self.now += 1
            count = self.problems[id].count + 1 if id in self.problems else 1
            made = problem(
                id,
                network=WHERE[id],
                severity=severity,
                evidence=evidence,
                first_seen=self.now,
                count=count,
                open=open,
                muted=muted,
            )
            decisions.append(decision(state, made))
            self.problems[id] = made
            story = self.stories.setdefault(id, [])
            if state is not State.REPEAT and (state, story[-1:]) != (State.SUPPRESSED, [State.SUPPRESSED]):
                story.append(state)
        self.store.record(decisions)

    @rule(network=st.sampled_from([HOME, HOTEL]), yes=st.booleans())
    def trust(self, network: Network, yes: bool) -> None:
        self.now += 1
        if yes:
            self.store.trust(network, self.now)
            self.trusted.add(network.id)
        else:
            self.store.distrust(network.id)
            self.trusted.discard(network.id)

    @rule(network=st.sampled_from([HOME, HOTEL]))
    def erase(self, network: Network) -> None:
        gone = [id for id, made in self.problems.items() if made.network is not None and made.network.id == network.id]
        assert self.store.erase(network=network.id) == len(gone)
        for id in gone:
            del self.problems[id], self.stories[id]
        self.trusted.discard(network.id)

    @rule(seconds=st.integers(0, 20))
    def prune(self, seconds: int) -> None:
        gone = [id for id, made in self.problems.items() if made.last_seen < self.now - seconds]
        assert self.store.prune(self.now, seconds / DAY) == len(gone)
        for id in gone:
            del self.problems[id], self.stories[id]

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(self.path, now=self.now)
        assert self.store.recovered is None

    @invariant()
    def agrees(self) -> None:
        expected = [self.expected(made) for made in self.problems.values()]
        expected.sort(key=lambda made: (made.last_seen, made.id))
        assert list(self.store.problems()) == expected
        assert self.store.open_problems() == [made for made in expected if made.open]
        for id, story in self.stories.items():
            assert [state for _, state, _ in self.store.timeline(id)] == story
        kept = {made.network.id for made in self.problems.values() if made.network} | self.trusted
        assert {known.id for known in self.store.networks()} == kept
        assert {known.id for known in self.store.networks() if known.trusted_since is not None} == self.trusted

    def expected(self, made: Problem) -> Problem:
        network = made.network
        if network is not None:
            trusted = network.id in self.trusted
            network = replace(network, trusted=trusted, bssid=network.bssid if trusted else None)
        assert isinstance(made.evidence, dict)
        return stored(made, made.evidence, network)


Log.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLog = Log.TestCase
