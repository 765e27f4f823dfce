"""The real `wifiguard` on a machine of the lab."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until

Line = dict[str, Any]

# In the program's own mount namespace, as in lab.py.
MOUNT = 'while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"'
UNIT = Path(__file__).parents[2] / "systemd" / "wifiguard.service"


def as_a_service() -> dict[str, str]:
    """The environment that systemd gives the monitor."""
    (line,) = (line for line in UNIT.read_text().splitlines() if line.startswith("Environment="))
    return dict(pair.split("=", 1) for pair in line.removeprefix("Environment=").split())


def looking_for_login_page(host: str, folder: Path) -> dict[str, Path]:
    """Mounts for a monitor that sees a NetworkManager which looks for a login page at `host`; its settings are in `folder`."""
    settings = folder / "conf.d" / "connectivity.conf"
    settings.parent.mkdir()
    settings.write_text(f"[connectivity]\nuri=http://{host}/nm\n")
    return {"/etc/NetworkManager": folder}


class Watched:
    """`wifiguard run` in a namespace, with a log and a socket of its own, and the other commands beside it."""

    def __init__(
        self,
        namespace: Namespace,
        *options: str,
        env: Mapping[str, str] | None = None,
        interface: str = "wlan0",
        settings: str = "",
        mounts: Mapping[str, Path] | None = None,
    ) -> None:
        """`mounts`: what the monitor sees in place of files and folders of this machine."""
        self.namespace = namespace
        self.folder = namespace.lab.processes.subfolder("wifiguard")
        # No bus of the host must answer: neither its NetworkManager nor its desktop.
        nowhere = f"unix:path={self.folder}/nowhere"
        self.env = {
            "WIFIGUARD_STATE_DIR": str(self.folder / "state"),
            "WIFIGUARD_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder),
            "DBUS_SYSTEM_BUS_ADDRESS": nowhere,
            "DBUS_SESSION_BUS_ADDRESS": nowhere,
            **(env or {}),
        }
        self.settings = self.folder / "wifiguard.toml"
        self.settings.write_text(settings)
        self._command = [sys.executable, "-m", "wifiguard"]
        self._mounts = [str(part) for place, other in (mounts or {}).items() for part in (other, place)]
        self._options = ["run", "--config", str(self.settings), "--json", "-i", interface, *options]
        self.start()

    def start(self) -> None:
        """Start the monitor (again), and wait until its sources reported."""
        self.launch()
        wait_until(lambda: self.process.require_running() and self.status(), "the monitor to answer", 15)
        wait_until(
            lambda: self.process.require_running() and len(self.status()["sources"]) >= 3, "its sources to report", 15
        )

    def launch(self) -> None:
        """Start it (again), and wait for nothing."""
        command = ["sh", "-ec", MOUNT, "sh", *self._mounts, "--", *self.argv]
        self.process = self.namespace.start("wifiguard", *command, env=self.env)

    @property
    def argv(self) -> tuple[str, ...]:
        """The monitor's command line."""
        return (*self._command, *self._options)

    @property
    def database(self) -> Path:
        return Path(self.env["WIFIGUARD_STATE_DIR"], "wifiguard.db")

    def command(self, *argv: str, check: bool = True) -> str:
        """What another command says."""
        return self.namespace.run(*self._command, *argv, env=self.env, check=check).stdout

    def start_command(self, *argv: str) -> Spawned:
        """Another command that stays."""
        return self.namespace.start(argv[0], *self._command, *argv, env=self.env)

    def lines(self, *argv: str) -> list[Line]:
        """What another command says to machines."""
        return [json.loads(line) for line in self.command(*argv, "--json", check=False).splitlines()]

    def status(self) -> Line:
        """The monitor's state; empty while it does not answer."""
        answer = self.lines("status")[0]
        return answer if answer["type"] == "status" else {}

    def log(self, rule: str | None = None) -> list[Line]:
        """What the log holds."""
        return self.lines("log", *(("--rule", rule) if rule else ()))

    def printed(self, rule: str | None = None) -> list[Line]:
        """The findings that the monitor has printed so far."""
        lines = [json.loads(line) for line in self.process.output().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if line["type"] == "finding" and rule in (None, line["rule"])]

    def wait_for(self, rule: str, wanted: Callable[[Line], bool] = lambda _: True, timeout: float = 10.0) -> Line:
        """The first printed finding of `rule` that is `wanted`."""
        return wait_until(
            lambda: self.process.require_running() and next((x for x in self.printed(rule) if wanted(x)), None),
            f"a finding of {rule}",
            timeout,
        )

    def kept(self) -> bytes:
        """Every byte of the log as it lies on the disk, journals included."""
        return b"".join(path.read_bytes() for path in sorted(self.database.parent.iterdir()) if path.is_file())
