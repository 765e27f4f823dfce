"""Tests on real networks; the rigs are in rig/."""

from tests.net.rig.fixtures import (
    cafe,
    desktop,
    lab,
    mock_network_manager,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    session_bus,
    silent_notifier,
    system_bus,
)

__all__ = [
    "cafe",
    "desktop",
    "lab",
    "mock_network_manager",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "session_bus",
    "silent_notifier",
    "system_bus",
]
