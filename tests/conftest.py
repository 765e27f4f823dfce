"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The virtual machines first: they take the longest, and everything else runs beside them on the other worker."""
    items.sort(key=lambda item: not any(mark.args == ("wifi",) for mark in item.iter_markers("xdist_group")))
