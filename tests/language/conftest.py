"""The collector of texts, the catalogues, and the command line in a language."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from tests.docs.scripts import script
from tests.net.rig.fixtures import desktop, pytest_runtest_makereport, pytest_runtest_setup, session_bus
from wifiguard.daemon.language import CATALOGUES, DOMAIN, Speech

__all__ = ["desktop", "pytest_runtest_makereport", "pytest_runtest_setup", "session_bus"]

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def texts() -> ModuleType:
    """docs/texts.py."""
    return script("texts")


@pytest.fixture(scope="session")
def chinese(texts: ModuleType) -> Catalog:
    """The catalogue as it lies there."""
    catalog = texts.read(CATALOGUES / "zh_CN" / "LC_MESSAGES" / f"{DOMAIN}.po")
    assert isinstance(catalog, Catalog)
    return catalog


@pytest.fixture(scope="session")
def speech(chinese: Catalog) -> Speech:
    """What the program makes of it."""
    compiled = io.BytesIO()
    write_mo(compiled, chinese)
    compiled.seek(0)
    return Speech(compiled)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`wifiguard` as a person calls it, in the language that the environment asks for and with a home of its own."""
    home = {name: tmp_path / name.lower() for name in ("STATE_DIR", "RUNTIME_DIR", "CONFIG_DIR")}
    for folder in home.values():
        folder.mkdir(mode=0o700)
    usual: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TZ": "UTC",
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
        **{f"WIFIGUARD_{name}": str(folder) for name, folder in home.items()},
    }

    def call(*argv: str, stdin: str = "", **language: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("wifiguard")), *argv]
        environment = {**usual, **language}
        return subprocess.run(
            command, input=stdin, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    return call
