"""How long the questions of `wifiguard log` take on a large log. `python bench/log.py [NUMBER]` (default 200,000)."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wifiguard.core.network import Security, wifi_network
from wifiguard.core.policy import Decision, Problem, State
from wifiguard.core.severity import Severity
from wifiguard.rules import rule_files
from wifiguard.store import Store

NOW = 1_800_000_000.0
DAY = 86_400.0
NETWORKS = [wifi_network(f"Network {number}".encode(), Security.WPA2) for number in range(40)]
BATCH = 2000


def filled(path: Path, number: int) -> None:
    """A log of so many problems of ninety days, one in a hundred still open."""
    chance = random.Random(number)
    examples = [
        (file.rule.id, severity, evidence)
        for file in rule_files().values()
        for example in file.examples()
        for severity, evidence in example.expected
    ]
    store = Store.open(path, now=NOW)
    for _ in range(0, number, BATCH):
        batch = []
        for _ in range(BATCH):
            rule, severity, evidence = chance.choice(examples)
            at = NOW - chance.random() * 90 * DAY
            id, network = f"{chance.getrandbits(64):016x}", chance.choice(NETWORKS)
            open_now = chance.random() < 0.01
            problem = Problem(id, rule, severity, network, "wlan0", evidence, at, at, 0.0, open=open_now)
            batch.append(Decision(State.NEW, problem, at))
        store.record(batch)
    store.close()


def timed(name: str, ask: Callable[[], object]) -> None:
    """The best of five, in milliseconds."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        ask()
        best = min(best, time.perf_counter() - began)
    print(f"{name:32s} {best * 1000:8.1f} ms")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state" / "wifiguard.db"
        filled(path, number)
        store = Store.open(path, read_only=True, now=NOW)
        print(f"{store.stats().problems} problems, {path.stat().st_size >> 20} MiB")
        network = NETWORKS[3].id
        for name, question in {
            "the newest": {},
            "since yesterday": {"since": NOW - DAY},
            "critical": {"severity_at_least": Severity.CRITICAL},
            "one rule": {"rule": "evil-twin"},
            "a rule that never fired": {"rule": "no-such-rule"},
            "one network": {"network": network},
            "still open": {"state": State.NEW},
            "muted": {"state": State.SUPPRESSED},
            "that got worse": {"state": State.ESCALATED},
            "a rule, a network, over, high": {
                "rule": "evil-twin",
                "network": network,
                "state": State.RESOLVED,
                "severity_at_least": Severity.HIGH,
            },
        }.items():
            timed(name, lambda question=question: list(store.problems(**question, limit=200)))  # type: ignore[misc]
        timed("one finding by its id", lambda: store.find("abcd"))
        store.close()


if __name__ == "__main__":
    main()
