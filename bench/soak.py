"""A working week in two hours, as root: `python -m bench.soak [--minutes 120] [--rate 20] [--csv soak.csv]`.

The real monitor watches a laptop that visits sites, banks and mail servers (bench/visits.py), and joins, roams between and leaves
a dozen networks; the real agent shows what is found on a desktop. Every half minute memory, descriptors, threads and processor
time of both are written down. It fails where memory grew by more than 2 MB after the first ten minutes, where descriptors did
not stay, or where `status` told of trouble. A laptop in use makes about one connection a second, joins a network every hour and
finds something new as often; the usual rate is twenty times that. It needs the Debian packages of tests/debian-packages.txt.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import itertools
import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.desktop import Desktop
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.lab import Lab
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.mock_wifi import MockWifi
from tests.net.rig.nginx import Nginx, Site
from tests.net.rig.old_servers import OldServers
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched, as_a_service, looking_for_login_page
from wifiguard.daemon.client import ask

HERE = Path(__file__).resolve().parent
SAMPLE_EVERY, MOVE_EVERY, CLOSE_EVERY = 30.0, 30.0, 300.0
WARM_UP = 600.0
ALLOWED_GROWTH_KB = 2048
SITES = tuple(f"www.site{number}.test" for number in range(20))
BANKS = ("www.commerzbank.de", "www.paypal.com", "www.sparkasse.de")
# Where NetworkManager looks for a login page.
CHECK = "www.check.test"
MAIL_SERVERS = 200
KINDS = (
    wifi_security.OPEN,
    wifi_security.WPA2_PERSONAL,
    wifi_security.WPA3_PERSONAL,
    wifi_security.WEP,
)


class Process(NamedTuple):
    """What one process uses. Memory in KiB, `cpu` in seconds since its start."""

    rss: int
    private: int
    descriptors: int
    threads: int
    cpu: float

    @classmethod
    def of(cls, pid: int) -> Process:
        """As /proc tells it."""
        proc = Path(f"/proc/{pid}")
        memory = dict(line.split(":") for line in (proc / "smaps_rollup").read_text().splitlines()[1:])
        kilobytes = {name: int(value.split()[0]) for name, value in memory.items()}
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        return cls(
            kilobytes["Rss"],
            kilobytes["Private_Clean"] + kilobytes["Private_Dirty"],
            len(list((proc / "fd").iterdir())),
            int(fields[17]),
            (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
        )


class Sample(NamedTuple):
    """One moment. `trouble`: what `status` could not check or had to stop."""

    seconds: float
    monitor: Process
    agent: Process
    packets: int
    findings: int
    shown: int
    moves: int
    trouble: tuple[str, ...]

    def row(self) -> dict[str, object]:
        """As one line of the table."""
        out: dict[str, object] = {}
        for name, value in self._asdict().items():
            match value:
                case Process():
                    out |= {f"{name} {field}": number for field, number in value._asdict().items()}
                case tuple():
                    out[name] = "; ".join(value)
                case _:
                    out[name] = value
        return out


class World:
    """Everything that runs: the café and its servers, the air, the desktop, the monitor, the laptop's programs."""

    def __init__(self, lab: Lab, bus: PrivateBus, desktop: Desktop, rate: float) -> None:
        self._desktop = desktop
        cafe = Cafe(lab)
        web, mail = cafe.host(1), [cafe.host(number) for number in range(10, 10 + MAIL_SERVERS)]
        Dnsmasq(cafe.internet, dict.fromkeys((*SITES, *BANKS, CHECK), web))
        nginx = Nginx(cafe.internet, [Site(SITES), Site(BANKS), Site((CHECK,), page="NetworkManager is online\n")])
        OldServers(cafe.internet)
        self._radio = MockNetworkManager(bus).add_wifi(cafe.interface)
        self._moves = _moves(self._radio)
        self.moved = 0
        env = {**as_a_service(), **desktop.environment, "DBUS_SYSTEM_BUS_ADDRESS": bus.address}
        mounts = looking_for_login_page(CHECK, lab.processes.subfolder("NetworkManager"))
        self.watched = Watched(cafe.laptop, env=env, mounts=mounts)
        self._socket = self.watched.folder / "run" / "control.sock"
        wait_until(self._agent, "the agent", 60)
        plan = lab.processes.folder / "plan.json"
        addresses = [address for host in mail for address in host]
        trust = str(nginx.certificate.certificate)
        plan.write_text(json.dumps({"trust": trust, "sites": SITES, "banks": BANKS, "mail": addresses}))
        self.visits = cafe.laptop.start("visits", sys.executable, str(HERE / "visits.py"), str(rate), str(plan))
        self._began = time.monotonic()

    def move(self) -> None:
        """Join or roam."""
        next(self._moves)
        self.moved += 1

    def close_notifications(self) -> None:
        """As a person does who has read them."""
        self._desktop.dunst.close_all()

    def sample(self) -> Sample:
        """Ask and measure."""
        self.watched.process.require_running()
        status = self._ask("status")[0]
        trouble = [f"{item['what']}: {item['reason']}" for item in status["not_checked"]]
        trouble += [f"rule {rule}: {reason}" for rule, reason in status["rules_stopped"].items()]
        return Sample(
            round(time.monotonic() - self._began, 1),
            Process.of(self.watched.process.pid),
            Process.of(self._agent() or 0),
            sum(each["packets"] for each in status["traffic"].values()),
            self._findings(),
            len(self._desktop.dunst.shown()),
            self.moved,
            tuple(trouble),
        )

    def _agent(self) -> int | None:
        agents = self._ask("status")[0]["agents"]
        return next((int(pid) for pid, state in agents.items() if state["ok"]), None)

    def _findings(self) -> int:
        with contextlib.closing(sqlite3.connect(f"{self.watched.database.as_uri()}?mode=ro", uri=True)) as log:
            (number,) = log.execute("SELECT count(*) FROM problems").fetchone()
        return int(number)

    def _ask(self, what: str) -> list[dict[str, Any]]:
        return ask(self._socket, what)


def _moves(radio: MockWifi) -> Iterator[None]:
    """A dozen networks with two access points each: join one, roam to the other, go on to the next network."""
    pairs = []
    for number in range(12):
        name, kind = f"Network {number}".encode(), KINDS[number % len(KINDS)]
        pairs.append([radio.add_access_point(name, f"02:00:00:00:{number:02x}:{n:02x}", kind) for n in (1, 2)])
    for first, second in itertools.cycle(pairs):
        radio.join(first)
        yield
        radio.roam(second)
        yield


def judged(samples: Sequence[Sample], warm_up: float) -> list[str]:
    """What is wrong; empty where memory stayed flat, descriptors stayed and nothing was said."""
    wrong = []
    warm = [sample for sample in samples if sample.seconds >= warm_up]
    if len(warm) < 2:
        return ["it was too short to judge"]
    for name in ("monitor", "agent"):
        processes: list[Process] = [getattr(sample, name) for sample in warm]
        for field in ("rss", "private"):
            values = [getattr(process, field) for process in processes]
            grew = max(values) - values[0]
            print(
                f"{name} {field}: {values[0]} KiB after {warm_up:.0f} s, at most {grew:+} KiB later, {values[-1]} at the end"
            )
            if grew > ALLOWED_GROWTH_KB:
                wrong.append(f"{name}: {field} grew by {grew} KiB")
        for field in ("descriptors", "threads"):
            values = [getattr(process, field) for process in processes]
            print(f"{name} {field}: {min(values)} to {max(values)}, mostly {statistics.mode(values)}")
            half = len(values) // 2
            # What is open for a moment comes and goes; what is never closed raises the least.
            if min(values[:half]) != min(values[half:]):
                wrong.append(f"{name}: {field} did not stay")
    said = sorted({trouble for sample in samples for trouble in sample.trouble})
    return wrong + [f"status said: {trouble}" for trouble in said]


def run(minutes: float, rate: float, table: Path) -> list[str]:
    """Everything; returns what is wrong."""
    samples: list[Sample] = []
    with Lab() as lab, Desktop() as desktop, table.open("w", newline="") as out:
        world = World(lab, PrivateBus(lab.processes, "system"), desktop, rate)
        begun = time.monotonic()
        due = dict.fromkeys((world.move, world.close_notifications), begun)
        every = {world.move: MOVE_EVERY, world.close_notifications: CLOSE_EVERY}
        sample_at = begun
        writer: csv.DictWriter[str] | None = None
        while time.monotonic() < begun + minutes * 60:
            for act, at in due.items():
                if time.monotonic() >= at:
                    act()
                    due[act] += every[act]
            if time.monotonic() >= sample_at:
                sample_at += SAMPLE_EVERY
                samples.append(world.sample())
                row = samples[-1].row()
                if writer is None:
                    writer = csv.DictWriter(out, list(row))
                    writer.writeheader()
                writer.writerow(row)
                out.flush()
            time.sleep(0.5)
        print(world.visits.output().rpartition("\n")[0].rpartition("\n")[2] or "no visits")
        said = [line for line in world.watched.process.errors().splitlines() if line]
        wrong = judged(samples, min(WARM_UP, minutes * 60 / 3))
        return wrong + [f"the monitor said: {line}" for line in said]


def main() -> None:
    """Run, and say what is wrong; exit status 1 where anything is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--rate", type=float, default=20.0, help="visits a second")
    parser.add_argument("--csv", type=Path, default=Path("soak.csv"))
    chosen = parser.parse_args()
    wrong = run(chosen.minutes, chosen.rate, chosen.csv)
    for line in wrong:
        print(f"WRONG: {line}")
    print("failed" if wrong else "flat")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
