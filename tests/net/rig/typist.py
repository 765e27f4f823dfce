"""Runs a program in a terminal and types at its prompts: `python typist.py` with a JSON order on standard input.

`argv`: the program; `turns`: pairs of what to wait for and what to type then. What was shown comes out.
"""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time

PATIENCE = 15.0


def main() -> None:
    order = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(order["argv"][0], order["argv"])
    shown = b""
    for awaited, answer in order["turns"]:
        shown = _read_until(terminal, shown, awaited.encode())
        for key in answer.encode():
            os.write(terminal, bytes([key]))
    _read_until(terminal, shown, None)
    os.close(terminal)  # the program is hung up on
    os.waitpid(pid, 0)


def _read_until(terminal: int, shown: bytes, awaited: bytes | None) -> bytes:
    """Read on until `awaited` is shown, for None until the end; returns what was shown behind it."""
    deadline = time.monotonic() + PATIENCE
    while awaited is None or awaited not in shown:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        if not ready:
            sys.exit(f"{awaited!r} was not shown, but {shown!r}")
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the program has ended (Linux says EIO)
            more = b""
        if not more:
            if awaited is None:
                return shown
            sys.exit(f"ended before {awaited!r}: {shown!r}")
        sys.stdout.buffer.write(more)
        shown += more
    return shown.partition(awaited)[2]


if __name__ == "__main__":
    main()
