"""What the local link says in single packets: addresses, routers, settings and names, each handed to its decoder."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.lan import Delivery, RouterTraffic
from wifiguard.core.messages import Flow
from wifiguard.core.observation import Observation, Seen
from wifiguard.decode import arp, dhcp, dhcp6, dns, icmp, nbns, nd
from wifiguard.decode.bad import Bad
from wifiguard.decode.frames import Frames
from wifiguard.streams.outlet import Outlet

# Port → protocol of datagrams that are read. A response comes from the port that the query went to.
PORTS: Final = {
    53: "dns",
    5353: "mdns",
    5355: "llmnr",
    137: "nbns",
    67: "dhcp",
    68: "dhcp",
    546: "dhcp",
    547: "dhcp",
}
_DNS: Final = frozenset({"dns", "mdns", "llmnr"})
# Relays and servers among themselves: who sends such a packet is no neighbour that a client listens to.
_BETWEEN_SERVERS: Final = frozenset({(67, 67), (547, 547)})
# Two tellings of the same router's traffic are at least this far apart, in seconds of tick.
_ROUTED_EVERY = 1.0
_ROUTED_MOST = 64


class Local:
    """Reads ARP, ICMP, DHCP and name messages of one capture, and tells whose frames carry traffic of the world outside.

    What lies in a tunnel is counted; apart from DNS it says nothing about this link.
    """

    def __init__(self, outlet: Outlet, frames: Frames, *, tunnelled: bool) -> None:
        self._outlet = outlet
        self._frames = frames
        self._tunnelled = tunnelled
        self._routed: BoundedMap[tuple[bytes, bool], bool] = BoundedMap(_ROUTED_MOST, _ROUTED_EVERY)

    def arp(self, data: bytes, start: int, seen: Seen) -> None:
        """Take one ARP message."""
        delivery = self._frames.delivery()
        self._tell(None if delivery is None else arp.message(data, start, delivery, seen), "arp")

    def icmp(self, source: bytes, destination: bytes, data: bytes, start: int, end: int, seen: Seen) -> None:
        """Take one ICMP or ICMPv6 message."""
        kind = data[start]
        if len(source) == 16:
            if kind in nd.TYPES:
                delivery = self._frames.delivery()
                found = None
                if delivery is not None:
                    found = nd.message(data, start, end, source, destination, delivery, seen)
                self._tell(found, "ndp")
        elif kind == icmp.REDIRECT and (delivery := self._frames.delivery()) is not None:
            self._outlet.emit(icmp.redirect(data, start, end, source, destination, delivery, seen))

    def udp(
        self,
        protocol: str,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """Take one datagram of a protocol of `PORTS`."""
        message = data[start:end]
        if protocol in _DNS:
            self.routed(source, destination, seen)
        try:
            found = self._read(protocol, message, source, source_port, destination, destination_port, seen)
        except Bad:
            if end <= len(data):  # else the capture was cut, not the message
                raise
            found = None
        self._tell(found, protocol)

    def routed(self, source: bytes, destination: bytes, seen: Seen) -> None:
        """A frame carried a packet between these addresses: tell its router where one of them is far away."""
        if len(source) != 4:
            return
        inward = _is_far(source)
        if inward == _is_far(destination):
            return
        delivery = self._frames.delivery()
        if delivery is None:
            return
        mac = delivery.mac if inward else delivery.to
        if not mac or mac[0] & 1 or self._routed.get((mac, inward), seen.tick) is not None:
            return
        self._routed.put((mac, inward), True, seen.tick)
        self._outlet.emit(RouterTraffic(seen, mac, inward, destination if inward else source, delivery.vlan))

    def _read(
        self,
        protocol: str,
        message: bytes,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        seen: Seen,
    ) -> Observation | None:
        delivery = self._frames.delivery()
        if protocol in _DNS:
            if destination_port in PORTS:
                flow = Flow(source, source_port, destination, destination_port, "udp", self._tunnelled)
            else:
                flow = Flow(destination, destination_port, source, source_port, "udp", self._tunnelled)
            return dns.message(message, flow, protocol, seen, delivery or Delivery())
        if delivery is None or (source_port, destination_port) in _BETWEEN_SERVERS:
            return None
        if protocol == "nbns":
            return nbns.message(message, source, destination, delivery, seen) if len(source) == 4 else None
        return (dhcp.message if len(source) == 4 else dhcp6.message)(message, source, delivery, seen)

    def _tell(self, found: Observation | None, protocol: str) -> None:
        if found is None:
            self._outlet.count(protocol)
        else:
            self._outlet.tell(found, protocol)


@lru_cache(4096)
def _is_far(address: bytes) -> bool:
    parsed = ipaddress.IPv4Address(address)
    return parsed.is_global and not parsed.is_multicast
