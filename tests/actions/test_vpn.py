"""The VPN for strangers' networks, through a NetworkManager that a script plays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wifiguard.actions.vpn import bring_up


@pytest.fixture
def nmcli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script to be written by the test."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "nmcli"


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("case $1 in --get-values) echo activated;; esac", [("state", "up")]),
        ("exit 0", [("state", "started")]),
        ("exit 10", [("refused", "NetworkManager knows no VPN called work")]),
        (
            'case $1 in --wait) echo "Error: the VPN service stopped" >&2; exit 4;; esac',
            [("refused", "Error: the VPN service stopped")],
        ),
        ("case $1 in --wait) exit 4;; esac", [("refused", "NetworkManager gave no reason")]),
    ],
)
def test_what_comes_of_it(nmcli: Path, script: str, answer: list[tuple[str, str]]) -> None:
    nmcli.write_text(f"#!/bin/sh\n{script}\n")
    nmcli.chmod(0o755)
    assert bring_up("work") == answer


def test_without_networkmanager(nmcli: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(nmcli.parent))
    with pytest.raises(OSError, match="nmcli is missing"):
        bring_up("work")
