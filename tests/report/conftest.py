"""A browser and an accessibility checker, where they can be had."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.browser import Browser

CACHE = Path(__file__).parents[2] / ".cache" / "axe"
SCRIPT = CACHE / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if shutil.which("chromium") is None:
        pytest.skip("needs chromium (Debian package: chromium)")
    running = Browser(tmp_path_factory.mktemp("chromium"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script, from npm; kept beside the other caches."""
    if shutil.which("npm") is None and not SCRIPT.exists():
        pytest.skip("needs npm, to fetch axe-core")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        # One worker fetches it, the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not SCRIPT.exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), "axe-core@4"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
            if done.returncode or not SCRIPT.exists():
                pytest.skip(f"npm could not fetch axe-core: {done.stderr.strip()[-200:]}")
    return SCRIPT.read_text()
