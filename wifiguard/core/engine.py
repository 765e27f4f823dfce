"""Runs rules over observations: the same code live, in a scan and in replay.

Time comes only from observations (and from `advance`, which the daemon calls when a deadline passed in silence).
"""

from __future__ import annotations

from collections.abc import Iterable

from wifiguard.core.observation import Observation
from wifiguard.core.rule import Detector, NotChecked, Output


class Engine:
    """Dispatches observations by type to detectors, fires due timers in deadline order before the next observation.

    A detector that raises is taken out, said once as `NotChecked`, and the others go on; `disabled` holds why. Its deadline is
    asked for after it ran, since nothing else can move it.
    """

    def __init__(self, detectors: Iterable[Detector]) -> None:
        self.detectors = list(detectors)
        self.disabled: dict[str, str] = {}
        self.now = float("-inf")
        self._by_type: dict[type[Observation], list[Detector]] = {}
        for detector in self.detectors:
            for kind in detector.inputs:
                self._by_type.setdefault(kind, []).append(detector)
        # Only these can ever have a deadline; the rest need not be asked.
        self._deadlines = {d: d.deadline() for d in self.detectors if type(d).deadline is not Detector.deadline}
        self._next: tuple[float, Detector] | None = None
        self._choose_next()

    def wants(self, kind: type[Observation]) -> bool:
        """Whether any rule listens to this kind."""
        return bool(self._by_type.get(kind))

    def observe(self, obs: Observation) -> list[Output]:
        """Fire the timers that are due at the observation's tick, then hand it to its rules."""
        tick = obs.seen.tick
        out: list[Output] = []
        if self._next is not None and tick >= self._next[0]:
            out = self.advance(tick)
        elif tick > self.now:
            self.now = tick
        deadlines = self._deadlines
        for detector in self._by_type.get(type(obs), ()):
            try:
                out.extend(detector.observe(obs))
                if detector in deadlines and (when := detector.deadline()) != deadlines[detector]:
                    self._move(detector, when)
            except Exception as error:  # noqa: BLE001 - one rule's defect must not silence the others; it is said
                self._disable(detector, type(error).__name__, out)
        return out

    def advance(self, tick: float) -> list[Output]:
        """Fire every timer due at or before `tick`, earliest deadline first. A tick in the past fires nothing."""
        out: list[Output] = []
        if tick < self.now:
            return out
        # A detector whose on_time does not move its own deadline would hold everybody up for ever.
        stuck: dict[Detector, float] = {}
        while (due := self._next) is not None and due[0] <= tick:
            when, detector = due
            if stuck.get(detector) == when:
                self._disable(detector, f"its deadline {when} does not move", out)
                continue
            stuck[detector] = when
            self.now = max(self.now, when)
            try:
                out.extend(detector.on_time(when))
                self._move(detector, detector.deadline())
            except Exception as error:  # noqa: BLE001 - as above
                self._disable(detector, type(error).__name__, out)
        self.now = tick
        return out

    def deadline(self) -> float | None:
        """The earliest tick at which a rule wants to be woken."""
        return None if self._next is None else self._next[0]

    def finish(self) -> list[Output]:
        """Let every pending deadline pass, as if the world fell silent: for the end of a replay or of a scan."""
        out: list[Output] = []
        for _ in range(1000):
            if self._next is None:
                break
            out += self.advance(max(self._next[0], self.now))
        return out

    def _choose_next(self) -> None:
        best: tuple[float, Detector] | None = None
        for detector, when in self._deadlines.items():
            if when is not None and (best is None or when < best[0]):
                best = (when, detector)
        self._next = best

    def _move(self, detector: Detector, when: float | None) -> None:
        self._deadlines[detector] = when
        self._choose_next()

    def _disable(self, detector: Detector, why: str, out: list[Output]) -> None:
        rule = detector.rule.id
        self.disabled[rule] = why
        self._deadlines.pop(detector, None)
        self._choose_next()
        for kind in detector.inputs:
            self._by_type[kind] = [d for d in self._by_type[kind] if d is not detector]
        out.append(
            NotChecked(
                what=rule,
                reason=f"a defect in this rule stopped it ({why})",
                mend="report it with the output of `wifiguard selftest`; a restart tries the rule again",
            )
        )
