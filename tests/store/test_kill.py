"""What record() returned for is in the log, however the process ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.store.making import NOW
from wifiguard.store import Store

BURST = """
import sys
from pathlib import Path
from tests.store.making import HOME, NOW, decision
from wifiguard.store import Store
store = Store.open(Path(sys.argv[1]), now=NOW)
out = sys.stdout.fileno()
for number in range(1_000_000):
    ids = [f"{sys.argv[2]}-{number}-{n}" for n in range(number % 3 + 1)]
    store.record([decision(id=id, network=HOME) for id in ids])
    import os
    os.write(out, ("\\n".join(ids) + "\\n").encode())
"""


def test_killed_in_a_burst_twenty_times(path: Path) -> None:
    """The log grows over all rounds, so that it is killed while empty, while full, and while it puts its journal away."""
    dice = random.Random(3)
    printed: set[str] = set()
    for attempt in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", BURST, str(path), str(attempt)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": "."},
        ) as burst:
            assert burst.stdout is not None
            for _ in range(dice.randrange(1, 200)):
                printed.add(burst.stdout.readline().decode().strip())
            burst.send_signal(signal.SIGKILL)
            rest = burst.stdout.read().decode()
            # What stands after the last line feed was not printed.
            printed.update(rest.split("\n")[:-1])
        reader = Store.open(path, read_only=True, now=NOW)
        there = {problem.id for problem in reader.problems()}
        reader.close()
        assert printed <= there
        assert len(printed) > attempt
    store = Store.open(path, now=NOW)
    assert store.recovered is None
    assert printed <= {problem.id for problem in store.problems()}
    store.close()
