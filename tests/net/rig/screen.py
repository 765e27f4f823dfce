"""A screen that nobody sees."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.net.rig.command import environment
from tests.net.rig.processes import Processes
from tests.net.rig.waiting import wait_until


class Screen:
    """A running Xvfb on a free display, 1024 by 768."""

    def __init__(self, processes: Processes) -> None:
        self.process = processes.start(
            "xvfb", ["Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"]
        )
        number = self.process.wait_for_output(r"(\d+)\n", timeout=30)[1]  # written once it accepts programs
        self.environment = {"DISPLAY": f":{number}"}

    def screenshot(self, path: Path, *, blank: bool = False) -> None:
        """Write a PNG, once the picture holds still and (unless `blank`) shows something."""
        seen = [b""]

        def still() -> bool:
            pixels = self._picture("rgb:-")
            seen.append(pixels)
            return seen[-2] == pixels and (blank or pixels != pixels[:3] * (len(pixels) // 3))

        wait_until(still, "a picture that holds still")
        path.write_bytes(self._picture("png:-"))

    def _picture(self, format_: str) -> bytes:
        argv = ["import", "-silent", "-window", "root", "-depth", "8", format_]
        return subprocess.run(argv, env=environment(self.environment), stdout=subprocess.PIPE, check=True).stdout
