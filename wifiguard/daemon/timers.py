"""What rings, made of the kernel's own timers (timerfd_create(2)).

The event loop's clock stands still while a laptop sleeps, so that what is due at dawn would come at noon.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import time
from collections.abc import Callable

_NONBLOCK, _CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
_ABSOLUTE, _CANCEL_ON_SET = 1, 2
_NUMBER = 8


class _Spec(ctypes.Structure):
    """`struct itimerspec`: the period, then the first time."""

    _fields_ = (("period", ctypes.c_long * 2), ("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Timer:
    def __init__(self, clock: int, heard: Callable[[], None]) -> None:
        self._kernel = ctypes.CDLL(None, use_errno=True)
        self._file = self._checked(self._kernel.timerfd_create(clock, _NONBLOCK | _CLOEXEC))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._file, heard)

    def arm(self, at: float, flags: int) -> None:
        """Readable at `at` of its clock, in seconds; never for 0."""
        spec = _Spec(seconds=int(at), nanoseconds=int(at % 1 * 1e9))
        self._checked(self._kernel.timerfd_settime(self._file, flags, ctypes.byref(spec), None))

    def read(self) -> bool:
        """Take what made it readable; False where its clock was set."""
        try:
            os.read(self._file, _NUMBER)
        except BlockingIOError:  # it was armed anew meanwhile
            return True
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
            return False
        return True

    def close(self) -> None:
        """Ring no more."""
        self._loop.remove_reader(self._file)
        os.close(self._file)

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result


class Alarm:
    """Calls `ring` at a moment of boot time, which goes on while the laptop sleeps: what came due then rings on waking."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer = _Timer(time.CLOCK_BOOTTIME, self._heard)

    def set(self, due: float | None) -> None:
        """Ring at `due` (CLOCK_BOOTTIME, seconds), at once where that is past, and at no other time; None: not at all."""
        # Zero would switch it off.
        self._timer.arm(0.0 if due is None else max(due, 1e-9), _ABSOLUTE)

    def close(self) -> None:
        """Ring no more."""
        self._timer.close()

    def _heard(self) -> None:
        self._timer.read()
        self._ring()


class Jumps:
    """Calls `jumped` when the wall clock was set, and when the laptop wakes up."""

    # Later than any clock shows; it must only never come.
    _FAR = 1 << 40

    def __init__(self, jumped: Callable[[], None]) -> None:
        self._jumped = jumped
        self._timer = _Timer(time.CLOCK_REALTIME, self._heard)
        self._listen()

    def close(self) -> None:
        """Call no more."""
        self._timer.close()

    def _listen(self) -> None:
        self._timer.arm(self._FAR, _ABSOLUTE | _CANCEL_ON_SET)

    def _heard(self) -> None:
        if not self._timer.read():
            self._listen()
            self._jumped()
