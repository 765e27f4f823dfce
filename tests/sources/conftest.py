"""Tests of the sources on real kernels and buses; the rigs are in tests/net/rig/."""

from tests.net.rig.fixtures import (
    cafe,
    lab,
    mock_network_manager,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    system_bus,
)

__all__ = [
    "cafe",
    "lab",
    "mock_network_manager",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "system_bus",
]
