"""Switches a VPN on that NetworkManager keeps."""

from __future__ import annotations

import subprocess

# Within the time that a probe has.
PATIENCE = 9


def bring_up(profile: str) -> list[tuple[str, str]]:
    """(state, up) where it was up already, (state, started), or (refused, why). OSError where nothing can be asked."""
    state = _nmcli("--get-values", "GENERAL.STATE", "connection", "show", "id", profile)
    if state.returncode:
        return [("refused", f"NetworkManager knows no VPN called {profile}")]
    if "activated" in state.stdout:
        return [("state", "up")]
    done = _nmcli("--wait", str(PATIENCE - 1), "connection", "up", "id", profile)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        return [("refused", said[-1][:160] if said else "NetworkManager gave no reason")]
    return [("state", "started")]


def _nmcli(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["nmcli", *words], capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except FileNotFoundError as error:
        raise OSError("the program nmcli is missing") from error
    except subprocess.TimeoutExpired as error:
        raise OSError("NetworkManager does not answer in time") from error
