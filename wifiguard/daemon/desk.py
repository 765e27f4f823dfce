"""What people can ask and decide: the same desk behind the control socket and, where no service runs, behind the log file."""

from __future__ import annotations

import heapq
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from wifiguard.core.network import Network
from wifiguard.core.policy import Mute, MuteScope, Problem, State
from wifiguard.core.rule import NotChecked, Rule
from wifiguard.core.severity import Severity
from wifiguard.core.text import visible
from wifiguard.core.verdict import Verdict
from wifiguard.daemon.lines import (
    Line,
    finding_line,
    instant,
    network_object,
    not_checked_line,
    state_of,
    station_line,
)
from wifiguard.store import KnownNetwork, Store

if TYPE_CHECKING:  # a reading command never loads what only the monitor needs
    from wifiguard.daemon.agents import Agents
    from wifiguard.daemon.monitor import Monitor

LIMIT = 10_000
_ID = re.compile(r"[0-9a-f]{4,16}\Z")


class Unclear(Exception):
    """A request that cannot be carried out as it stands; the text says what would help."""


class Desk(Struct, frozen=True):
    """Answers requests from the store and, where there is one, the running monitor. `now` is the wall clock."""

    store: Store
    rules: Mapping[str, Rule]
    now: Callable[[], float]
    monitor: Monitor | None = None
    started: float = 0.0
    agents: Agents | None = None

    # -- questions

    def status(self) -> Line:
        """The running monitor's whole state. Only with a monitor."""
        return self._status()

    async def look(self) -> Line:
        """The same, after a fresh look at what does not announce its changes; what was not looked at in time is said."""
        assert self.monitor is not None
        return self._status(await self.monitor.looked())

    def problems(self) -> Iterator[Line]:
        """What is open on the present networks: where an agent begins."""
        assert self.monitor is not None
        for problem in self._present(self.monitor.pipeline.policy.problems()):
            yield self._line(problem)

    def log(
        self,
        since: float | None = None,
        severity: str | None = None,
        rule: str | None = None,
        network: str | None = None,
        state: str | None = None,
        limit: int = LIMIT,
    ) -> Iterator[Line]:
        """Stored findings, newest last. `network`: an id or a name."""
        if rule is not None and rule not in self.rules:
            raise Unclear(f"no rule is called {visible(rule)}; `wifiguard explain` lists them")
        if limit < 1:
            raise Unclear("a limit is at least 1")
        try:
            least = Severity.parse(severity) if severity is not None else None
            wanted = State(state) if state is not None else None
        except ValueError as error:
            raise Unclear(str(error)) from error
        # A name may stand for several networks: one that changed its protection is another one.
        ids = [None] if network is None else [known.id for known in self._named(network)]
        if network is not None and not ids:
            raise Unclear(_no_network(network))
        found: Iterable[Problem] = heapq.merge(
            *(
                self.store.problems(
                    since=since, severity_at_least=least, rule=rule, network=id, state=wanted, limit=limit
                )
                for id in ids
            ),
            key=lambda problem: (problem.last_seen, problem.id),
        )
        # A long log must not be held in memory, and must not hold up the monitor: it is read while it is sent.
        for problem in deque(found, limit) if len(ids) > 1 else found:
            yield self._line(problem)

    def show(self, id: str) -> Line:
        """One finding with its timeline. `id`: its fingerprint or a beginning of at least four digits."""
        problem = self._problem(id)
        timeline = [
            {"at": instant(at), "state": str(state), "severity": str(severity)}
            for at, state, severity in self.store.timeline(problem.id)
        ]
        return {**self._line(problem), "timeline": timeline}

    def networks(self) -> Iterator[Line]:
        """Known networks, and the present ones marked."""
        present = self.monitor.pipeline.whereabouts.networks() if self.monitor else {}
        here = {network.id: (interface, network) for interface, network in present.items()}
        listed: set[str] = set()
        for known in self.store.networks():
            listed.add(known.id)
            yield self._known(known, here.get(known.id, (None, None))[0])
        for id, (interface, network) in here.items():
            if id not in listed:
                yield self._present_network(network, interface)

    def identity(self, network: str) -> Line:
        """A known network with what rules learned of it, by which it is recognised. `network`: an id or a name."""
        chosen = self._choose(network)
        known = next((each for each in self.store.networks() if each.id == chosen.id), None)
        line = self._present_network(chosen, None) if known is None else self._known(known, None)
        learned = [{"rule": rule, "key": key, "value": value} for rule, key, value in self.store.recall(chosen.id)]
        return {**line, "learned": learned}

    def mutes(self) -> Iterator[Line]:
        """What is muted."""
        for mute in self.store.mutes():
            yield {
                "schema": 1,
                "type": "mute",
                "scope": str(mute.scope),
                "target": mute.target,
                "until": None if mute.until is None else instant(mute.until),
            }

    # -- decisions

    def trust(self, network: str | None = None) -> Line:
        """Trust a network by id or name; None: the one that the laptop is on."""
        chosen = self._choose(network)
        self.store.trust(chosen, self.now())
        return self._trusted(chosen, True)

    def distrust(self, network: str | None = None) -> Line:
        """No longer trust it."""
        chosen = self._choose(network)
        self.store.distrust(chosen.id)
        return self._trusted(chosen, False)

    def forget(self, network: str) -> Line:
        """Erase a network, what was learned of it, and its place in findings."""
        chosen = self._choose(network)
        try:
            self.store.forget(chosen.id)
        finally:
            self._erased(chosen.id)
        return {"schema": 1, "type": "forgotten", "name": chosen.name}

    def erase(self, network: str | None = None, since: float | None = None, until: float | None = None) -> Line:
        """Erase one network (by id or name), or what happened in [since, until), or, with none of these, everything."""
        id = None if network is None else self._choose(network).id
        try:
            erased = self.store.erase(network=id, since=since, until=until)
        finally:
            self._erased(id, since, until)
        return {"schema": 1, "type": "erased", "findings": erased}

    def mute(self, target: str, seconds: float | None = None) -> Line:
        """Keep quiet about a rule, a finding (id) or a network (id or name). `seconds` None: for good."""
        if target in self.rules:
            scope = MuteScope.RULE
        elif _ID.match(target) and (found := self.store.find(target)):
            scope, target = MuteScope.FINDING, self._only(found, target).id
        elif known := self._named(target):
            scope, target = MuteScope.NETWORK, known[0].id
        else:
            raise Unclear(
                f"{visible(target)} is no rule, finding or network: `wifiguard explain`, `wifiguard log -v` and "
                "`wifiguard networks` list them"
            )
        until = None if seconds is None else self.now() + seconds
        self.store.mute(Mute(scope, target, until))
        if self.monitor is not None:
            self.monitor.mutes_changed()
        return {
            "schema": 1,
            "type": "mute",
            "scope": str(scope),
            "target": target,
            "until": None if until is None else instant(until),
        }

    def unmute(self, target: str) -> Line:
        """Speak again about `target`."""
        ids = [target, *(known.id for known in self._named(target)), *(p.id for p in self._found(target))]
        mine = [mute for mute in self.store.mutes() if mute.target in ids]
        if not mine:
            raise Unclear(f"{visible(target)} is not muted; `wifiguard mute --list` shows what is")
        for mute in mine:
            self.store.unmute(mute.target)
        if self.monitor is not None:
            self.monitor.mutes_changed()
        return {"schema": 1, "type": "unmuted", "target": mine[0].target}

    # -- inside

    def _status(self, late: Sequence[NotChecked] = ()) -> Line:
        monitor = self.monitor
        assert monitor is not None
        pipeline = monitor.pipeline
        judged = pipeline.verdict()
        not_checked = [*monitor.not_checked(), *late]
        where = pipeline.whereabouts
        routes = where.default_routes()
        return {
            "schema": 1,
            "type": "status",
            "pid": os.getpid(),
            "since": instant(self.started),
            "verdict": str(judged.answer),
            "because": because(self.rules, judged),
            "networks": [
                {
                    "interface": name,
                    **(network_object(network) or {}),
                    **station_line(monitor.wifi.station(name)),
                    "default_route": name in routes.values(),
                }
                for name, network in where.networks().items()
            ],
            "interfaces": [
                {"name": visible(link.name), "kind": str(link.kind), "up": link.up} for link in where.links()
            ],
            "default_routes": {f"ipv{family}": visible(name) for family, name in routes.items()},
            "problems": [self._line(problem) for problem in self._present(pipeline.policy.problems())],
            "sources": [
                {"name": done.source, "ok": done.ok, "reason": done.reason or None}
                for done in pipeline.sources.values()
            ],
            "traffic": monitor.capture.status(),
            "protocols": monitor.capture.protocols(),
            "not_checked": [not_checked_line(item) for item in not_checked],
            "rules_stopped": dict(pipeline.engine.disabled),
            "agents": self.agents.present(monitor.clock.tick()) if self.agents else {},
        }

    def _erased(self, network: str | None, since: float | None = None, until: float | None = None) -> None:
        """Let the monitor forget it too. Where erasing failed, it may be gone all the same: what the store has decides."""
        if self.monitor is None:
            return
        pipeline = self.monitor.pipeline
        if network is None and (since is not None or until is not None):
            pipeline.forget_span(since or 0.0, float("inf") if until is None else until)
        else:
            pipeline.forget(network)
        pipeline.restore_all(self.store.open_problems())
        self.monitor.mutes_changed()
        self.monitor.trust_changed()

    def _trusted(self, network: Network, trusted: bool) -> Line:
        if self.monitor is not None:
            self.monitor.trust_changed()
        return {"schema": 1, "type": "trust", "id": network.id, "name": network.name, "trusted": trusted}

    def _line(self, problem: Problem) -> Line:
        return finding_line(self.rules.get(problem.rule), problem, state_of(problem), problem.last_seen)

    def _present(self, problems: list[Problem]) -> list[Problem]:
        assert self.monitor is not None
        here = {network.id for network in self.monitor.pipeline.whereabouts.networks().values()}
        mine = [p for p in problems if p.network is None or p.network.id in here]
        return sorted(mine, key=lambda p: (-p.severity, p.first_seen))

    def _problem(self, id: str) -> Problem:
        found = self._found(id)
        if not found:
            raise Unclear(f"no finding has the id {visible(id)}; `wifiguard log -v` shows the ids")
        return self._only(found, id)

    def _found(self, id: str) -> list[Problem]:
        return self.store.find(id) if _ID.match(id) else []

    @staticmethod
    def _only(found: list[Problem], id: str) -> Problem:
        if len(found) > 1:
            raise Unclear(f"{len(found)} findings begin with {id}: give more digits")
        return found[0]

    def _named(self, name: str) -> list[KnownNetwork]:
        return [known for known in self.store.networks() if name in (known.id, known.name)]

    def _choose(self, name: str | None) -> Network:
        present = list(self.monitor.pipeline.whereabouts.networks().items()) if self.monitor else []
        if name is None:
            routes = self.monitor.pipeline.whereabouts.default_routes().values() if self.monitor else ()
            here = [n for i, n in present if i in routes] or [n for _, n in present]
            ids = {network.id for network in here}
            if len(ids) == 1:
                return here[0]
            if not ids:
                raise Unclear(
                    "this laptop is on no network that WiFiGuard knows; `wifiguard networks` lists the known ones, name "
                    "one of them"
                    if self.monitor
                    else "the monitor is not running, so nobody knows the present network; `wifiguard networks` lists the "
                    "known ones, name one of them"
                )
            raise Unclear(f"this laptop is on several networks: name one of {', '.join(n.name for n in here)}")
        known = [known.network for known in self._named(name)]
        chosen = {n.id: n for n in (*known, *(n for _, n in present if name in (n.id, n.name)))}
        if not chosen:
            raise Unclear(_no_network(name))
        if len(chosen) > 1:
            raise Unclear(f"several networks are called {visible(name)}: give the id, {' or '.join(chosen)}")
        return next(iter(chosen.values()))

    @staticmethod
    def _known(known: KnownNetwork, interface: str | None) -> Line:
        return {
            **Desk._present_network(known.network, interface),
            "trusted": known.trusted_since is not None,
            "trusted_since": None if known.trusted_since is None else instant(known.trusted_since),
            "first_seen": instant(known.first_seen),
            "last_seen": instant(known.last_seen),
        }

    @staticmethod
    def _present_network(network: Network, interface: str | None) -> Line:
        return {"schema": 1, "type": "network", **(network_object(network) or {}), "interface": interface}


def _no_network(name: str) -> str:
    return f"no network is called {visible(name)}; `wifiguard networks` lists the known ones"


def because(rules: Mapping[str, Rule], judged: Verdict) -> list[str]:
    """What decided the verdict, a sentence each, the worst first."""
    problems = [finding_line(rules.get(p.rule), p, state_of(p), p.last_seen) for p in judged.problems[:5]]
    unchecked = [f"{item.what} could not be checked: {item.reason}" for item in judged.unchecked[:5]]
    return list(dict.fromkeys([*(str(line["title"]) for line in problems), *unchecked]))
