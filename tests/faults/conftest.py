"""The real monitor in trouble; the rigs are in tests/net/rig/."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.logins import Logins
from tests.net.rig.cafe import Cafe
from tests.net.rig.disk import mounted
from tests.net.rig.fixtures import (
    cafe,
    desktop,
    lab,
    mock_network_manager,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    session_bus,
    system_bus,
)

__all__ = [
    "cafe",
    "desktop",
    "disk",
    "lab",
    "logins",
    "mock_network_manager",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "session_bus",
    "system_bus",
]


@pytest.fixture
def logins(cafe: Cafe) -> Logins:
    """A server behind the café's router that takes passwords, and who sends them."""
    return Logins(cafe)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight mebibytes."""
    place = mounted(tmp_path / "disk", 8)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
