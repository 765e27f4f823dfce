"""SNMP's datagrams: which manager uses which agent, and whether its community is a secret; each told once in a while."""

from __future__ import annotations

from typing import Final

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import CleartextLogin, CleartextSession, Flow
from wifiguard.core.observation import Seen
from wifiguard.decode import snmp
from wifiguard.streams.outlet import Outlet

# Requests and answers; notifications, which the agent sends to its manager (RFC 3417, 3).
_AGENT, _MANAGER = 161, 162
PORTS: Final = frozenset({_AGENT, _MANAGER})
_AGAIN: Final = 300.0  # seconds of tick; managers ask every few
_MOST: Final = 1024


class Snmp:
    """Reads versions 1 and 2c; version 3 has no community."""

    def __init__(self, outlet: Outlet, *, tunnelled: bool) -> None:
        self._outlet = outlet
        self._tunnelled = tunnelled
        self._told: BoundedMap[tuple[bytes, bytes, bool], bool] = BoundedMap(_MOST, _AGAIN)

    def datagram(
        self, source: bytes, source_port: int, destination: bytes, destination_port: int, message: bytes, seen: Seen
    ) -> None:
        """Take a datagram from or to one of `PORTS`."""
        secret = snmp.secret_community(message)
        if secret is None:
            return
        self._outlet.count("snmp")
        flow = Flow(source, source_port, destination, destination_port, "udp", self._tunnelled)
        if destination_port not in PORTS:
            flow = Flow(destination, destination_port, source, source_port, "udp", self._tunnelled)
        told = (flow.client, flow.server, secret)
        if self._told.get(told, seen.tick):
            return
        self._told.put(told, True, seen.tick)
        self._outlet.emit(CleartextSession(seen, flow, "snmp"))
        if secret:
            self._outlet.emit(CleartextLogin(seen, flow, "snmp"))
