"""The rigs as pytest fixtures, and the hooks that a conftest.py beside tests on them needs; it imports all of these."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol, runtime_checkable

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.desktop import Desktop
from tests.net.rig.lab import Lab
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.processes import Processes
from tests.net.rig.requirements import BUS, DESKTOP, LAB, require, skip_unless_possible
from tests.net.rig.silent_notifier import SilentNotifier

LOG_TAIL = 4000


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Network namespaces; needs root."""
    require(*LAB, root=True)
    with Lab() as running:
        yield running


@pytest.fixture
def cafe(lab: Lab) -> Cafe:
    """A laptop with addresses on a café's network, and the internet behind it."""
    return Cafe(lab)


@pytest.fixture
def system_bus() -> Iterator[PrivateBus]:
    """A private bus to stand for the system's, with nobody on it."""
    require(*BUS)
    with Processes() as processes:
        yield PrivateBus(processes, "system")


@pytest.fixture
def mock_network_manager(system_bus: PrivateBus) -> MockNetworkManager:
    """python-dbusmock's NetworkManager on `system_bus`."""
    require("dbusmock")
    return MockNetworkManager(system_bus)


@pytest.fixture
def session_bus() -> Iterator[PrivateBus]:
    """A private bus to stand for the session's, with no notification service."""
    require(*BUS)
    with Processes() as processes:
        yield PrivateBus(processes, "session")


@pytest.fixture
def silent_notifier(session_bus: PrivateBus) -> SilentNotifier:
    """A notification service on `session_bus` that answers nothing."""
    return SilentNotifier(session_bus)


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """A screen, a session bus and dunst."""
    require(*DESKTOP)
    with Desktop() as running:
        yield running


@runtime_checkable
class HasLogs(Protocol):
    """A rig that can show what its programs said."""

    def logs(self) -> dict[str, str]: ...


def pytest_runtest_setup(item: pytest.Item) -> None:
    skip_unless_possible(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for rig in getattr(item, "funcargs", {}).values():
            for name, log in rig.logs().items() if isinstance(rig, HasLogs) else ():
                report.sections.append((f"log of {name}", log[-LOG_TAIL:]))
    return report
