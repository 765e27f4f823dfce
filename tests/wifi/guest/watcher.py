"""WiFiGuard at work in the guest, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.wifi.guest.shell import PATIENCE, SCRATCH, Failed, end, wait_for
from wifiguard.cli.group import Commands
from wifiguard.daemon.client import NoService, Refused, ask

Line = dict[str, Any]
PLACES = {
    "WIFIGUARD_STATE_DIR": "/tmp/rig/state",
    "WIFIGUARD_RUNTIME_DIR": "/tmp/rig/runtime",
    "WIFIGUARD_CONFIG_DIR": "/tmp/rig/config",
}
SOCKET = Path(PLACES["WIFIGUARD_RUNTIME_DIR"], "control.sock")
SETTINGS = Path(PLACES["WIFIGUARD_CONFIG_DIR"], "wifiguard.toml")
# Rules about what is behind the access point: each asks the network at every joining, with a process of its own that takes
# seconds here.
ASIDE = "".join(f"[rules.{rule}]\nenabled = false\n" for rule in ("captive-portal", "dns-hijack", "name-poisoning"))


class Watcher:
    """`wifiguard run --json`; its lines are also in the folder that the host sees."""

    def __init__(self, output: Path) -> None:
        # Each with the time that it tells of: a repeat is written a while later.
        self._findings: list[tuple[float, Line]] = []
        self._output = output
        SETTINGS.parent.mkdir(parents=True)
        SETTINGS.write_text(ASIDE)
        with (SCRATCH / "wifiguard.log").open("ab") as log:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "wifiguard", "run", "--json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | PLACES,
            )
        threading.Thread(target=self._read, daemon=True).start()

    def ready(self) -> None:
        """Wait until it works."""
        wait_for(self._answers, "WiFiGuard")

    def mark(self) -> float:
        """Now, in seconds since 1970: findings made from here on can be asked for."""
        return time.time()

    def expect(self, rule: str, *, since: float = 0.0, within: float = PATIENCE, **fields: object) -> Line:
        """The first finding of `rule` with these fields (also of its evidence). Raises Failed."""

        def look() -> Line | None:
            return next((line for line in self.found(since) if line["rule"] == rule and _fits(line, fields)), None)

        try:
            found = wait_for(look, f"{rule} {fields}", within)
        except Failed as error:
            raise Failed(f"{error}; told: {self.told(since)}") from None
        assert found is not None
        return found

    def silent(self, *rules: str, since: float = 0.0, **fields: object) -> None:
        """None of these rules has spoken of anything with these fields. Raises Failed."""
        found = [line for line in self.found(since) if line["rule"] in rules and _fits(line, fields)]
        loud = [line for line in found if line["state"] != "resolved"]
        if loud:
            raise Failed(f"{', '.join(line['rule'] for line in loud)} spoke: {json.dumps(loud[0]['evidence'])}")

    def found(self, since: float = 0.0) -> list[Line]:
        """What was found from then on."""
        return [line for at, line in self._findings if at >= since]

    def told(self, since: float = 0.0) -> list[str]:
        """The findings in short."""
        return [f"{line['rule']}:{line['severity']}:{line['state']}" for line in self.found(since)]

    def ask(self, do: str, **params: object) -> list[Line]:
        """What the commands ask the running service."""
        try:
            # An emulated processor takes its time.
            return ask(SOCKET, do, timeout=PATIENCE, **params)
        except (NoService, Refused) as error:
            raise Failed(str(error)) from error

    def network(self) -> Line | None:
        """The Wi-Fi network that it believes to be on; None: none."""
        here = self.ask("status")[0]["networks"]
        return next((network for network in here if network["interface"] == "wlan0"), None)

    def learned(self, name: str) -> str:
        """What was learned of a network, as it is written down."""
        (line,) = self.ask("identity", network=name)
        return "\n".join(part["value"] for part in line["learned"])

    def joined(self, name: str, bssid: str = "") -> Line:
        """Wait until it knows that the laptop is on `name`, through this access point if given."""

        def there() -> Line | None:
            network = self.network()
            right = network is not None and network["name"] == name and bssid in ("", network["bssid"])
            return network if right else None

        network = wait_for(there, f"WiFiGuard to see {name} {bssid}")
        assert network is not None
        return network

    def listens(self, interface: str) -> None:
        """Wait until it hears what is in the air there."""

        def heard() -> bool:
            traffic = self.ask("status")[0]["traffic"]
            return interface in traffic and traffic[interface]["packets"] > 0

        wait_for(heard, f"WiFiGuard to hear {interface}")

    def gone(self) -> None:
        """Wait until it knows that the laptop is on no Wi-Fi."""
        wait_for(lambda: self.network() is None, "WiFiGuard to see the end of the association")

    def until(self, look: Callable[[], object], what: str) -> bool:
        """Wait until `look` is true."""
        return bool(wait_for(look, what))

    def soon(self, rule: str, *, since: float, within: float) -> bool:
        """Whether `rule` speaks within so many seconds."""
        try:
            self.expect(rule, since=since, within=within)
        except Failed:
            return False
        return True

    def refresh(self) -> None:
        """What does not announce its changes is looked at again."""
        self.ask("look")

    def settings(self, text: str) -> None:
        """Put the user's settings in place, and wait until a monitor works by them."""
        SETTINGS.write_text(ASIDE + text)
        self.ask("reload")
        self.ready()

    @staticmethod
    def seconds(line: Line) -> float:
        """When the finding was made, in seconds since 1970."""
        return datetime.fromisoformat(line["at"]).timestamp()

    def memory(self) -> int:
        """What it holds, in KiB."""
        status = Path(f"/proc/{self._program.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def stop(self) -> None:
        """End it."""
        end(self._program)

    def _answers(self) -> bool:
        if self._program.poll() is not None:
            raise Failed(f"WiFiGuard ended: {(SCRATCH / 'wifiguard.log').read_text()[-600:]}")
        try:
            return bool(ask(SOCKET, "status")[0]["sources"])
        except (NoService, Refused, OSError):
            return False

    def _read(self) -> None:
        assert self._program.stdout is not None
        with self._output.open("ab") as copy:
            for raw in self._program.stdout:
                copy.write(raw)
                copy.flush()
                line = json.loads(raw)
                if line.get("type") == "finding":
                    self._findings.append((self.seconds(line), line))


def _fits(line: Line, fields: dict[str, object]) -> bool:
    return all((line["evidence"] | line).get(key) == value for key, value in fields.items())


def wifiguard(*words: str) -> list[Line]:
    """The lines of one of its commands, carried out here: a process of its own would spend its time on imports."""
    done = CliRunner(env=PLACES).invoke(Commands(name="wifiguard"), words)
    if done.exit_code not in (0, 3):
        raise Failed(f"wifiguard {' '.join(words)}: {done.stderr[-400:] or done.exception}")
    return [json.loads(line) for line in done.stdout.splitlines()]
