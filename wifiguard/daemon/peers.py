"""Who is at the other end of the control socket, and what they may do."""

from __future__ import annotations

import errno
import grp
import os
import socket
import struct
import time
from pathlib import Path

from msgspec import Struct

GROUP = "wifiguard"
# Where logind says who sits at which seat; libsystemd's sd_uid_is_on_seat() reads the same files.
SEATS = Path("/run/systemd/seats")
# Seconds for which it is known who sits at the seats: those who ask often must not have the files read each time.
SEATS_KNOWN_FOR = 1.0
_CREDENTIALS = struct.Struct("=iII")
# Supplementary groups of the peer as the kernel noted them when it connected (Linux 4.13); not in Python's socket module,
# which takes 1024 bytes of an option at most.
_SO_PEERGROUPS = 59
_GROUPS = 1024


class Peer(Struct, frozen=True):
    """The process that connected."""

    pid: int
    uid: int
    groups: frozenset[int]


def peer_of(link: socket.socket) -> Peer:
    """Who connected, from the kernel. Raises OSError."""
    pid, uid, gid = _CREDENTIALS.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    try:
        raw = link.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _GROUPS)
    except OSError as error:
        if error.errno not in (errno.ERANGE, errno.ENOPROTOOPT):
            raise
        # More groups than fit, or an older kernel: the first one alone counts.
        raw = b""
    return Peer(pid, uid, frozenset((gid, *(number for (number,) in struct.iter_unpack("=I", raw)))))


class Gate:
    """Root, the monitor's own user, who started it with sudo, and who sits at this computer may do everything; members of the
    group `wifiguard` may read.
    """

    def __init__(self, owners: frozenset[int], group: int | None, seats: Path = SEATS) -> None:
        self._owners = owners
        self._group = group
        self._seats = seats
        self._active: frozenset[int] = frozenset()
        self._known_until = 0.0

    @classmethod
    def of_this_process(cls) -> Gate:
        """The gate of the monitor that runs in this process."""
        owners = {0, os.geteuid()}
        sudo = os.environ.get("SUDO_UID", "")
        if os.geteuid() == 0 and sudo.isdecimal():
            owners.add(int(sudo))
        try:
            group = grp.getgrnam(GROUP).gr_gid
        except KeyError:
            group = None
        return cls(frozenset(owners), group)

    def owns(self, peer: Peer) -> bool:
        """Whether the monitor is this peer's own, wherever they sit."""
        return peer.uid in self._owners

    def may_change(self, peer: Peer) -> bool:
        """Whether `peer` may trust, forget, mute, reload."""
        return self.owns(peer) or self._sits_here(peer.uid)

    def may_read(self, peer: Peer) -> bool:
        """Whether `peer` may ask and subscribe."""
        return (self._group is not None and self._group in peer.groups) or self.may_change(peer)

    def _sits_here(self, uid: int) -> bool:
        now = time.monotonic()
        if now >= self._known_until:
            self._active, self._known_until = self._active_users(), now + SEATS_KNOWN_FOR
        return uid in self._active

    def _active_users(self) -> frozenset[int]:
        try:
            seats = [seat.read_text() for seat in self._seats.iterdir()]
        except OSError:
            # No logind: nobody is known to sit here.
            return frozenset()
        said = (line.partition("=") for seat in seats for line in seat.splitlines())
        return frozenset(int(uid) for name, _, uid in said if name == "ACTIVE_UID" and uid.isdecimal())
