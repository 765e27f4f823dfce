"""The command line with a home of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec import Struct

from wifiguard.cli.group import Commands


class Terminal(Struct, frozen=True):
    """Runs commands as a user would, with a log and settings under `home`."""

    home: Path

    def __call__(self, *argv: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(Commands(name="wifiguard"), list(argv), input=stdin, catch_exceptions=False)

    def lines(self, *argv: str) -> list[dict[str, Any]]:
        """What the command says to machines."""
        return [json.loads(line) for line in self(*argv, "--json").stdout.splitlines()]

    @property
    def database(self) -> Path:
        return self.home / "state" / "wifiguard.db"


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("WIFIGUARD_STATE_DIR", "WIFIGUARD_RUNTIME_DIR", "WIFIGUARD_CONFIG_DIR"):
        folder = tmp_path / {"WIFIGUARD_STATE_DIR": "state", "WIFIGUARD_RUNTIME_DIR": "run"}.get(name, "config")
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    return Terminal(tmp_path)
