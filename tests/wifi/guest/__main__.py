"""Runs scenarios one after another and writes a line of JSON for each: `python -m tests.wifi.guest RADIOS NAME…`."""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

from tests.wifi.guest.laptops import INTERFACE, LAPTOPS
from tests.wifi.guest.shell import SCRATCH, background, run, wait_for
from tests.wifi.guest.watcher import Watcher
from tests.wifi.guest.world import World
from wifiguard.sources import look

SHARED = Path("/mnt")


def main(radios: int, names: list[str]) -> None:
    """Scenarios with the same kind of laptop follow each other, so that its daemons start once."""
    start_bus()
    watcher = Watcher(SHARED / "wifiguard.jsonl")
    start_devices()
    watcher.ready()
    (SHARED / "ready").write_text("ready")
    scenarios = [importlib.import_module(f"tests.wifi.scenarios.{name}") for name in names]
    for kind in LAPTOPS:
        mine = [scenario for scenario in scenarios if kind == scenario.LAPTOP]
        if mine:
            play_all(mine, kind, watcher, radios)
    watcher.stop()


def play_all(scenarios: list[ModuleType], kind: str, watcher: Watcher, radios: int) -> None:
    """One after another, with one laptop; where that does not start, each has failed for this reason."""
    try:
        laptop = LAPTOPS[kind]()
    except Exception:  # noqa: BLE001 - the other laptops may work
        for scenario in scenarios:
            write(scenario, 0.0, traceback.format_exc(limit=-6), {})
        return
    for scenario in scenarios:
        world = World(watcher, laptop, radios)
        write(scenario, *play(scenario, world), world.noted)
    laptop.stop()


def start_bus() -> None:
    """What a booted system has: a system bus."""
    SCRATCH.mkdir(parents=True)
    for place in ("/run/dbus", "/run/netns", "/run/NetworkManager", "/var/lib/NetworkManager", "/var/lib/iwd"):
        Path(place).mkdir(parents=True, exist_ok=True)
    run("ip", "link", "set", "lo", "up")
    # The bus would start an iwd of its own, for all radios, as soon as somebody asks for it.
    for service in Path("/usr/share/dbus-1/system-services").glob("net.connman.iwd.service"):
        service.unlink()
    # The firewall is not what is looked at here, and to start its tools after every change of a network takes seconds.
    for folder in map(Path, look.FOLDERS.split(":")):
        for tool in (folder / "nft", *folder.glob("ip*tables*-save")):
            tool.unlink(missing_ok=True)
    run("dbus-daemon", "--system", "--fork")


def start_devices() -> None:
    """And more of that: devices that udev knows, a radio that is up."""
    background("udevd", "/lib/systemd/systemd-udevd")
    wait_for(Path("/run/udev/control").exists, "udev")
    run("udevadm", "trigger", "--subsystem-match=net")
    run("udevadm", "settle", "--timeout=20", check=False)
    run("ip", "link", "set", INTERFACE, "up")


def play(scenario: ModuleType, world: World) -> tuple[float, str]:
    """(seconds, what went wrong)."""
    began = time.monotonic()
    error = ""
    try:
        scenario.run(world)
    except Exception:  # noqa: BLE001 - whatever it is, it is this scenario's result and the others go on
        error = traceback.format_exc(limit=-6)
    try:
        world.end()
    except Exception:  # noqa: BLE001 - as above
        error = error or traceback.format_exc(limit=-6)
    return time.monotonic() - began, error


def write(scenario: ModuleType, seconds: float, error: str, noted: dict[str, float]) -> None:
    """One line of result."""
    name = scenario.__name__.rsplit(".", 1)[1]
    with (SHARED / "results.jsonl").open("a") as file:
        line = {"name": name, "seconds": round(seconds, 1), "error": error, "noted": noted}
        file.write(json.dumps(line) + "\n")
    logs = SHARED / "logs" / name
    if error:
        logs.mkdir(parents=True, exist_ok=True)
        for log in SCRATCH.glob("*.log"):
            (logs / log.name).write_bytes(log.read_bytes()[-20_000:])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
