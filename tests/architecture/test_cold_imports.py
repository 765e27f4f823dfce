"""The command line and the rules start without anything heavy."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "scapy",
    "cypcap",
    "psutil",
    "dbus_fast",
    "cryptography",
    "sqlite3",
    "stdnum",
    "phonenumbers",
    "apscheduler",
    "notifypy",
    "asyncio",
    "rich",
}

PROGRAM = """
import sys
import importlib
import wifiguard.cli
from wifiguard.cli.group import GROUPS
from wifiguard.rules import rule_files
for group in GROUPS.values():
    for name in group:
        importlib.import_module(f"wifiguard.cli.{name}")
assert rule_files()
print(" ".join(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_the_command_line_and_every_rule_load_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "wifiguard" in loaded
    assert loaded & HEAVY == set()
