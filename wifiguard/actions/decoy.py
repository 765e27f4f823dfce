"""Calls a network name that cannot exist, and tells which access points answer to it. A scan of its own: for root alone."""

from __future__ import annotations

import re
import secrets
import string
import subprocess
import time
from collections.abc import Iterable

# A little less than a probe has.
PATIENCE = 9.0
AGAIN = 0.5
# What a scan of one band takes at most.
SCAN = 6.0
# Where a station may call, in MHz. On the other channels it may only listen, which takes ten times as long and answers nothing.
BANDS = (range(2412, 2473, 5), (*range(5180, 5241, 20), *range(5745, 5826, 20)))
_BUSY, _NO_SUCH_CHANNEL = "(-16)", "(-22)"
_LENGTH = 20
_BSS = re.compile(r"^BSS ([0-9a-f:]{17})", re.IGNORECASE)
_NAME = re.compile(r"^\s+SSID: (.*)$")


def answers_to_decoy(interface: str) -> list[tuple[str, str]]:
    """(name, the name that was called) and (answered, BSSIDs with commas). OSError where it cannot be asked."""
    # Nobody can have announced a name that was made up this moment.
    name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(_LENGTH))
    end = time.monotonic() + PATIENCE
    heard = "".join(_called(interface, band, name, end) for band in BANDS)
    return [("name", name), ("answered", ",".join(answering(heard, name)))]


def _called(interface: str, band: Iterable[int], name: str, end: float) -> str:
    """iw's list after a call on these channels; empty where the radio has no such band."""
    scan = ["iw", "dev", interface, "scan"]
    while True:
        left = end - time.monotonic()
        try:
            done = _run([*scan, "freq", *map(str, band), "ssid", name], min(max(left, AGAIN), SCAN))
        except subprocess.TimeoutExpired as error:
            # iw begins to listen after it has asked, and may miss the end of its scan; what was heard, the kernel keeps.
            return _kept(scan, name, max(end - time.monotonic(), AGAIN), error)
        if not done.returncode:
            return done.stdout
        if _NO_SUCH_CHANNEL in done.stderr and band is not BANDS[0]:
            return ""
        # Whoever has just joined often scans itself.
        if _BUSY not in done.stderr or left < AGAIN:
            raise OSError(done.stderr.strip()[:160] or f"iw ended with status {done.returncode}")
        time.sleep(AGAIN)


def _kept(scan: list[str], name: str, seconds: float, late: subprocess.TimeoutExpired) -> str:
    """The kernel's list, if somebody in it bears the name: that nobody does is no answer as long as the scan may go on."""
    try:
        listing = _run([*scan, "dump"], seconds).stdout
    except subprocess.TimeoutExpired:
        listing = ""
    if not answering(listing, name):
        raise OSError("the scan did not end in time") from late
    return listing


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)


def answering(listing: str, name: str) -> list[str]:
    """The access points in iw's list of scan results that bear this name, at most eight."""
    out: list[str] = []
    bssid = ""
    for line in listing.splitlines():
        if found := _BSS.match(line):
            bssid = found[1].lower()
        elif (found := _NAME.match(line)) and found[1] == name and bssid and bssid not in out:
            out.append(bssid)
    return out[:8]
