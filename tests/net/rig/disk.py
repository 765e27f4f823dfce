"""A small disk of its own, and what fills it up."""

from __future__ import annotations

from pathlib import Path

from tests.net.rig.command import run
from tests.net.rig.requirements import require


def mounted(place: Path, mebibytes: int) -> Path:
    """A new disk at `place`, which the caller unmounts; the test is skipped where there can be none."""
    require("mount", root=True)
    place.mkdir()
    run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", str(place)])
    return place


def fill(disk: Path) -> Path:
    """Write until nothing more goes in; the file that holds the room, to be deleted."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast
