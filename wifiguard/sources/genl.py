"""Generic netlink in the little that asking and listening take: families, dumps, notifications.

A library's reader of nl80211 takes every information element apart before anyone asked, and raises on one that lies.
"""

from __future__ import annotations

import errno
import os
import struct
from types import TracebackType
from typing import Self

from wifiguard.sources import netlink
from wifiguard.sources.netlink import Message, attribute, attributes, number

# Messages that one dump may have: a network of access points has hundreds.
MESSAGES = 65536

_GENERIC = struct.Struct("=BBxx")  # command, version
_CONTROLLER = 16
_GET_FAMILY = 3
_FAMILY_ID, _FAMILY_NAME, _GROUPS, _GROUP_NAME, _GROUP_ID = 1, 2, 7, 1, 2
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1


class Generic:
    """A socket to one family, such as nl80211; a context manager. OSError where the kernel has no such family."""

    def __init__(self, family: str) -> None:
        self._kernel = netlink.Conversation(netlink.GENERIC)
        self.socket = self._kernel.socket
        try:
            name = attribute(_FAMILY_NAME, family.encode() + b"\0")
            answer = self._kernel.ask(_CONTROLLER, _GENERIC.pack(_GET_FAMILY, 1) + name)
            told = _read(answer)[1] if answer else {}
            if (id := number(told, _FAMILY_ID)) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._family = id
            groups = map(attributes, attributes(told.get(_GROUPS, b"")).values())
            self._groups = {
                each.get(_GROUP_NAME, b"").rstrip(b"\0").decode("ascii", "replace"): each for each in groups
            }
        except BaseException:
            self._kernel.close()
            raise

    def listen(self, *groups: str) -> None:
        """Hear these groups from now on; those that the kernel does not have are left out."""
        self.socket.setblocking(False)
        for name in groups:
            if name in self._groups and (id := number(self._groups[name], _GROUP_ID)) is not None:
                self.socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, id)

    def heard(self) -> list[tuple[int, dict[int, bytes]]]:
        """(command, attributes) of what has arrived, without waiting. OSError ENOBUFS where some was lost."""
        try:
            datagram = self.socket.recv(netlink.CHUNK)
        except BlockingIOError:
            return []
        return [_read(message) for message in netlink.messages(datagram) if self._speaks(message)]

    def dump(self, command: int, *about: bytes) -> list[dict[int, bytes]]:
        """The attributes of every object. `about`: attributes of the question."""
        question = _GENERIC.pack(command, 1) + b"".join(about)
        told = self._kernel.dump(
            self._family, question, lambda message, known: self._speaks(message) and known < MESSAGES
        )
        return [_read(message)[1] for message in told]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kernel.close()

    def _speaks(self, message: Message) -> bool:
        return message.kind == self._family and len(message.body) >= _GENERIC.size


def _read(message: Message) -> tuple[int, dict[int, bytes]]:
    """Command and attributes."""
    return message.body[0] if message.body else 0, attributes(message.body[_GENERIC.size :])
