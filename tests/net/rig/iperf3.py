"""Bulk traffic by a real iperf3."""

from __future__ import annotations

import json

from msgspec import Struct

from tests.net.rig.lab import Namespace

PORT = 5201


class Throughput(Struct, frozen=True):
    """What arrived at the receiving end."""

    bytes: int
    seconds: float


class Iperf3Server:
    """A running iperf3 server on all addresses of the namespace; one client at a time."""

    def __init__(self, namespace: Namespace) -> None:
        self.process = namespace.start("iperf3-server", "iperf3", "--server", "--port", str(PORT), "--forceflush")
        namespace.wait_listening(self.process, PORT)


class Iperf3Client:
    """A running transfer to `server` (an address); `reverse`: from it. Ends after `seconds`.

    `megabits`: at most so many a second, in all; `length`: bytes a write (small ones make many small packets).
    """

    def __init__(
        self,
        namespace: Namespace,
        server: str,
        *,
        seconds: int,
        megabits: int | None = None,
        reverse: bool = False,
        length: int | None = None,
    ) -> None:
        argv = ["iperf3", "--client", server, "--port", str(PORT), "--json", "--time", str(seconds)]
        argv += ["--bitrate", f"{megabits}M"] if megabits else []
        argv += ["--reverse"] if reverse else []
        argv += ["--length", str(length)] if length else []
        self._seconds = seconds
        self.process = namespace.start("iperf3-client", *argv)

    def result(self) -> Throughput:
        """Wait for the end."""
        status = self.process.wait(self._seconds + 15)
        report = json.loads(self.process.output())
        assert status == 0, report.get("error", report)
        received = report["end"]["sum_received"]
        return Throughput(received["bytes"], received["seconds"])
