"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is; what an input may cost is held by tests of its own, in processor time.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# Tests read English, whatever the person who runs them reads.
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The virtual machines first: they take the longest, and everything else runs beside them on the other worker.

    A test with real daemons is played once more when it fails, since a machine that others load can starve one of them. The
    summary says RERUN beside its name: whoever sees that mends the test.
    """
    items.sort(key=lambda item: not any(mark.args == ("wifi",) for mark in item.iter_markers("xdist_group")))
    for item in items:
        if item.get_closest_marker("root"):
            item.add_marker(pytest.mark.flaky(reruns=1))
