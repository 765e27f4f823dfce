"""Packets a second of replay with every rule: `python bench/replay.py FILE… [--frames]`. Best of three, each in a new process."""

from __future__ import annotations

import gc
import os
import sys
import time
from multiprocessing import get_context

from wifiguard.cli.replay import GARBAGE
from wifiguard.daemon.lines import decision_line
from wifiguard.daemon.replay import replay_file
from wifiguard.names.catalogue import Catalogue
from wifiguard.rules import rule_files
from wifiguard.sources.files import CaptureFile


def measure(path: str, frames: bool) -> tuple[float, int, int]:
    """Seconds, packets that reached the decoders, and peak memory in MiB."""
    gc.set_threshold(*GARBAGE)
    rules = rule_files()
    names = Catalogue()
    began = time.perf_counter()
    lines = replay_file(
        path,
        lambda: [file.make(names) for file in rules.values()],
        lambda decision: decision_line({id: file.rule for id, file in rules.items()}, decision),
        frames=frames,
    )
    *_, capture = lines
    seconds = time.perf_counter() - began
    with open(f"/proc/{os.getpid()}/status") as status:  # noqa: PTH123
        peak = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
    packets = capture["packets"]
    assert isinstance(packets, int)
    return seconds, packets, peak


def total(path: str) -> int:
    """All packets of the file."""
    with CaptureFile(path, filtered=False) as file:
        while file.read(lambda *_: None, 100_000):
            pass
        return file.count


def main(arguments: list[str]) -> None:
    """Print one line a file."""
    frames = "--frames" in arguments
    for path in arguments:
        if path.startswith("--"):
            continue
        everything = total(path)
        best = (float("inf"), 0, 0)
        for _ in range(3):
            with get_context("spawn").Pool(1) as pool:
                best = min(best, pool.apply(measure, (path, frames)))
        seconds, packets, peak = best
        rate = everything / seconds
        print(
            f"{path}: {everything} packets in {seconds:.2f} s, {rate:,.0f} a second; {packets} decoded, peak {peak} MiB"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
