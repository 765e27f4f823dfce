"""Waits grow while something was never there, and stay short while it was there lately."""

from __future__ import annotations

from wifiguard.sources.patience import HOPE, LONGEST, SOON, Patience


def test_what_was_never_there_is_tried_ever_more_rarely() -> None:
    patience = Patience()
    assert [patience.wait(0.0, 0.0) for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST, LONGEST]


def test_what_was_lost_is_tried_often_for_a_while() -> None:
    patience = Patience()
    assert patience.wait(1000.0, 500.0, lost=True) == 1.0
    assert [patience.wait(1000.0 + n, 0.0) for n in range(1, 8)] == [2.0, 4.0, SOON, SOON, SOON, SOON, SOON]
    assert patience.wait(1000.0 + HOPE, 0.0) == LONGEST
    assert patience.wait(5000.0, 0.1, lost=True) == SOON


def test_what_ran_long_was_well() -> None:
    patience = Patience()
    for _ in range(8):
        patience.wait(0.0, 0.0)
    assert patience.wait(1000.0, 61.0) == 1.0
    assert patience.wait(1001.0, 0.0) == 2.0
