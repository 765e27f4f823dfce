"""What watching costs while nothing happens, as root: `python -m bench.idle [--minutes N]`.

The monitor, its agent and the peers that are installed watch the same interface of the same laptop in the same minutes. The
network is quiet: nobody asks anything. Printed are, a program each, the processor time as a share of one core, how often the
kernel woke one of its threads in a second, and what was resident at the end and at most, in MB.

It needs the Debian packages iproute2, suricata (from backports), arpwatch and opensnitch.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from bench.live import start_suricata
from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.spawned import Spawned
from tests.net.watched import Watched

# The starts are over, and with them what is done once.
SETTLE = 60.0


class Cost(Struct, frozen=True):
    """Processor time in seconds, wake-ups, and memory in MB, since a process began."""

    seconds: float
    wakes: int
    resident: float
    most: float


def processes(root: int) -> Iterator[int]:
    """A process and all that it started."""
    yield root
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from processes(int(child))


def cost(process: Spawned) -> Cost:
    """Of a program with all its processes, as the kernel's scheduler counts it: ticks of 10 ms say nothing of so little."""
    seconds, wakes, resident, most = 0.0, 0, 0.0, 0.0
    for pid in processes(process.pid):
        for task in Path(f"/proc/{pid}/task").iterdir():
            seconds += int((task / "schedstat").read_text().split()[0]) / 1e9
            wakes += int(field(task / "status", "voluntary_ctxt_switches"))
        resident += int(field(Path(f"/proc/{pid}/status"), "VmRSS")) / 1024
        most += int(field(Path(f"/proc/{pid}/status"), "VmHWM")) / 1024
    return Cost(seconds, wakes, resident, most)


def field(status: Path, name: str) -> str:
    """A number of /proc/PID/status."""
    return next(line.split()[1] for line in status.read_text().splitlines() if line.startswith(f"{name}:"))


def peers(cafe: Cafe) -> dict[str, Spawned]:
    """Those that are installed, watching."""
    folder = cafe.lab.processes.subfolder("peers")
    found: dict[str, Spawned] = {}
    if shutil.which("suricata"):
        found["suricata"] = start_suricata(cafe)
    if shutil.which("arpwatch"):
        (folder / "arp.dat").touch()
        options = ("-d", "-N", "-i", cafe.interface, "-f", str(folder / "arp.dat"))
        found["arpwatch"] = cafe.laptop.start("arpwatch", "arpwatch", *options)
    if shutil.which("opensnitchd"):
        options = ("-process-monitor-method", "proc", "-rules-path", str(folder), "-ui-socket", f"unix://{folder}/ui")
        found["opensnitchd"] = cafe.laptop.start("opensnitchd", "opensnitchd", *options)
    return found


def main(minutes: float) -> None:
    """Print a line a program."""
    with Lab() as lab:
        cafe = Cafe(lab)
        watched = Watched(cafe.laptop, "--no-notify")
        agent = watched.start_command(
            "agent", "--socket", str(Path(watched.env["WIFIGUARD_RUNTIME_DIR"], "control.sock"))
        )
        programs = {"wifiguard run": watched.process, "wifiguard agent": agent, **peers(cafe)}
        time.sleep(SETTLE)
        before = {name: cost(process) for name, process in programs.items()}
        began = time.monotonic()
        time.sleep(60 * minutes)
        lasted = time.monotonic() - began
        print(f"{minutes:g} minutes                core   wake-ups a s   MB now   at most")
        for name, process in programs.items():
            after, start = cost(process), before[name]
            share, wakes = (after.seconds - start.seconds) / lasted, (after.wakes - start.wakes) / lasted
            print(f"{name:20s} {share:8.3%} {wakes:14.2f} {after.resident:8.1f} {after.most:9.1f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    main(parser.parse_args().minutes)
    sys.exit(0)
