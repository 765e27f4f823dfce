"""Honest networks stay silent, or say no more than information."""

from __future__ import annotations

import pytest

from tests.rules.lan.honest import SCENARIOS, Scenario
from wifiguard.core.engine import Engine
from wifiguard.core.rule import Finding
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_an_honest_network(scenario: Scenario) -> None:
    engine = Engine([file.make(Catalogue()) for file in rule_files().values() if file.group == "lan"])
    observations = sorted(scenario.observations, key=lambda obs: obs.tick)
    out = [output for obs in observations for output in engine.observe(obs)] + engine.finish()
    assert engine.disabled == {}
    told = {(found.rule, str(found.severity)) for found in out if isinstance(found, Finding)}
    assert told == set(scenario.told), scenario.source


def test_there_are_enough_of_them() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40
