"""ARP spoofing on a café's Wi-Fi, and what arpwatch and WiFiGuard say of it: sudo python bench/beside_arpwatch.py"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.net.rig.lab import Lab
from tests.net.rig.shared_air import LAPTOP4, ROUTER4, SharedAir
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched


def main() -> None:
    """Print what each of the two said, and when."""
    with Lab() as lab:
        air = SharedAir(lab, 4)
        data = lab.processes.subfolder("arpwatch") / "arp.dat"
        data.touch()
        # It gives up root, and keeps its file there.
        shutil.chown(data.parent, "arpwatch")
        shutil.chown(data, "arpwatch")
        arpwatch = air.laptop.start("arpwatch", "arpwatch", "-d", "-i", "wlan0", "-f", str(data))
        watched = Watched(air.laptop)
        air.meet()
        wait_until(lambda: watched.status()["networks"], "the network to be known")
        air.meet()
        print("before the attack, arpwatch:", subjects(arpwatch.output()))
        print("before the attack, WiFiGuard:", sorted({line["title"] for line in watched.printed()}))
        quiet = len(subjects(arpwatch.output())), len(watched.printed())
        began = time.monotonic()
        attack = air.attacker.start("arpspoof", "arpspoof", "-i", "eth0", "-t", LAPTOP4, ROUTER4)
        said: dict[str, float] = {}
        while time.monotonic() - began < 20:
            after = time.monotonic() - began
            for text in subjects(arpwatch.output())[quiet[0] :]:
                said.setdefault(f"arpwatch: {text}", after)
            for line in watched.printed()[quiet[1] :]:
                said.setdefault(f"WiFiGuard: {line['title']}", after)
            time.sleep(0.05)
        attack.stop()
        mails = len(subjects(arpwatch.output())) - quiet[0]
    print(f"in 20 s: {mails} mails of arpwatch")
    for text, after in said.items():
        print(f"{after:5.1f} s  {text}")


def subjects(report: str) -> list[str]:
    """The subjects of arpwatch's mails."""
    return [line.partition(":")[2].strip() for line in report.splitlines() if line.startswith("Subject:")]


if __name__ == "__main__":
    main()
