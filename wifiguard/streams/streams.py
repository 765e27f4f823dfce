"""The room's front: captured frames in, messages out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wifiguard.core.observation import Observation, Seen
from wifiguard.core.tls import NO_ROOTS, Trust
from wifiguard.decode import wireguard
from wifiguard.decode.bad import Bad
from wifiguard.decode.frames import Frames
from wifiguard.streams.air import Air
from wifiguard.streams.connections import Connections
from wifiguard.streams.fragments import Fragments
from wifiguard.streams.limits import Counts, Limits
from wifiguard.streams.local import PORTS, Local
from wifiguard.streams.outlet import Outlet
from wifiguard.streams.quic import Quic
from wifiguard.streams.settled import Settled
from wifiguard.streams.shunts import Shunt
from wifiguard.streams.snmp import PORTS as SNMP_PORTS
from wifiguard.streams.snmp import Snmp
from wifiguard.streams.undecided import Undecided

# A tick that is this much earlier than the one before starts anew: a capture's clock was set, or files were joined.
_BACK = 1.0
_LIMITS: Final = Limits()


class Streams:
    """Reads the packets of one capture (`link_type`: libpcap's DLT number) and emits what they say. It never raises.

    `tunnelled`: the device is a VPN's, so what is plain here is not plain on the link under it. `trust` names the authorities
    that vouch for certificates. Time comes from the packets, and from `advance` where they fall silent.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        link_type: int,
        *,
        tunnelled: bool = False,
        limits: Limits = _LIMITS,
        trust: Trust = lambda: NO_ROOTS,
    ) -> None:
        self._outlet = Outlet(emit, trust)
        self.counts: Final[Counts] = self._outlet.counts
        settled = Settled(link_type, self.counts)
        self._connections = Connections(self._outlet, Undecided, limits, settled, tunnelled=tunnelled)
        self._fragments = Fragments(limits.fragments, limits.fragment_age)
        self._air = Air(self._outlet, link_type)
        self._cut = False
        self._frames = Frames(link_type, self)
        self._local = Local(self._outlet, self._frames, tunnelled=tunnelled)
        self._connections.opening = self._local.routed
        self._quic = Quic(self._outlet, tunnelled=tunnelled)
        self._snmp = Snmp(self._outlet, tunnelled=tunnelled)
        self._tick = float("-inf")
        self.tcp = self._connections.tcp
        self._waiting = self._connections.waiting
        # Asked before `packet`, it spares the packets that need no reading.
        self.settled = settled.take

    def packet(self, data: bytes | memoryview, seen: Seen, wire_length: int) -> None:
        """Take one captured frame, of which `wire_length` bytes were on the wire."""
        tick = seen.tick
        if tick < self._tick - _BACK:
            self._connections.rewind()
        self._tick = tick
        waiting = self._waiting
        if waiting and tick >= next(iter(waiting.values())):
            self._connections.advance(tick)
        counts = self.counts
        counts.packets += 1
        counts.bytes += wire_length
        if not isinstance(data, bytes):
            data = bytes(data)
        captured = len(data)
        self._cut = wire_length > captured
        try:
            self._frames.read(data, wire_length if self._cut else captured, seen)
        except Bad as bad:
            self._outlet.malformed(bad, seen)

    def advance(self, tick: float) -> None:
        """Let time pass without a packet: what is half-read is told, idle connections are forgotten."""
        self._tick = max(self._tick, tick)
        self._connections.advance(tick)

    def deadline(self) -> float | None:
        """The tick at which `advance` has something to do."""
        return self._connections.deadline()

    def finish(self) -> None:
        """The capture has ended: tell what is half-read."""
        self._connections.finish()

    def shunts(self) -> tuple[Shunt, ...]:
        """The settled heavy directions, at most 64, heaviest first."""
        return self._connections.shunts.heaviest()

    @property
    def shunts_version(self) -> int:
        """Grows when the filter should take up `shunts` anew."""
        return self._connections.shunts.version

    @property
    def flows(self) -> int:
        """How many connections are known."""
        return len(self._connections)

    @property
    def held(self) -> int:
        """Bytes that are kept of all of them."""
        return self._connections.held

    # What frames carry.

    def udp(
        self,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """Take one datagram: QUIC is known by its long header (RFC 8999, 5.1), other protocols by their port."""
        protocol = PORTS.get(destination_port) or PORTS.get(source_port)
        if protocol is not None:
            self._local.udp(protocol, source, source_port, destination, destination_port, data, start, end, seen)
        elif start < len(data) and data[start] & 0xC0 == 0xC0:
            self._quic.datagram(source, source_port, destination, destination_port, data, start, end, seen)
        elif destination_port in SNMP_PORTS or source_port in SNMP_PORTS:
            self._snmp.datagram(source, source_port, destination, destination_port, data[start:end], seen)
        elif wireguard.is_handshake(data, start, end):
            self._outlet.count("wireguard")

    def icmp(self, source: bytes, destination: bytes, data: bytes, start: int, end: int, seen: Seen) -> None:
        """Take one ICMP message, of either version."""
        self._local.icmp(source, destination, data, start, end, seen)

    def fragment(
        self,
        source: bytes,
        destination: bytes,
        protocol: int,
        ident: int,
        offset: int,
        more: bool,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """Take a piece of an IP packet."""
        if end > len(data):
            return
        whole = self._fragments.add((source, destination, protocol, ident), offset, more, data[start:end], seen.tick)
        if whole is not None:
            self._frames.whole(source, destination, protocol, whole, seen)

    def other(self, protocol: str, data: bytes, start: int, seen: Seen) -> None:
        """Take ARP, or one 802.11 frame."""
        if protocol == "wifi":
            self._air.frame(data, start, seen, cut=self._cut)
        else:
            self._local.arp(data, start, seen)
