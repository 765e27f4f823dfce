"""One program that a test started: its output, its end."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.net.rig.command import environment
from tests.net.rig.waiting import wait_until

# If the test run itself is killed, the kernel ends what it started. PR_SET_PDEATHSIG goes with the *thread* that
# started the program: start programs from the main thread.
WITH_ME = ("setpriv", "--pdeathsig", "KILL", "--")


class ProgramEndedError(AssertionError):
    """A program that should run has ended."""


class Spawned:
    """A program running in the background, in a session of its own."""

    def __init__(self, name: str, argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.out = folder / f"{name}.out"
        self.err = folder / f"{name}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._popen = subprocess.Popen(
                [*WITH_ME, *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment(env),
                start_new_session=True,
            )
        self.pid = self._popen.pid
        self._pidfd = os.pidfd_open(self.pid)
        self._stopped = False
        wait_until(self._bound_to_us, f"{name} to be started by {WITH_ME[0]}")

    def output(self) -> str:
        """What it has written to standard output so far."""
        return self.out.read_text("utf-8", "backslashreplace")

    def errors(self) -> str:
        """What it has written to standard error so far."""
        return self.err.read_text("utf-8", "backslashreplace")

    def running(self) -> bool:
        return not self._stopped and not self._ended_within(0)

    def wait_for_output(self, pattern: str, timeout: float = 10.0) -> re.Match[str]:
        """The first match of `pattern` in either stream; fails at once when the program has ended without it."""

        def look() -> re.Match[str] | None:
            running = self.running()  # before reading: the last words of an ending program count
            found = re.search(pattern, self.output()) or re.search(pattern, self.errors())
            if not found and not running:
                raise ProgramEndedError(self._story(f"ended without saying {pattern!r}"))
            return found

        return wait_until(look, f"{self.name} to say {pattern!r}", timeout)

    def require_running(self) -> bool:
        """True, or an error that shows what the program said before it ended."""
        if not self.running():
            raise ProgramEndedError(self._story("has ended"))
        return True

    def wait(self, timeout: float = 10.0) -> int:
        """Its exit status (negative: the signal), once it has ended by itself."""
        if not self._stopped and not self._ended_within(timeout):
            raise AssertionError(self._story(f"still runs after {timeout:g} s"))
        return self.stop()

    def signal(self, number: signal.Signals) -> None:
        if not self._stopped:
            signal.pidfd_send_signal(self._pidfd, number)

    def stop(self, timeout: float = 5.0) -> int:
        """End it and whatever it left in its process group; its exit status. May be called twice."""
        if not self._stopped:
            try:
                if not self._ended_within(0):
                    self.signal(signal.SIGTERM)
                    self.signal(signal.SIGCONT)  # a frozen program gets its SIGTERM only then
                    if not self._ended_within(timeout):
                        self.signal(signal.SIGKILL)
            finally:
                # Not reaped yet, so the group's number cannot have gone to somebody else.
                try:
                    os.killpg(self.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                self._popen.wait()
                self._stopped = True
                os.close(self._pidfd)
        return self._popen.wait()

    def _ended_within(self, seconds: float) -> bool:
        poller = select.poll()
        poller.register(self._pidfd, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def _bound_to_us(self) -> bool:
        """Has setpriv done its work and given way? Until then the program would outlive a killed test run."""
        try:
            return Path(f"/proc/{self.pid}/exe").readlink().name != WITH_ME[0]
        except FileNotFoundError:  # it has ended already
            return True

    def _story(self, happened: str) -> str:
        return f"{self.name} {happened}\n$ {' '.join(self.argv)}\n{self.output()[-4000:]}{self.errors()[-4000:]}"
