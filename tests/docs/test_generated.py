"""Generated pages and the README are in step with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.scripts import script

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return script("generate")


def test_every_generated_page_is_current(generate: ModuleType) -> None:
    assert [str(path.relative_to(ROOT)) for path in generate.stale()] == [], "run `make docs`"


def test_help_fits_80_columns_and_every_command_has_an_example(generate: ModuleType) -> None:
    page = generate.commands_page()
    assert max(len(line) for line in page.splitlines()) <= 80
    for block in re.findall(r"^## wifiguard (\w+)\n\n```\n(.*?)```", page, re.DOTALL | re.MULTILINE):
        assert "Example:" in block[1], block[0]


def test_the_table_of_commands_tells_what_their_help_tells() -> None:
    from wifiguard.cli.group import GROUPS, Commands

    group = Commands(name="wifiguard")
    for commands in GROUPS.values():
        for name, line in commands.items():
            command = group.get_command(None, name)  # type: ignore[arg-type]
            assert command is not None
            assert (command.help or "").strip().splitlines()[0] == line


def test_links_in_the_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"


def test_commands_named_in_the_readme_exist() -> None:
    from wifiguard.cli.group import GROUPS

    known = {name for group in GROUPS.values() for name in group}
    named = set(re.findall(r"`(?:sudo )?wifiguard (\w+)", (ROOT / "README.md").read_text()))
    assert named
    assert named <= known


def test_the_module_runs_as_a_program() -> None:
    run = subprocess.run([sys.executable, "-m", "wifiguard", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("wifiguard ")
