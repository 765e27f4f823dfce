"""A process without OpenSSL works, and has none of it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from wifiguard.cli.lean import load_without_openssl
load_without_openssl("hashlib", "hmac")
load_without_openssl("wifiguard.daemon.run", "wifiguard.agent.agent")
import asyncio, hashlib, hmac, sys
import wifiguard.daemon.run, wifiguard.agent.agent
assert hashlib.sha256(b"abc").hexdigest()[:8] == "ba7816bf"
assert hmac.new(b"key", b"text", hashlib.sha256).hexdigest()
assert asyncio.run(asyncio.to_thread(lambda: 7)) == 7
print(*(name for name in ("_ssl", "_hashlib") if sys.modules.get(name)))
print(*(line.split()[-1] for line in open("/proc/self/maps") if "libcrypto" in line or "libssl" in line))
"""


def test_monitor_and_agent_load_no_openssl() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_who_needs_ssl_later_gets_it() -> None:
    program = PROGRAM + "import stdnum.luhn; assert sys.modules['ssl'] and stdnum.luhn.is_valid('4111111111111111')"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr == ""
