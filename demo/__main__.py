"""Plays the demo: python -m demo [--fast], as root. The space bar stops and goes on, Enter skips a wait, Ctrl-C ends."""

from __future__ import annotations

import argparse
import signal
import sys

from demo.screen import Screen
from demo.stage import NEEDS, Stage
from demo.story import tell
from tests.net.rig.requirements import PACKAGES, missing, root_obstacle

INTERRUPTED = 130


def main() -> int:
    """The exit status: 0 played, 1 something did not come, 2 it cannot be played here, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="make demo", description="A bank, an attacker and a laptop, in two minutes.")
    parser.add_argument("--fast", action="store_true", help="as fast as this machine can, for tests")
    fast = parser.parse_args().fast
    if obstacle := cannot():
        print(obstacle, file=sys.stderr)
        return 2
    # A closed terminal and `kill` end it as Ctrl-C does: everything is taken down.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with Screen(fast=fast) as screen:
        try:
            print("Two minutes. The space bar stops and goes on, Enter skips a wait, Ctrl-C ends it.", flush=True)
            print("Setting the stage: a laptop, a café's router, an attacker, a bank; all inside this machine …")
            with Stage() as stage:
                try:
                    tell(stage, screen)
                finally:
                    leave_alone()
        except KeyboardInterrupt:
            print("\nEnded. The stage was taken down; nothing of it is left on this machine.")
            return INTERRUPTED
        except AssertionError as error:
            print(f"\nThe demo stopped: {error}", file=sys.stderr)
            return 1
    print("\nThe stage was taken down. Your own laptop:  make run")
    return 0


def cannot() -> str:
    """Why it cannot be played here, and what to do; empty where it can."""
    if obstacle := root_obstacle():
        return f"The demo builds machines out of network namespaces: {obstacle}. Try:  sudo make demo"
    if wanting := missing(*NEEDS):
        packages = " ".join(sorted({PACKAGES[program] for program in wanting}))
        return f"The demo needs {', '.join(wanting)}. On a Debian-like system:  sudo apt install {packages}"
    return ""


def leave_alone() -> None:
    """From here on a second Ctrl-C does not keep the stage from being taken down."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
