"""From a captured frame down to what TCP and UDP carry: every link type, tag and tunnel that a laptop meets.

Layers hand on offsets into the one bytes object and build nothing, so that a packet that nobody wants costs a microsecond. A
length says how far a layer reaches on the wire (`end`), which a short capture may not hold.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from types import MethodType
from typing import Final, Protocol, TypeAlias

from wifiguard.core.lan import Delivery
from wifiguard.core.observation import Seen
from wifiguard.decode import dot11
from wifiguard.decode.bad import Bad, Reason

FIN, SYN, RST = 1, 2, 4

_MAX_TAGS = 4  # VLAN tags or MPLS labels in a row
_MAX_TUNNELS = 4
_VXLAN = frozenset({4789, 8472})  # RFC 7348, 8; and what Linux used before it
_ERSPAN = 0x88BE  # mirrored frames; type II has a header of its own, and a sequence number (draft-foschiano-erspan, 4)
_MAX_EXTENSIONS = 8

_u16 = struct.Struct("!H").unpack_from
_u32 = struct.Struct("!I").unpack_from
_ip4 = struct.Struct(
    "!BxHHHxBxx4s4s"
).unpack_from  # version and length, total, id, fragment, protocol, source, destination
_ip6 = struct.Struct("!BxxxHBx16s16s").unpack_from  # version, payload length, next header, source, destination
_fragment6 = struct.Struct("!BxHI").unpack_from
_tcp = struct.Struct("!HHI4xH").unpack_from  # ports, sequence, data offset and flags
_udp = struct.Struct("!HHH").unpack_from
_pppoe = struct.Struct("!BBHHH").unpack_from

# Address families of BSD loopback: IPv4; IPv6 on Linux, NetBSD, FreeBSD and macOS.
_NULL_FAMILIES = {2: 0x0800, 10: 0x86DD, 24: 0x86DD, 28: 0x86DD, 30: 0x86DD}
# IPv6 headers that another follows (RFC 8200, 4): hop-by-hop, routing, fragment, authentication, destination options.
_EXTENSIONS = frozenset({0, 43, 44, 51, 60})
_PPP_PROTOCOLS = {0x0021: 0x0800, 0x0057: 0x86DD}
_TAGS = frozenset({b"\x81\x00", b"\x88\xa8", b"\x91\x00"})

_Layer: TypeAlias = Callable[[bytes, int, Seen], None]
_Transport: TypeAlias = Callable[[bytes, bytes, bytes, int, int, Seen], None]


class Above(Protocol):
    """Who takes what frames carry. `data[start:end]` is the payload; `end` may lie beyond a frame that was captured short."""

    def tcp(
        self,
        source: bytes,
        source_port: int,
        destination: bytes,
        destination_port: int,
        sequence: int,
        flags: int,
        data: bytes,
        start: int,
        end: int,
        seen: Seen,
    ) -> None:
        """A TCP segment that carries payload, SYN, FIN or RST. Bare acknowledgements are not handed up."""

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
        """A UDP datagram."""

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
        """A piece of an IP packet, `offset` bytes into it; `Frames.whole` takes the packet when it is complete."""

    def icmp(self, source: bytes, destination: bytes, data: bytes, start: int, end: int, seen: Seen) -> None:
        """An ICMP or, where the addresses are IPv6's, ICMPv6 message."""

    def other(self, protocol: str, data: bytes, start: int, seen: Seen) -> None:
        """A message below IP: arp, or wifi (any 802.11 frame)."""


class Frames:
    """Reads the frames of one link type (libpcap's DLT number); those of an unknown type are ignored."""

    def __init__(self, link_type: int, above: Above) -> None:
        self._above = above
        self._wire = 0
        self._tunnels = 0
        # The frame now being read, and where its IP header (-1: none) and its 802.11 header are.
        self._frame = b""
        self._ip_at = -1
        self._air_at = 0
        self._addresses = _ADDRESSES.get(link_type, Frames._no_addresses)
        link = _LINKS.get(link_type)
        self._link: _Layer = MethodType(link, self) if link is not None else self._ignore
        self._networks: Final[dict[int, _Layer]] = {
            0x0800: self._internet4,
            0x86DD: self._internet6,
            0x0806: self._arp,
            0x8100: self._vlan,
            0x88A8: self._vlan,
            0x9100: self._vlan,
            0x8847: self._mpls,
            0x8848: self._mpls,
            0x8864: self._pppoe,
        }
        self._transports: Final[dict[int, _Transport]] = {
            6: self._tcp,
            17: self._udp,
            1: self._icmp,
            58: self._icmp,
            4: self._inside4,
            41: self._inside6,
            47: self._gre,
        }

    def read(self, data: bytes, wire_length: int, seen: Seen) -> None:
        """Read one frame of `wire_length` bytes, of which `data` was captured. Raises Bad."""
        self._wire = wire_length
        self._frame = data
        try:
            self._link(data, 0, seen)
        except (struct.error, IndexError):
            if wire_length <= len(data):
                raise Bad("frame", Reason.SHORT) from None

    def whole(self, source: bytes, destination: bytes, protocol: int, data: bytes, seen: Seen) -> None:
        """Read what an IP packet put together from fragments carries. Raises Bad."""
        outer, self._wire = self._wire, len(data)
        try:
            self._transport(protocol, source, destination, data, 0, len(data), seen)
        except (struct.error, IndexError):
            raise Bad("frame", Reason.SHORT) from None
        finally:
            self._wire = outer

    def delivery(self) -> Delivery | None:
        """How the frame now being read came over the link; None for what lies in a tunnel, which is no neighbour's."""
        if self._tunnels:
            return None
        frame, at = self._frame, self._ip_at
        mac, to, vlan = self._addresses(self)
        if at < 0:  # ARP
            return Delivery(mac, to, vlan)
        if frame[at] >> 4 == 4:
            return Delivery(mac, to, vlan, frame[at + 8])
        return Delivery(mac, to, vlan, frame[at + 7], extended=frame[at + 6] in (0, 43, 44, 60))

    # The addresses of each link layer: sender, receiver, tags.

    def _no_addresses(self) -> tuple[bytes, bytes, int]:
        return b"", b"", 0

    def _ethernet_addresses(self) -> tuple[bytes, bytes, int]:
        frame = self._frame
        at, vlan = 12, 0
        while frame[at : at + 2] in _TAGS and at < 12 + 4 * _MAX_TAGS:
            vlan = vlan << 12 | (frame[at + 2] & 15) << 8 | frame[at + 3]
            at += 4
        return frame[6:12], frame[:6], vlan

    def _cooked1_addresses(self) -> tuple[bytes, bytes, int]:
        return (self._frame[6:12] if self._frame[4:6] == b"\0\x06" else b""), b"", 0

    def _cooked2_addresses(self) -> tuple[bytes, bytes, int]:
        return (self._frame[12:18] if self._frame[11] == 6 else b""), b"", 0

    def _air_addresses(self) -> tuple[bytes, bytes, int]:
        return *dot11.addresses(self._frame, self._air_at), 0

    # Link layers.

    def _ignore(self, data: bytes, at: int, seen: Seen) -> None:
        pass

    def _ethernet(self, data: bytes, at: int, seen: Seen) -> None:
        (kind,) = _u16(data, at + 12)
        handle = self._networks.get(kind)
        if handle is not None:
            handle(data, at + 14, seen)
        elif kind < 1536:  # a length: IEEE 802.2, where SNAP may name the protocol after all
            self._snap(data, at + 14, seen)

    def _snap(self, data: bytes, at: int, seen: Seen) -> None:
        if data[at : at + 6] == b"\xaa\xaa\x03\0\0\0":
            self._network(_u16(data, at + 6)[0], data, at + 8, seen)

    def _hdlc(self, data: bytes, at: int, seen: Seen) -> None:
        self._network(_u16(data, at + 2)[0], data, at + 4, seen)

    def _cooked1(self, data: bytes, at: int, seen: Seen) -> None:
        self._network(_u16(data, at + 14)[0], data, at + 16, seen)

    def _cooked2(self, data: bytes, at: int, seen: Seen) -> None:
        self._network(_u16(data, at)[0], data, at + 20, seen)

    def _raw(self, data: bytes, at: int, seen: Seen) -> None:
        version = data[at] >> 4
        if version == 4:
            self._internet4(data, at, seen)
        elif version == 6:
            self._internet6(data, at, seen)
        else:
            raise Bad("ip", Reason.HEADER)

    def _null(self, data: bytes, at: int, seen: Seen) -> None:
        # In the byte order of the machine that captured: families are small, so the value tells which.
        (family,) = _u32(data, at)
        if family > 0xFFFF:
            family = int.from_bytes(data[at : at + 4], "little")
        self._network(_NULL_FAMILIES.get(family, 0), data, at + 4, seen)

    def _ppp(self, data: bytes, at: int, seen: Seen) -> None:
        if data[at : at + 2] == b"\xff\x03":  # address and control, which may be left out (RFC 1661, 6.6)
            at += 2
        self._network(_PPP_PROTOCOLS.get(_u16(data, at)[0], 0), data, at + 2, seen)

    def _nflog(self, data: bytes, at: int, seen: Seen) -> None:
        # Family, version, resource, then attributes in the capturing machine's byte order; 9 is the packet.
        order: Final = "little"
        at += 4
        while at + 4 <= len(data):
            length = int.from_bytes(data[at : at + 2], order)
            if int.from_bytes(data[at + 2 : at + 4], order) == 9:
                self._raw(data, at + 4, seen)
                return
            if length < 4:
                raise Bad("frame", Reason.LENGTH)
            at += length + 3 & ~3

    def _radio(self, data: bytes, at: int, seen: Seen) -> None:
        self._wifi(*dot11.after_radiotap(data), data, seen)

    def _ppi(self, data: bytes, at: int, seen: Seen) -> None:
        start = dot11.after_ppi(data)
        link = int.from_bytes(data[4:8], "little")
        if link == 105 or start < 0:
            self._wifi(start, 0, data, seen)
        elif link in (1, 101):
            (self._ethernet if link == 1 else self._raw)(data, start, seen)

    def _prism(self, data: bytes, at: int, seen: Seen) -> None:
        self._wifi(dot11.after_prism(data), 0, data, seen)

    def _bare(self, data: bytes, at: int, seen: Seen) -> None:
        self._wifi(at, 0, data, seen)

    def _wifi(self, at: int, padding: int, data: bytes, seen: Seen) -> None:
        if at < 0:
            return
        self._air_at = at
        self._above.other("wifi", data, at, seen)
        for start in dot11.payloads(data, at, padding):
            self._snap(data, start, seen)

    # Between link and internet.

    def _network(self, kind: int, data: bytes, at: int, seen: Seen) -> None:
        handle = self._networks.get(kind)
        if handle is not None:
            handle(data, at, seen)

    def _vlan(self, data: bytes, at: int, seen: Seen) -> None:
        for _ in range(_MAX_TAGS):
            (kind,) = _u16(data, at + 2)
            at += 4
            handle = self._networks.get(kind)
            if handle != self._vlan:
                if handle is not None:
                    handle(data, at, seen)
                elif kind < 1536:
                    self._snap(data, at, seen)
                return
        raise Bad("vlan", Reason.NESTING)

    def _mpls(self, data: bytes, at: int, seen: Seen) -> None:
        for _ in range(_MAX_TAGS):
            bottom = data[at + 2] & 1
            at += 4
            if bottom:
                version = data[at] >> 4
                if version in (4, 6):
                    (self._internet4 if version == 4 else self._internet6)(data, at, seen)
                return
        raise Bad("mpls", Reason.NESTING)

    def _pppoe(self, data: bytes, at: int, seen: Seen) -> None:
        version, code, _, _, protocol = _pppoe(data, at)
        if version == 0x11 and code == 0:
            self._network(_PPP_PROTOCOLS.get(protocol, 0), data, at + 8, seen)

    def _arp(self, data: bytes, at: int, seen: Seen) -> None:
        self._ip_at = -1
        self._above.other("arp", data, at, seen)

    # Internet layers.

    def _internet4(self, data: bytes, at: int, seen: Seen) -> None:
        self._ip_at = at
        first, total, ident, fragment, protocol, source, destination = _ip4(data, at)
        start = at + 20
        if first != 0x45:
            start = at + ((first & 15) << 2)
            if first >> 4 != 4 or start < at + 20:
                raise Bad("ip", Reason.HEADER)
        # A total of 0: a super-segment above 64 KiB that the kernel has not cut yet.
        end = at + total if total else self._wire
        if not start <= end <= self._wire:
            raise Bad("ip", Reason.LENGTH)
        if fragment & 0x3FFF:
            offset = (fragment & 0x1FFF) << 3
            more = bool(fragment & 0x2000)
            self._above.fragment(source, destination, protocol, ident, offset, more, data, start, end, seen)
            return
        handle = self._transports.get(protocol)
        if handle is not None:
            handle(source, destination, data, start, end, seen)

    def _internet6(self, data: bytes, at: int, seen: Seen) -> None:
        self._ip_at = at
        first, length, protocol, source, destination = _ip6(data, at)
        if first >> 4 != 6:
            raise Bad("ip", Reason.HEADER)
        start = at + 40
        end = start + length if length else self._wire  # 0: a jumbogram or super-segment
        if not start <= end <= self._wire:
            raise Bad("ip", Reason.LENGTH)
        self._transport(protocol, source, destination, data, start, end, seen)

    def _transport(
        self, protocol: int, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen
    ) -> None:
        handle = self._transports.get(protocol)
        if handle is not None:
            handle(source, destination, data, at, end, seen)
        elif protocol in _EXTENSIONS and len(source) == 16:
            self._extensions(protocol, source, destination, data, at, end, seen)

    def _extensions(
        self, protocol: int, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen
    ) -> None:
        for _ in range(_MAX_EXTENSIONS):
            if at > end:
                raise Bad("ip", Reason.LENGTH)
            if protocol == 44:
                protocol, place, ident = _fragment6(data, at)
                at += 8
                if place & 0xFFF9:
                    offset, more = place & 0xFFF8, bool(place & 1)
                    self._above.fragment(source, destination, protocol, ident, offset, more, data, at, end, seen)
                    return
            elif protocol in (0, 43, 60):
                protocol, at = data[at], at + (data[at + 1] + 1 << 3)
            elif protocol == 51:
                protocol, at = data[at], at + (data[at + 1] + 2 << 2)
            else:
                handle = self._transports.get(protocol)
                if handle is not None:
                    handle(source, destination, data, at, end, seen)
                return
        raise Bad("ip", Reason.NESTING)

    # Transports and tunnels.

    def _tcp(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        source_port, destination_port, sequence, bits = _tcp(data, at)
        start = at + (bits >> 10 & 0x3C)
        if start >= end:
            if start > end:
                raise Bad("tcp", Reason.LENGTH)
            if not bits & 7:
                return
        elif start < at + 20:
            raise Bad("tcp", Reason.HEADER)
        self._above.tcp(
            source, source_port, destination, destination_port, sequence, bits & 0x3F, data, start, end, seen
        )

    def _udp(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        source_port, destination_port, length = _udp(data, at)
        if length:  # 0: a jumbogram
            if length < 8 or at + length > end:
                raise Bad("udp", Reason.LENGTH)
            end = at + length
        if destination_port in _VXLAN and end - at > 16 and data[at + 8] & 8:
            self._tunnel(self._ethernet, data, at + 16, seen)
        else:
            self._above.udp(source, source_port, destination, destination_port, data, at + 8, end, seen)

    def _icmp(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        self._above.icmp(source, destination, data, at, end, seen)

    def _inside4(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        self._tunnel(self._internet4, data, at, seen)

    def _inside6(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        self._tunnel(self._internet6, data, at, seen)

    def _gre(self, source: bytes, destination: bytes, data: bytes, at: int, end: int, seen: Seen) -> None:
        flags, kind = _u16(data, at)[0], _u16(data, at + 2)[0]
        if flags & 0x4007:  # source routing or another version: not what RFC 2784 and 2890 describe
            return
        # A checksum, a key and a sequence number take a word each where their flag is set.
        at += 4 + 4 * ((flags & 0xB000).bit_count())
        if kind == _ERSPAN and flags & 0x1000:
            at += 8
        handle = self._ethernet if kind in (0x6558, _ERSPAN) else self._networks.get(kind)
        if handle is not None:
            self._tunnel(handle, data, at, seen)

    def _tunnel(self, handle: _Layer, data: bytes, at: int, seen: Seen) -> None:
        if self._tunnels >= _MAX_TUNNELS:
            raise Bad("ip", Reason.NESTING)
        self._tunnels += 1
        try:
            handle(data, at, seen)
        finally:
            self._tunnels -= 1


_LINKS: Final = {
    0: Frames._null,
    1: Frames._ethernet,
    9: Frames._ppp,
    12: Frames._raw,
    14: Frames._raw,
    50: Frames._ppp,
    101: Frames._raw,
    104: Frames._hdlc,
    105: Frames._bare,
    108: Frames._null,
    113: Frames._cooked1,
    119: Frames._prism,
    127: Frames._radio,
    163: Frames._prism,
    192: Frames._ppi,
    228: Frames._raw,
    229: Frames._raw,
    239: Frames._nflog,
    276: Frames._cooked2,
}

_ADDRESSES: Final = {
    1: Frames._ethernet_addresses,
    105: Frames._air_addresses,
    113: Frames._cooked1_addresses,
    119: Frames._air_addresses,
    127: Frames._air_addresses,
    163: Frames._air_addresses,
    276: Frames._cooked2_addresses,
}


def supported(link_type: int) -> bool:
    """Whether frames of this link type (libpcap's DLT number) are read."""
    return link_type in _LINKS
