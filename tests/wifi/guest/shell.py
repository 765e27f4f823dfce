"""Programs of the guest: run to their end, or kept in the background and ended by their number."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
# Software emulation is slow, and two cores have other work.
PATIENCE = 180.0
PAUSE = 0.3
SCRATCH = Path("/tmp/rig")


class Failed(Exception):
    """A program of the rig did not do what it should."""


def run(*command: str, check: bool = True, seconds: float = PATIENCE, text: str = "") -> str:
    """The program's output; `text` is its input. Raises Failed."""
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
    )
    if check and done.returncode:
        raise Failed(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def background(name: str, *command: str) -> subprocess.Popen[bytes]:
    """A program that stays; what it says is in SCRATCH/name.log."""
    SCRATCH.mkdir(exist_ok=True)
    with (SCRATCH / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def end(program: subprocess.Popen[bytes]) -> None:
    """End it, gently first."""
    program.terminate()
    try:
        program.wait(10)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def wait_for(look: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """What `look` returns, once that is true. Raises Failed."""
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise Failed(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(PAUSE)
    return found


def insist(do: Callable[[], object], what: str) -> None:
    """Do it again until it works, as a person would: daemons give up after seconds that a busy machine does not have."""

    def works() -> bool:
        try:
            do()
        except Failed:
            return False
        return True

    wait_for(works, what)
