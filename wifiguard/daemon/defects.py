"""What is told of a defect: its kind and its place. Its own words may quote what was being read, which is nobody's business."""

from __future__ import annotations

import errno
import sys
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

_DEPTH = 8
OUT_OF_FILES = "Too many files are open"
# Places of defects that are told once each.
_PLACES = 64


def place_of(error: BaseException) -> str:
    """One line: "ValueError in forms.py, line 12"."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    where = f" in {PurePath(frames[0].filename).name}, line {frames[0].lineno}" if frames else ""
    return type(error).__name__ + where


def out_of_files(error: BaseException | None) -> bool:
    """Whether it is no defect, but that too many files are open."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def report(error: BaseException) -> None:
    """Write the way to the defect to standard error: lines of this program, and no word of the error's."""
    print("Traceback (most recent call last):", file=sys.stderr)
    traceback.print_tb(error.__traceback__, limit=-_DEPTH, file=sys.stderr)
    print(type(error).__name__, file=sys.stderr)


def ignored(what: sys.UnraisableHookArgs) -> None:
    """Stand in for Python's own hook for errors that nobody can catch, as in `__del__`, which would print the error's words."""
    if what.exc_value is not None:
        print(place_of(what.exc_value), file=sys.stderr)


class Unhandled:
    """What becomes of errors that reach the event loop itself: told once a place, in this module's way."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Stand in for asyncio's own handler, which would print the error's words."""
        error = context.get("exception")
        if out_of_files(error):
            place = OUT_OF_FILES
        else:
            place = str(context.get("message", "")) if error is None else place_of(error)
        if place in self._told or len(self._told) >= _PLACES:
            return
        self._told.add(place)
        if place == OUT_OF_FILES:
            print(f"{OUT_OF_FILES}: what needs another one waits until some are closed.", file=sys.stderr)
        elif error is not None:
            report(error)
        else:
            print(place, file=sys.stderr)
