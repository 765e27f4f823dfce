"""The rules, one file each. They are found by walking this package: a new file is a new rule, nothing else is edited."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import TypeVar

from msgspec import Struct

import wifiguard.rules
from wifiguard.core.rule import Detector, Evidence, Example, Rule
from wifiguard.core.text import N_
from wifiguard.names.catalogue import Catalogue

T = TypeVar("T")
SECTIONS = (N_("What it means"), N_("Why it matters"), N_("What to do"), N_("False alarms"), N_("Limits"))


class RuleFile(Struct, frozen=True):
    """One rule with all that its file holds. `config`: the class of its options, None where it has none."""

    rule: Rule
    detector: type[Detector]
    evidence: type[Evidence]
    config: type | None
    module: ModuleType

    @property
    def group(self) -> str:
        """wifi, lan, traffic or host."""
        return self.module.__name__.split(".")[2]

    def make(self, catalogue: Catalogue, config: object | None = None) -> Detector:
        """A fresh detector; it is given what its constructor names: the catalogue, and its options (default: as written)."""
        wanted = inspect.signature(self.detector).parameters
        given: dict[str, object] = {}
        if "catalogue" in wanted:
            given["catalogue"] = catalogue
        if "config" in wanted and config is not None:
            given["config"] = config
        return self.detector(**given)

    def examples(self) -> Iterator[Example]:
        """The named cases of the file."""
        yield from self.module.examples()

    def sections(self) -> dict[str, str]:
        """The module's docstring by section. Raises ValueError where a section is missing, empty or out of order."""
        return sections(inspect.getdoc(self.module) or "")

    def paragraph(self, section: str) -> str:
        """A section in one line: what is translated as a whole."""
        return " ".join(self.sections()[section].split())


@cache
def rule_files() -> Mapping[str, RuleFile]:
    """Every rule by its id, in the order of the ids. Raises ValueError on a file that breaks the form."""
    found: dict[str, RuleFile] = {}
    for info in pkgutil.walk_packages(wifiguard.rules.__path__, "wifiguard.rules."):
        if info.ispkg:
            continue
        file = _read(importlib.import_module(info.name))
        if file.rule.id in found:
            raise ValueError(f"two files hold the rule {file.rule.id}")
        found[file.rule.id] = file
    return MappingProxyType(dict(sorted(found.items())))


def sections(docstring: str) -> dict[str, str]:
    """Split a rule's docstring at its fixed headings, each alone on a line. The first line is the summary, key ""."""
    out: dict[str, list[str]] = {"": []}
    current = ""
    for line in docstring.splitlines():
        if line in SECTIONS:
            current = line
            out[current] = []
        else:
            out[current].append(line)
    parts = {name: "\n".join(lines).strip() for name, lines in out.items()}
    if tuple(parts) != ("", *SECTIONS) or not all(parts.values()):
        raise ValueError(
            f"a rule's docstring has a summary and then the sections {', '.join(SECTIONS)}; found: {list(parts)}"
        )
    return parts


def _read(module: ModuleType) -> RuleFile:
    detector = _only(module, Detector)
    return RuleFile(detector.rule, detector, _only(module, Evidence), getattr(module, "Config", None), module)


def _only(module: ModuleType, base: type[T]) -> type[T]:
    mine = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    if len(mine) != 1:
        raise ValueError(
            f"{module.__name__} holds {len(mine)} classes of kind {base.__name__}; a rule's file holds one"
        )
    return mine[0]
