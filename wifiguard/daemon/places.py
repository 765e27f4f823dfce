"""Where WiFiGuard keeps its log, its socket and its settings, for the system's service and for a user's monitor."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

NAME = "wifiguard"
SYSTEM_STATE = Path("/var/lib", NAME)
SYSTEM_RUNTIME = Path("/run", NAME)
SYSTEM_CONFIG = Path("/etc", NAME, "wifiguard.toml")


class Places(Struct, frozen=True):
    """`state`: the folder of the log. `runtime`: the folder of the control socket. `config`: the settings file.

    `shared`: the system's settings file, which holds for a user wherever their own does not say otherwise.
    """

    state: Path
    runtime: Path
    config: Path
    shared: Path | None = None

    @property
    def configs(self) -> tuple[Path, ...]:
        """The settings files: of a key that several set, the last one counts."""
        return (self.config,) if self.shared is None else (self.shared, self.config)

    @property
    def database(self) -> Path:
        return self.state / "wifiguard.db"

    @property
    def lock(self) -> Path:
        return self.state / "wifiguard.db.lock"

    @property
    def socket(self) -> Path:
        return self.runtime / "control.sock"

    @classmethod
    def system(cls) -> Places:
        """The system service's."""
        return cls(SYSTEM_STATE, SYSTEM_RUNTIME, SYSTEM_CONFIG)

    @classmethod
    def mine(cls, environment: Mapping[str, str] = os.environ, uid: int | None = None) -> Places:
        """This process's own: root's are the system's, a user's follow the XDG base directory specification.

        WIFIGUARD_STATE_DIR, WIFIGUARD_RUNTIME_DIR and WIFIGUARD_CONFIG_DIR go before everything, then what systemd says to a
        service of ours.
        """
        user = os.geteuid() if uid is None else uid
        home = Path(environment.get("HOME") or "/")
        # Root without a login shell of its own (sudo -E) must not leave files in a user's home.
        system = cls.system() if user == 0 else None
        state = _named(environment, "STATE") or (system and system.state) or _xdg_state(environment, home)
        runtime = _named(environment, "RUNTIME") or (system and system.runtime) or _runtime(environment, user, state)
        if own := environment.get("WIFIGUARD_CONFIG_DIR"):
            return cls(state, runtime, Path(own).absolute() / "wifiguard.toml")
        if system is not None or state == SYSTEM_STATE:
            return cls(state, runtime, SYSTEM_CONFIG)
        own_config = _absolute(environment, "XDG_CONFIG_HOME", home / ".config") / NAME / "wifiguard.toml"
        return cls(state, runtime, own_config, SYSTEM_CONFIG)

    @classmethod
    def service_socket(cls, environment: Mapping[str, str] = os.environ) -> Path:
        """The control socket to ask: the system service's where it runs, else this user's own."""
        own = cls.mine(environment).socket
        shared = cls.system().socket
        return shared if not environment.get("WIFIGUARD_RUNTIME_DIR") and own != shared and _answers(shared) else own


def _named(environment: Mapping[str, str], kind: str) -> Path | None:
    if own := environment.get(f"WIFIGUARD_{kind}_DIR"):
        return Path(own).absolute()
    # systemd joins several folders with colons; another service's, inherited by a terminal, does not bear our name.
    for given in environment.get(f"{kind}_DIRECTORY", "").split(":"):
        if given.startswith("/") and Path(given).name == NAME:
            return Path(given)
    return None


def _xdg_state(environment: Mapping[str, str], home: Path) -> Path:
    return _absolute(environment, "XDG_STATE_HOME", home / ".local" / "state") / NAME


def _runtime(environment: Mapping[str, str], user: int, state: Path) -> Path:
    for given in (environment.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"):
        if given.startswith("/") and _private(Path(given), user):
            return Path(given, NAME)
    # Without a session: a folder that is the user's own already. In /tmp somebody else could be there first.
    return state / "run"


def _absolute(environment: Mapping[str, str], name: str, otherwise: Path) -> Path:
    # The specification: a relative path is invalid and is to be ignored.
    given = environment.get(name, "")
    return Path(given) if given.startswith("/") else otherwise


def _private(folder: Path, user: int) -> bool:
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == user and not info.st_mode & 0o077


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (PermissionError, BlockingIOError):
            # It is not for us, or many want to ask it.
            return True
        except OSError:
            return False
        return True
