"""What a rule is: its description, the findings and requests it yields, and the class that detects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from wifiguard.core.messages import Flow
from wifiguard.core.network import Network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.severity import Severity


class Kind(StrEnum):
    """EVENT: something happened. POSTURE: something is so, until its source reports completely without it."""

    EVENT = "event"
    POSTURE = "posture"


class Text(Struct, frozen=True):
    """What a person is told: what happened (under 45 characters), why it matters, what to do now.

    Each is a translatable template; `{name}` is filled from the finding's evidence, made visible first.
    """

    title: str
    why: str
    advice: tuple[str, ...]


class Rule(Struct, frozen=True):
    """A rule's description. `texts` holds one text for every severity that it uses, worst first.

    `source` names the source whose complete report resolves a posture finding (EVENT rules: empty). `references`: standards
    and further reading. `since`: the version that brought it.
    """

    id: str
    kind: Kind
    texts: Mapping[Severity, Text]
    source: str = ""
    references: tuple[str, ...] = ()
    since: str = "0.1"

    @property
    def title(self) -> str:
        """The title of the worst case, for lists of rules."""
        return next(iter(self.texts.values())).title

    @property
    def severities(self) -> tuple[Severity, ...]:
        return tuple(self.texts)


class Evidence(Struct, frozen=True):
    """Base of every rule's evidence: small, typed, without payload (docs/privacy.md). Field names are the schema."""


class Finding(Struct, frozen=True):
    """A rule's result. `key` is what makes it the same problem: no time, no count, nothing that an attacker varies for free.

    `flow`: the conversation that showed it. Live, the program that holds it is named in the evidence's field `program`, if it
    has one.
    """

    rule: str
    seen: Seen
    key: tuple[str, ...]
    severity: Severity
    evidence: Evidence
    flow: Flow | None = None

    @property
    def network(self) -> Network | None:
        return self.seen.network

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that name the problem: the rule, the network and the key."""
        return fingerprint(self.rule, self.seen.network.id if self.seen.network else "", self.key)


class Cleared(Struct, frozen=True):
    """The rule saw that the problem is over."""

    rule: str
    seen: Seen
    key: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.rule, self.seen.network.id if self.seen.network else "", self.key)


class AskProbe(Struct, frozen=True):
    """Ask the world: the pipeline hands it to actions/, the answer returns as a `ProbeAnswer`."""

    rule: str
    probe: str
    seen: Seen
    question: tuple[tuple[str, str], ...] = ()


class Remember(Struct, frozen=True):
    """Keep `value` with the network; it returns as `Remembered` when that network is joined again."""

    rule: str
    network: Network
    key: str
    value: str


class NotChecked(Struct, frozen=True):
    """Something could not be checked, and why. `mend`: a command or sentence, None where nothing helps."""

    what: str
    reason: str
    mend: str | None = None
    essential: bool = False


Output = Finding | Cleared | AskProbe | Remember | NotChecked


class Detector:
    """Base of the class that every rule's file holds. Pure: facts in, outputs out; time only from what it is given.

    A subclass sets `rule`, `inputs` and, where it has options, a frozen struct `Config` with defaults.
    """

    rule: ClassVar[Rule]
    inputs: ClassVar[tuple[type[Observation], ...]]

    def observe(self, obs: Observation) -> Iterable[Output]:
        """Take one observation of a kind in `inputs`."""
        raise NotImplementedError

    def deadline(self) -> float | None:
        """The tick at which `on_time` wants to be called next, None for never."""
        return None

    def on_time(self, due: float) -> Iterable[Output]:
        """The deadline `due` has come. Afterwards `deadline()` is later than `due`, or None."""
        return ()

    def found(self, obs: Observation, severity: Severity, key: Iterable[str], evidence: Evidence) -> Finding:
        """A finding of this rule, seen where and when `obs` was, in its conversation if it is of one."""
        flow = getattr(obs, "flow", None)
        return Finding(self.rule.id, obs.seen, tuple(key), severity, evidence, flow if isinstance(flow, Flow) else None)


class Example(Struct, frozen=True):
    """A named case of a rule: observations in, findings out as (severity, evidence). `selftest` runs it too."""

    name: str
    observations: tuple[Observation, ...]
    expected: tuple[tuple[Severity, Evidence], ...] = ()


def fingerprint(rule: str, network_id: str, key: tuple[str, ...]) -> str:
    """16 hexadecimal digits of a hash over the parts, each with its length, so that no two splits collide."""
    digest = hashlib.sha256()
    for part in (rule, network_id, *key):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.hexdigest()[:16]
