"""Calls a network name that cannot exist, and tells which access points answer to it. A scan of its own: for root alone."""

from __future__ import annotations

import re
import secrets
import string
import subprocess

PATIENCE = 10.0
_LENGTH = 20
_BSS = re.compile(r"^BSS ([0-9a-f:]{17})", re.IGNORECASE)
_NAME = re.compile(r"^\s+SSID: (.*)$")


def answers_to_decoy(interface: str) -> list[tuple[str, str]]:
    """(name, the name that was called) and (answered, BSSIDs with commas). OSError where it cannot be asked."""
    # Nobody can have announced a name that was made up this moment.
    name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(_LENGTH))
    command = ["iw", "dev", interface, "scan", "ssid", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError("the scan did not end in time") from error
    if done.returncode:
        raise OSError(done.stderr.strip()[:160] or f"iw ended with status {done.returncode}")
    return [("name", name), ("answered", ",".join(answering(done.stdout, name)))]


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
