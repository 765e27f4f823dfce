"""Imports run one way. The table below is docs/architecture.md's picture as a check."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "wifiguard"

MAY_IMPORT = {
    "core": set(),
    "names": {"core"},
    "decode": {"core"},
    "streams": {"core", "decode", "names"},
    "rules": {"core", "names"},
    "sources": {"core", "decode", "names", "streams"},
    "actions": {"core", "decode", "names", "streams"},
    "store": {"core"},
    "report": {"core", "names"},
    "daemon": {"core", "decode", "names", "streams", "rules", "sources", "actions", "store", "report"},
    "agent": {"core", "daemon", "rules", "names"},
    "cli": {"core", "names", "rules", "actions", "store", "report", "daemon", "agent"},
}
PURE = ("core", "names", "decode", "streams", "rules")
# Third-party modules that do no I/O.
PURE_MAY_USE = {
    "msgspec",
    "publicsuffixlist",
    "idna",
    "confusable_homoglyphs",
    "rapidfuzz",
    "cryptography",
    "stdnum",
    "phonenumbers",
}
IMPURE_STANDARD = {
    "socket",
    "os",
    "subprocess",
    "asyncio",
    "time",
    "selectors",
    "threading",
    "urllib",
    "http",
    "shutil",
    "signal",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(str(node.module))
    return names


def files() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE]


def test_the_table_names_every_room() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms == {room for room in MAY_IMPORT if (PACKAGE / room / "__init__.py").exists()}


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "wifiguard" and len(parts) > 1 and parts[1] != room:
            assert parts[1] in MAY_IMPORT[room], f"{room} must not import {name}"
        if room in PURE and parts[0] != "wifiguard":
            standard = parts[0] in sys.stdlib_module_names and parts[0] not in IMPURE_STANDARD
            assert standard or parts[0] in PURE_MAY_USE, f"{room} is pure and must not import {name}"


def test_the_command_line_never_imports_capture() -> None:
    for path in (PACKAGE / "cli").rglob("*.py"):
        assert not any(name.startswith(("wifiguard.sources", "cypcap", "scapy")) for name in imported(path)), path
