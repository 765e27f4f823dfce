"""The system journal: one structured entry a finding (systemd's native protocol, one datagram)."""

from __future__ import annotations

import os
import socket

from wifiguard.core.severity import Severity

SOCKET = "/run/systemd/journal/socket"
_PRIORITY = {
    Severity.CRITICAL: 2,
    Severity.HIGH: 3,
    Severity.MEDIUM: 4,
    Severity.LOW: 5,
    Severity.INFO: 6,
}


def under_systemd() -> bool:
    """Whether systemd started this process and reads its output."""
    return "JOURNAL_STREAM" in os.environ


class Journal:
    """Writes entries; a journal that does not answer costs nothing and loses nothing (the log has it)."""

    def __init__(self, path: str = SOCKET) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.lost = 0

    def write(self, message: str, level: Severity, /, **fields: str) -> None:
        """One entry with MESSAGE, PRIORITY and WIFIGUARD_<FIELD>."""
        parts = [_field("MESSAGE", message), _field("PRIORITY", str(_PRIORITY[level]))]
        parts += [_field(f"WIFIGUARD_{name.upper()}", value) for name, value in fields.items()]
        try:
            self._socket.sendto(b"".join([_field("SYSLOG_IDENTIFIER", "wifiguard"), *parts]), self._path)
        except OSError:
            self.lost += 1

    def close(self) -> None:
        """End it."""
        self._socket.close()


def _field(name: str, value: str) -> bytes:
    # The length-prefixed form holds any bytes: no value can begin a field of its own.
    raw = value.encode("utf-8", "replace")
    return name.encode() + b"\n" + len(raw).to_bytes(8, "little") + raw + b"\n"
