"""The SSH server tells its own settings; what only bears its name is never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from wifiguard.core.exposure import Owner
from wifiguard.sources import sshd
from wifiguard.sources.owners import Process
from wifiguard.sources.sshd import takes_passwords


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho ran >>{path}.ran\nprintf '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("says", "told"), [("passwordauthentication yes\\n", True), ("passwordauthentication no\\n", False)]
)
def test_a_systems_server_is_asked(says: str, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = program(tmp_path / "sbin" / "sshd", says)
    monkeypatch.setattr(sshd, "FOLDERS", (str(server.parent),))
    assert takes_passwords(Process(Owner("sshd", user="root"), str(server), ("sshd", "-D"))) is told
    # systemd holds the socket and starts the server for each connection.
    assert takes_passwords(Process(Owner("systemd", user="root"))) is told


def test_a_program_of_a_users_that_calls_itself_so_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sshd, "FOLDERS", (str(tmp_path / "sbin"),))
    mine = program(tmp_path / "home" / "sshd", "passwordauthentication no\\n")
    assert takes_passwords(Process(Owner("sshd", user="ann"), str(mine), ("sshd",))) is None
    assert not mine.with_name("sshd.ran").exists()


def test_another_server_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = program(tmp_path / "sbin" / "sshd", "passwordauthentication no\\n")
    monkeypatch.setattr(sshd, "FOLDERS", (str(server.parent),))
    assert takes_passwords(Process(Owner("dropbear", user="root"), str(server))) is None
