"""Live, as root: `python bench/live.py [RUNS]`. iperf3 at its highest rate, and beside it logins in every cleartext protocol.

WiFiGuard and suricata (with bench/suricata.rules) watch the same cable in the same seconds. Printed are what the kernel dropped,
which logins were missed, and the processor time of both. It needs the Debian packages iproute2, iperf3 and suricata.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.net.rig.cafe import Cafe
from tests.net.rig.iperf3 import Iperf3Client, Iperf3Server
from tests.net.rig.lab import Lab
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

HERE = Path(__file__).resolve().parent
SECONDS = 20


def used(process: Spawned) -> float:
    """Processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def logins(watched: Watched) -> Counter[str]:
    """Protocol → logins that were told."""
    return Counter({line["evidence"]["protocol"]: line["count"] for line in watched.log("plaintext-login")})


def start_suricata(cafe: Cafe) -> Spawned:
    """suricata on the laptop's interface, ready."""
    folder = cafe.lab.processes.subfolder("suricata")
    options = [f"--af-packet={cafe.interface}", "-S", str(HERE / "suricata.rules"), "-l", str(folder), "-k", "none"]
    process = cafe.laptop.start("suricata", "suricata", *options)
    wait_until(lambda: process.require_running() and "Engine started" in process.output(), "suricata", 60)
    return process


def suricata_drops(folder: Path) -> tuple[int, int]:
    """(packets, dropped) by its own count."""
    stats = [json.loads(line) for line in (folder / "eve.json").read_text().splitlines() if '"stats"' in line]
    capture = stats[-1]["stats"]["capture"] if stats else {}
    return capture.get("kernel_packets", 0), capture.get("kernel_drops", 0)


def run() -> tuple[Counter[str], dict[str, object]]:
    """Once in calm, then beside iperf3; returns the logins that were missed then, and the figures."""
    env = {"PYTHONPATH": str(HERE.parent)}
    with Lab() as lab:
        cafe = Cafe(lab)
        stories = (sys.executable, str(HERE / "stories.py"))
        server = cafe.internet.start("stories", *stories, "serve", cafe.router.v4, env=env)
        wait_until(lambda: server.require_running() and "ready" in server.output(), "the servers", 30)
        watched = Watched(cafe.laptop)
        suricata = start_suricata(cafe)
        cafe.laptop.run(*stories, "talk", cafe.router.v4, env=env, timeout=300)
        time.sleep(3.0)  # what was half-read is told
        expected = logins(watched)
        before = used(watched.process), used(suricata)
        began = time.monotonic()
        Iperf3Server(cafe.internet)
        transfer = Iperf3Client(cafe.laptop, cafe.router.v4, seconds=SECONDS, reverse=True)
        time.sleep(1.0)
        cafe.laptop.run(*stories, "talk", cafe.router.v4, env=env, timeout=300)
        result = transfer.result()
        seconds = time.monotonic() - began
        ours, theirs = used(watched.process) - before[0], used(suricata) - before[1]
        time.sleep(3.0)
        missed = expected + expected - logins(watched)
        traffic = watched.status()["traffic"][cafe.interface]
        folder = next(lab.processes.folder.glob("suricata*.d"))
        suricata.stop()
        read, dropped = suricata_drops(folder)
        return missed, {
            "logins": expected.total(),
            "Gbit/s": round(result.bytes * 8 / result.seconds / 1e9, 2),
            "cpu %": round(100 * ours / seconds, 1),
            "read": traffic["packets"],
            "dropped": traffic["dropped"],
            "suricata cpu %": round(100 * theirs / seconds, 1),
            "suricata read": read,
            "suricata dropped": dropped,
        }


def main(runs: int) -> None:
    """Print a line a run."""
    for number in range(runs):
        missed, figures = run()
        print(f"run {number + 1}: missed {dict(missed)}; {figures}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
