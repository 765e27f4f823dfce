"""Observations in, news out: the one road that the daemon, the scan and the tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec.structs import replace

from wifiguard.core.engine import Engine
from wifiguard.core.host import CaptureLoss, LinkState, NeighbourSeen, ProbeAnswer, Remembered, RouteState, SourceDone
from wifiguard.core.lan import DhcpMessage
from wifiguard.core.messages import Flow
from wifiguard.core.network import Network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.policy import Decision, Mute, Policy, Problem, State
from wifiguard.core.rule import AskProbe, Cleared, Detector, Finding, NotChecked, Output, Remember, Rule
from wifiguard.core.text import N_, visible
from wifiguard.core.verdict import Verdict, verdict
from wifiguard.core.whereabouts import Whereabouts
from wifiguard.core.wifi import WifiAssociated, WifiLeft
from wifiguard.core.wording import fields
from wifiguard.daemon.clock import Times
from wifiguard.store.errors import StoreError

# Repeats of the same problem reach store and listeners this often at most, folded.
REPEAT_EVERY = 1.0
# Findings that wait for their network's name, at most.
PARKED = 1024
_ATTACHES = (LinkState, RouteState, NeighbourSeen, WifiAssociated, WifiLeft, DhcpMessage)
UNANSWERED = N_("there was no answer yet")


class Known(Protocol):
    """A network that is kept."""

    @property
    def network(self) -> Network: ...


class Memory(Protocol):
    """What the pipeline needs of the store."""

    def record(self, decisions: Iterable[Decision]) -> None: ...
    def problem(self, id: str) -> Problem | None: ...
    def remember(self, request: Remember) -> None: ...
    def recall(self, network_id: str) -> Iterable[tuple[str, str, str]]: ...
    def saw_network(self, network: Network, at: float) -> None: ...
    def is_trusted(self, id: str) -> bool: ...
    def networks(self) -> Iterable[Known]: ...


Ask = Callable[[AskProbe, Callable[[ProbeAnswer], None]], None]
Who = Callable[[Flow], str | None]


class Pipeline:
    """The sink of all sources.

    `news` is called with every decision after the store has it. `ask` carries out probes and calls back with the answer. `who`
    names the program that holds a conversation; it is asked about what is new or got worse. `domain` tells this laptop's own.
    `schedule` is called when work is waiting: the driver then calls `turn` soon, so that all that one turn of its loop
    brought is one transaction. `on_trouble` is told when the store fails: the news go out all the same.
    """

    def __init__(
        self,
        detectors: Iterable[Detector],
        rules: Mapping[str, Rule],
        clock: Times,
        *,
        memory: Memory | None = None,
        mutes: Iterable[Mute] = (),
        news: Callable[[Decision], None] = lambda _: None,
        ask: Ask | None = None,
        who: Who | None = None,
        domain: Callable[[], str] = lambda: "",
        schedule: Callable[[], None] = lambda: None,
        on_links: Callable[[], None] = lambda: None,
        on_trouble: Callable[[StoreError], None] = lambda _: None,
    ) -> None:
        self.rules = rules
        self.engine = Engine(detectors)
        self.policy = Policy(rules.values(), mutes)
        self.whereabouts = Whereabouts(memory.is_trusted if memory else lambda _: False, domain)
        self.sources: dict[str, SourceDone] = {}
        self.dropped: dict[str, int] = {}
        self._clock = clock
        self._memory = memory
        self._news = news
        self._ask = ask
        self._who = who
        self._schedule = schedule
        self._on_links = on_links
        self._on_trouble = on_trouble
        self._said: dict[str, NotChecked] = {}
        # Rule, probe and interface of each question to a present network → why there is no answer; "" where there is one.
        self._questions: dict[tuple[str, str, str], str] = {}
        self._parked: list[Finding] = []
        self._fresh: list[Decision] = []
        self._repeats: dict[str, Decision] = {}
        self._repeats_due: float | None = None

    # -- what sources call

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        """Here and now on `interface`; a past wall time `at` gives the tick that belongs to it."""
        now, tick = self._clock.at(), self._clock.tick()
        if at is not None:
            now, tick = at, tick - max(0.0, now - at)
        return Seen(now, tick, self.whereabouts.network(interface), interface)

    def emit(self, obs: Observation) -> None:
        """Take one observation; its consequences follow at the next `turn`."""
        if isinstance(obs, _ATTACHES):
            moved = self.whereabouts.observe(obs)
            obs = self._stamped(obs)
            self._moved(moved, obs.seen)
            if moved or isinstance(obs, LinkState | WifiAssociated | WifiLeft):
                self._on_links()
        self._take(self.engine.observe(obs))
        if isinstance(obs, SourceDone):
            self.sources[obs.source] = obs
            for decision in self.policy.source_done(obs):
                self._tell(decision)
        elif isinstance(obs, CaptureLoss):
            self.dropped[obs.interface] = self.dropped.get(obs.interface, 0) + obs.dropped
        elif isinstance(obs, ProbeAnswer) and (question := (obs.rule, obs.probe, obs.interface)) in self._questions:
            self._questions[question] = obs.failed
        self._schedule()

    # -- what the driver calls

    def turn(self) -> None:
        """Fire what is due, store what is new, then tell it."""
        tick = self._clock.tick()
        self._take(self.engine.advance(tick))
        self._moved(self.whereabouts.advance(tick), self.seen())
        self._unpark()
        for decision in self.policy.expire(self.seen()):
            self._tell(decision)
        if self._repeats_due is not None and tick >= self._repeats_due:
            self._fresh += self._repeats.values()
            self._repeats.clear()
            self._repeats_due = None
        self.flush()

    def flush(self) -> None:
        """Store and tell all that was decided."""
        fresh, self._fresh = self._fresh, []
        if not fresh:
            return
        try:
            if self._memory is not None:
                # First, so that they wait for the log whatever fails.
                self._memory.record(fresh)
                for network in {d.problem.network.id: d.problem.network for d in fresh if d.problem.network}.values():
                    self._memory.saw_network(network, fresh[-1].at)
        except StoreError as error:
            self._on_trouble(error)
        finally:
            # The person is told all the same; what went wrong with the log is said beside it.
            for decision in fresh:
                self._news(decision)

    def finish(self) -> None:
        """Let every deadline pass and tell everything: the end of a scan or of the service."""
        self._take(self.engine.finish())
        self._unpark(everything=True)
        self._fresh += self._repeats.values()
        self._repeats.clear()
        self.flush()

    def deadline(self) -> float | None:
        """The tick at which `turn` has something to do without any new observation."""
        quiet = self.policy.deadline()
        dues = (
            self.engine.deadline(),
            self.whereabouts.deadline(),
            self._repeats_due,
            None if quiet is None else quiet + 0.001,
        )
        return min((due for due in dues if due is not None), default=None)

    def restore(self, problem: Problem) -> None:
        """Take back a stored problem; its age by the wall clock becomes its age by this run's clock."""
        age = max(0.0, self._clock.at() - problem.last_seen)
        self.policy.restore(replace(problem, tick=self._clock.tick() - age))

    def restore_all(self, problems: Iterable[Problem]) -> None:
        """The same for those of them that are not known already."""
        for problem in problems:
            if problem.id not in self.policy:
                self.restore(problem)

    # -- what people decide

    def trust_changed(self) -> list[str]:
        """Ask again which networks are trusted; returns the interfaces whose answer changed."""
        return [interface for interface, _ in self.whereabouts.refresh()]

    def remute(self, mutes: Iterable[Mute]) -> None:
        """Use these mutes from now on."""
        self.policy.remute(mutes, self._clock.at())

    def forget(self, network_id: str | None = None) -> None:
        """Drop what was found on one network, or all, without a word: its record was erased, and nothing writes it anew."""
        self.policy.forget(network_id)
        self._drop(lambda network, _: network_id is None or (network is not None and network.id == network_id))

    def forget_span(self, since: float, until: float) -> None:
        """The same for what is known to have happened in [since, until), wall time."""
        self.policy.forget_span(since, until)
        self._drop(lambda _, times: any(since <= at < until for at in times))

    # -- what can be asked

    def not_checked(self, *, pending: bool = False) -> list[NotChecked]:
        """Everything that could not be checked, with reasons: failed sources and questions, stopped rules, lost packets.

        `pending`: what the network was asked and did not answer yet, too.
        """
        out = [
            NotChecked(done.source, done.reason, done.mend, done.essential)
            for done in self.sources.values()
            if not done.ok
        ]
        out += self._said.values()
        silent = {
            (rule, why) for (rule, _, _), why in self._questions.items() if why and (pending or why != UNANSWERED)
        }
        out += [NotChecked(rule, why) for rule, why in sorted(silent)]
        for interface, dropped in self.dropped.items():
            name = visible(interface)
            out.append(NotChecked("traffic", f"{dropped} packets on {name} came faster than they could be read"))
        return out

    def working(self) -> bool:
        """Whether any source told its whole state."""
        return any(done.ok for done in self.sources.values())

    def verdict(self) -> Verdict:
        """The answer to "Safe to bank here?" for the networks that the laptop is attached to."""
        here = frozenset(network.id for network in self.whereabouts.networks().values())
        return verdict(
            self.policy.problems(),
            self.not_checked(),
            networks=here,
            checked_anything=bool(here) and self.working(),
        )

    # -- inside

    def _take(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            match output:
                case Finding():
                    self._finding(output)
                case Cleared():
                    if (decision := self.policy.clear(output) or self.policy.clear(self._placed(output))) is not None:
                        self._tell(decision)
                case AskProbe():
                    self._probe(output)
                case Remember():
                    self._remember(output)
                case NotChecked():
                    self._said[output.what] = output

    def _placed(self, cleared: Cleared) -> Cleared:
        """On the network that the interface is on: what was seen before that was known has got its name since."""
        network = cleared.seen.network or self.whereabouts.network(cleared.seen.interface)
        return replace(cleared, seen=cleared.seen._replace(network=network))

    def _finding(self, finding: Finding, *, park: bool = True) -> None:
        interface = finding.seen.interface
        if finding.network is None and self.whereabouts.waits(interface):
            if park and len(self._parked) < PARKED:
                self._parked.append(finding)
                return
        elif finding.network is None and (network := self.whereabouts.network(interface)) is not None:
            finding = replace(finding, seen=finding.seen._replace(network=network))
        if finding.fingerprint not in self.policy:
            known = self._stored(finding.fingerprint)
            if known is not None:
                self.restore(known)
        self._tell(self.policy.decide(self._with_program(finding)))

    def _with_program(self, finding: Finding) -> Finding:
        """The finding with its program's name, where its evidence has a place for it and the name can be known."""
        evidence = finding.evidence
        if self._who is None or finding.flow is None or "program" not in evidence.__struct_fields__:
            return finding
        known = self.policy.known(finding.fingerprint)
        program: object
        if known is not None and known.open and finding.severity <= known.severity:
            program = fields(known.evidence).get("program")
        else:
            program = self._who(finding.flow)
        return replace(finding, evidence=replace(evidence, program=program))

    def _stored(self, fingerprint: str) -> Problem | None:
        if self._memory is None:
            return None
        try:
            return self._memory.problem(fingerprint)
        except StoreError as error:
            self._on_trouble(error)
            return None

    def _remember(self, request: Remember) -> None:
        if self._memory is None:
            return
        try:
            self._memory.remember(request)
        except StoreError as error:
            self._on_trouble(error)

    def _recalled(self, network: Network) -> Iterable[tuple[str, str, str]]:
        if self._memory is None:
            return ()
        try:
            return self._memory.recall(network.id)
        except StoreError as error:
            self._on_trouble(error)
            return ()

    def _unpark(self, *, everything: bool = False) -> None:
        parked, self._parked = self._parked, []
        for finding in parked:
            self._finding(finding, park=not everything)

    def _tell(self, decision: Decision) -> None:
        id = decision.problem.id
        if decision.state is State.REPEAT or (decision.state is State.SUPPRESSED and decision.problem.count > 1):
            self._repeats[id] = decision
            if self._repeats_due is None:
                self._repeats_due = self._clock.tick() + REPEAT_EVERY
            return
        self._repeats.pop(id, None)
        self._fresh.append(decision)

    def _drop(self, unwanted: Callable[[Network | None, tuple[float, ...]], bool]) -> None:
        """Let go of what waits, where its network and its times are `unwanted`."""

        def stays(decision: Decision) -> bool:
            problem = decision.problem
            return not unwanted(problem.network, (problem.first_seen, problem.last_seen))

        self._parked = [finding for finding in self._parked if not unwanted(finding.network, (finding.seen.at,))]
        self._fresh = [decision for decision in self._fresh if stays(decision)]
        self._repeats = {id: decision for id, decision in self._repeats.items() if stays(decision)}

    def _moved(self, moved: Iterable[tuple[str, Network | None]], seen: Seen) -> None:
        for interface, network in moved:
            self._questions = {asked: why for asked, why in self._questions.items() if asked[2] != interface}
            if network is None:
                continue
            here = seen._replace(network=network, interface=interface)
            by_rule: dict[str, list[tuple[str, str]]] = {}
            for rule, key, value in self._recalled(network):
                by_rule.setdefault(rule, []).append((key, value))
            for rule, values in by_rule.items():
                self._take(self.engine.observe(Remembered(here, rule, network, tuple(values))))

    def _probe(self, request: AskProbe) -> None:
        if self._ask is not None:
            self._questions.setdefault((request.rule, request.probe, request.seen.interface), UNANSWERED)
            self._ask(request, self.emit)
            return
        failed = ProbeAnswer(
            request.seen, request.rule, request.probe, request.question, None, "nothing here can probe"
        )
        self._take(self.engine.observe(failed))

    def _stamped(self, obs: Observation) -> Observation:
        network = self.whereabouts.network(obs.interface)
        return obs if network == obs.network else replace(obs, seen=obs.seen._replace(network=network))
