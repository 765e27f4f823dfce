"""A log in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.net.rig.fixtures import pytest_runtest_setup
from tests.store.making import NOW
from wifiguard.store import Store

__all__ = ["pytest_runtest_setup"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wifiguard" / "wifiguard.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path, now=NOW)
    yield opened
    opened.close()
