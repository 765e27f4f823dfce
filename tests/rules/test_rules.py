"""Every rule, by the form that all rules share."""

from __future__ import annotations

import string

import pytest

from wifiguard.core.engine import Engine
from wifiguard.core.rule import Example, Finding, Kind
from wifiguard.core.wording import words
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import RuleFile, rule_files

CASES = [(file, example) for file in rule_files().values() for example in file.examples()]


def findings(file: RuleFile, example: Example) -> list[Finding]:
    engine = Engine([file.make(Catalogue())])
    out = [output for obs in example.observations for output in engine.observe(obs)] + engine.finish()
    assert engine.disabled == {}
    return [output for output in out if isinstance(output, Finding)]


@pytest.mark.parametrize(("file", "example"), CASES, ids=[f"{file.rule.id}: {example.name}" for file, example in CASES])
def test_example(file: RuleFile, example: Example) -> None:
    assert tuple((found.severity, found.evidence) for found in findings(file, example)) == example.expected


@pytest.mark.parametrize("file", rule_files().values(), ids=list(rule_files()))
def test_form(file: RuleFile) -> None:
    rule = file.rule
    examples = list(file.examples())
    assert len({example.name for example in examples}) == len(examples)
    assert any(not example.expected for example in examples), "no example stays silent"
    fired = {severity for example in examples for severity, _ in example.expected}
    assert fired == set(rule.severities), "every severity fires in some example, and no other"
    assert list(rule.severities) == sorted(rule.severities, reverse=True), "texts stand worst first"
    assert (rule.kind is Kind.POSTURE) == bool(rule.source)
    assert file.sections()[""].endswith(".")
    assert rule.id == rule.id.lower()
    assert file.module.__name__.rsplit(".", 1)[1] == rule.id.replace("-", "_")


@pytest.mark.parametrize("file", rule_files().values(), ids=list(rule_files()))
def test_texts_format_with_their_evidence_and_keep_their_length(file: RuleFile) -> None:
    names = set(file.evidence.__struct_fields__)
    for text in file.rule.texts.values():
        assert len(text.title) < 45
        assert "!" not in text.title + text.why + "".join(text.advice)
        assert text.advice
        for template in (text.title, text.why, *text.advice):
            assert {field for _, field, _, _ in string.Formatter().parse(template) if field} <= names
    for example in file.examples():
        for severity, evidence in example.expected:
            said = words(file.rule, severity, evidence)
            assert "{" not in "".join((said.title, said.why, *said.advice))
