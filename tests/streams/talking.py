"""Frames of conversations, built by hand: what a test says is what crosses."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from msgspec import structs

from wifiguard.core.messages import Flow
from wifiguard.core.observation import Observation, Seen
from wifiguard.streams import Limits, Streams

ME = bytes([10, 0, 0, 2])
SERVER = bytes([192, 0, 2, 1])
FLOW = Flow(ME, 40000, SERVER, 80, "tcp")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHERNET, RAW = 1, 101


def seen(tick: float = 0.0) -> Seen:
    return Seen(tick, tick, interface="eth0")


def ip4(protocol: int, source: bytes, destination: bytes, payload: bytes, *, ident: int = 0, place: int = 0) -> bytes:
    return (
        struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, place, 64, protocol, 0, source, destination)
        + payload
    )


def ip6(protocol: int, source: bytes, destination: bytes, payload: bytes) -> bytes:
    return struct.pack("!IHBB16s16s", 0x60000000, len(payload), protocol, 64, source, destination) + payload


def ether(packet: bytes) -> bytes:
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return bytes(12) + struct.pack("!H", kind) + packet


def segment(
    source: bytes,
    source_port: int,
    destination: bytes,
    destination_port: int,
    sequence: int,
    flags: int,
    payload: bytes = b"",
) -> bytes:
    """A raw IP packet with one TCP segment."""
    tcp = struct.pack("!HHIIBBHHH", source_port, destination_port, sequence & 0xFFFFFFFF, 0, 0x50, flags, 1024, 0, 0)
    return (ip4 if len(source) == 4 else ip6)(6, source, destination, tcp + payload)


def datagram(source: bytes, source_port: int, destination: bytes, destination_port: int, payload: bytes) -> bytes:
    """A raw IP packet with one UDP datagram."""
    udp = struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0)
    return (ip4 if len(source) == 4 else ip6)(17, source, destination, udp + payload)


class Conversation:
    """Both ends of one TCP connection; every method returns raw IP packets."""

    def __init__(self, flow: Flow = FLOW, first: int = 1000, answer: int = 0xFFFFFF00) -> None:
        self.flow = flow
        self.up, self.down = first, answer

    def open(self) -> list[bytes]:
        packets = [self._up(SYN), self._down(SYN | ACK)]
        self.up += 1
        self.down += 1
        return [*packets, self._up(ACK)]

    def client(self, *payloads: bytes) -> list[bytes]:
        out = []
        for payload in payloads:
            out.append(self._up(ACK | PSH, payload))
            self.up += len(payload)
        return out

    def server(self, *payloads: bytes) -> list[bytes]:
        out = []
        for payload in payloads:
            out.append(self._down(ACK | PSH, payload))
            self.down += len(payload)
        return out

    def close(self) -> list[bytes]:
        packets = [self._up(FIN | ACK), self._down(FIN | ACK)]
        self.up += 1
        self.down += 1
        return packets

    def reset(self) -> list[bytes]:
        return [self._down(RST | ACK)]

    def _up(self, flags: int, payload: bytes = b"") -> bytes:
        f = self.flow
        return segment(f.client, f.client_port, f.server, f.server_port, self.up, flags, payload)

    def _down(self, flags: int, payload: bytes = b"") -> bytes:
        f = self.flow
        return segment(f.server, f.server_port, f.client, f.client_port, self.down, flags, payload)


class Ears:
    """Streams with what they told; `at` moves time."""

    def __init__(self, link_type: int = RAW, *, tunnelled: bool = False, limits: Limits = Limits()) -> None:
        self.told: list[Observation] = []
        self.tick = 0.0
        self.streams = Streams(self.told.append, link_type, tunnelled=tunnelled, limits=limits)

    def hear(self, *packets: bytes | Iterable[bytes]) -> Ears:
        for packet in packets:
            for each in [packet] if isinstance(packet, bytes) else packet:
                self.streams.packet(each, seen(self.tick), len(each))
        return self

    def at(self, tick: float) -> Ears:
        self.tick = tick
        self.streams.advance(tick)
        return self

    def finish(self) -> list[Observation]:
        self.streams.finish()
        return self.told


def heard(*packets: bytes | Iterable[bytes], limits: Limits = Limits()) -> list[Observation]:
    """All that these packets say, told at tick 0."""
    return Ears(limits=limits).hear(*packets).finish()


def timeless(told: Iterable[Observation]) -> list[Observation]:
    """The same without when and where."""
    return [structs.replace(obs, seen=seen()) for obs in told]
