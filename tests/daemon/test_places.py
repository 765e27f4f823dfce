"""Where things live, for root, for a user, for a service, and for tests."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from wifiguard.daemon import places
from wifiguard.daemon.places import Places

SYSTEM = Places(Path("/var/lib/wifiguard"), Path("/run/wifiguard"), Path("/etc/wifiguard/wifiguard.toml"))
USER = 4_000_123
HOME = {"HOME": "/home/u"}
USERS = Places(
    Path("/home/u/.local/state/wifiguard"),
    Path("/home/u/.local/state/wifiguard/run"),
    Path("/home/u/.config/wifiguard/wifiguard.toml"),
    SYSTEM.config,
)
SERVICE = {"STATE_DIRECTORY": "/var/lib/wifiguard", "RUNTIME_DIRECTORY": "/run/wifiguard"}


@pytest.mark.parametrize(
    ("environment", "uid", "expected"),
    [
        ({}, 0, SYSTEM),
        ({**HOME, "XDG_STATE_HOME": "/home/u/s", "XDG_CONFIG_HOME": "/home/u/c", "XDG_RUNTIME_DIR": "/"}, 0, SYSTEM),
        (SERVICE, 990, SYSTEM),
        ({"STATE_DIRECTORY": "/a/b:/var/lib/wifiguard:/c", "RUNTIME_DIRECTORY": "/run/wifiguard"}, 990, SYSTEM),
        (HOME, USER, USERS),
        ({**HOME, "STATE_DIRECTORY": "/var/lib/terminal", "RUNTIME_DIRECTORY": "wifiguard"}, USER, USERS),
        ({**HOME, "XDG_STATE_HOME": "relative", "XDG_CONFIG_HOME": "", "XDG_RUNTIME_DIR": "run"}, USER, USERS),
        ({**HOME, "XDG_RUNTIME_DIR": "/root"}, USER, USERS),
        (
            {"XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"},
            USER,
            Places(Path("/s/wifiguard"), Path("/s/wifiguard/run"), Path("/c/wifiguard/wifiguard.toml"), SYSTEM.config),
        ),
        (
            {**SERVICE, "WIFIGUARD_STATE_DIR": "/t/s", "WIFIGUARD_RUNTIME_DIR": "/t/r"},
            0,
            Places(Path("/t/s"), Path("/t/r"), SYSTEM.config),
        ),
        (
            {**HOME, "WIFIGUARD_STATE_DIR": "/t/s"},
            USER,
            Places(Path("/t/s"), Path("/t/s/run"), USERS.config, SYSTEM.config),
        ),
        (
            {**HOME, "WIFIGUARD_CONFIG_DIR": "/t/c"},
            USER,
            Places(USERS.state, USERS.runtime, Path("/t/c/wifiguard.toml")),
        ),
    ],
)
def test_mine(environment: dict[str, str], uid: int, expected: Places) -> None:
    assert Places.mine(environment, uid) == expected


def test_a_users_settings_stand_on_the_systems() -> None:
    assert SYSTEM.configs == (SYSTEM.config,)
    assert USERS.configs == (SYSTEM.config, USERS.config)


def test_files() -> None:
    assert (SYSTEM.database, SYSTEM.lock, SYSTEM.socket) == (
        Path("/var/lib/wifiguard/wifiguard.db"),
        Path("/var/lib/wifiguard/wifiguard.db.lock"),
        Path("/run/wifiguard/control.sock"),
    )


@pytest.mark.parametrize(("mode", "trusted"), [(0o700, True), (0o750, False), (0o701, False)])
def test_a_runtime_folder_counts_only_if_it_is_private(tmp_path: Path, mode: int, trusted: bool) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    runtime.chmod(mode)
    owner = runtime.stat().st_uid
    found = places._runtime({"XDG_RUNTIME_DIR": str(runtime)}, owner, tmp_path)
    assert (found == runtime / "wifiguard") == trusted
    link = tmp_path / "link"
    link.symlink_to(runtime)
    assert places._runtime({"XDG_RUNTIME_DIR": str(link)}, owner, tmp_path) != link / "wifiguard"


class TestServiceSocket:
    @pytest.fixture
    def shared(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(places, "SYSTEM_RUNTIME", tmp_path)
        monkeypatch.setattr("os.geteuid", lambda: USER)
        return tmp_path / "control.sock"

    def test_the_systems_where_it_answers(self, shared: Path) -> None:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(shared))
            listening.listen()
            assert Places.service_socket(HOME) == shared
        assert Places.service_socket(HOME) == USERS.socket

    def test_the_users_where_there_is_none(self, shared: Path) -> None:
        assert Places.service_socket(HOME) == USERS.socket

    def test_an_override_goes_first(self, shared: Path) -> None:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(shared))
            listening.listen()
            assert Places.service_socket({**HOME, "WIFIGUARD_RUNTIME_DIR": "/t"}) == Path("/t/control.sock")
