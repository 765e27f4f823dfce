"""One boot of the virtual machine for all scenarios that this run of pytest chose."""

from __future__ import annotations

import compileall
import json
import py_compile
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.net.rig.fixtures import pytest_runtest_setup
from tests.wifi.vm import CHECKOUT, RADIOS, Ended, boot

__all__ = ["pytest_runtest_setup"]

# A bound for a machine that is busy with other things; left alone it takes a fifth of that.
SECONDS = 1500.0
# A scenario that waits in vain gives up after half of this, and says so.
SILENCE = 400.0


class Machine:
    """Plays the chosen scenarios at one boot, when the first result is asked for."""

    def __init__(self, names: list[str], folder: Callable[[], Path]) -> None:
        self._names = names
        self._folder = folder
        self._lines: dict[str, Any] = {}
        self._told: set[str] = set()
        self.ended = ""

    def result(self, name: str) -> dict[str, Any] | None:
        """Its line; None: the machine ended before. Asked again, all that failed are played again. Raises NoMachine."""
        if not self._told or name in self._told:
            self._told.clear()
            self._play([each for each in self._names if self._lines.get(each, {}).get("error", "never")])
        self._told.add(name)
        return self._lines.get(name)

    def _play(self, names: list[str]) -> None:
        shared = self._folder()
        command = (
            f"mkdir /tmp/program && tar -xf /mnt/program.tar -C /tmp/program && cd /tmp/program"
            f" && {sys.executable} -m tests.wifi.guest {RADIOS} {' '.join(names)}"
        )
        pack(shared / "program.tar")
        ended = boot(command, shared, seconds=SECONDS, sign="ready", silence=SILENCE)
        self._lines |= _lines(shared / "results.jsonl")
        self.ended = _said(ended)


@pytest.fixture(scope="session")
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The virtual machine with all scenarios that this run of pytest chose."""
    here = Path(__file__).parent
    names = [
        item.callspec.params["scenario"]
        for item in request.session.items
        if item.path.parent == here and hasattr(item, "callspec")
    ]
    return Machine(names, lambda: tmp_path_factory.mktemp("wifi"))


def pack(archive: Path) -> None:
    """The program and its rig, compiled here: in the machine that would take minutes."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("wifiguard", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(CHECKOUT / name, Path(folder, name), ignore=ignored)
        chosen = [Path(folder, "wifiguard"), Path(folder, "tests", "wifi")]
        for place in chosen:
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            compileall.compile_dir(place, quiet=2, workers=1, invalidation_mode=mode)
        with tarfile.open(archive, "w") as file:
            for place in chosen:
                file.add(place, place.relative_to(folder))


def _lines(path: Path) -> dict[str, Any]:
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {line["name"]: line for line in lines}


def _said(ended: Ended) -> str:
    return f"exit status {ended.status}\n{ended.output[-4000:]}\n{ended.console[-2000:]}"
