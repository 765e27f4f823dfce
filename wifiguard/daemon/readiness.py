"""What systemd wants to know of a service: that it is ready, that it lives, that it stops (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> bool:
    """Tell systemd `state` ("READY=1"); False where systemd did not start this process or does not listen any more."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return False
    return True


def watchdog_interval() -> float | None:
    """Seconds between two signs of life (sd_watchdog_enabled(3): half of what is allowed); None where none is wanted."""
    allowed, whose = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not allowed.isdecimal() or whose != str(os.getpid()) or int(allowed) == 0:
        return None
    return int(allowed) / 2e6
