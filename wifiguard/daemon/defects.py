"""What is told of a defect: its kind and its place. Its own words may quote what was being read, which is nobody's business."""

from __future__ import annotations

import sys
import traceback
from pathlib import PurePath

_DEPTH = 8


def place_of(error: BaseException) -> str:
    """One line: "ValueError in forms.py, line 12"."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    where = f" in {PurePath(frames[0].filename).name}, line {frames[0].lineno}" if frames else ""
    return type(error).__name__ + where


def report(error: BaseException) -> None:
    """Write the way to the defect to standard error: lines of this program, and no word of the error's."""
    print("Traceback (most recent call last):", file=sys.stderr)
    traceback.print_tb(error.__traceback__, limit=-_DEPTH, file=sys.stderr)
    print(type(error).__name__, file=sys.stderr)
