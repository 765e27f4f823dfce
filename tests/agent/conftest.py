"""The agent on a real desktop; the rigs are in tests/net/rig/."""

from tests.net.rig.fixtures import (
    desktop,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    session_bus,
    silent_notifier,
)

__all__ = ["desktop", "pytest_runtest_makereport", "pytest_runtest_setup", "session_bus", "silent_notifier"]
