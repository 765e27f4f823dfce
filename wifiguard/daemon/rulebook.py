"""The rules as the settings want them: fresh detectors, their descriptions, their findings in words."""

from __future__ import annotations

from collections.abc import Iterable

from wifiguard.core.policy import Decision
from wifiguard.core.rule import Detector, Rule
from wifiguard.core.severity import Severity
from wifiguard.core.verdict import Answer, Verdict
from wifiguard.daemon.config import Settings, catalogue_lines
from wifiguard.daemon.lines import Line, decision_line
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files


class Rulebook:
    """Raises ConfigError where a list of the user's own names cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalogue = Catalogue(settings.catalogue.extra, catalogue_lines(settings))
        self.rules: dict[str, Rule] = {id: file.rule for id, file in rule_files().items()}

    def detectors(self) -> list[Detector]:
        """A fresh detector of every rule that is on."""
        settings = self.settings
        return [
            file.make(self.catalogue, settings.rules.get(id))
            for id, file in rule_files().items()
            if id not in settings.off
        ]

    def line(self, decision: Decision) -> Line:
        """The `finding` line of a decision."""
        return decision_line(self.rules, decision)

    def verdict(self, severities: Iterable[Severity]) -> Verdict:
        """The answer that findings of these severities give: for captures, where nothing else is known."""
        worst = max(severities, default=Severity.INFO)
        answer = Answer.NO if worst >= Severity.HIGH else Answer.WITH_CARE if worst == Severity.MEDIUM else Answer.YES
        return Verdict(answer)
