"""IPv6 neighbour discovery (RFC 4861) with the options of RFC 4191, 8106 and 8910."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from wifiguard.core.lan import (
    Delivery,
    IcmpRedirect,
    NeighbourAdvertisement,
    NeighbourSolicitation,
    Prefix,
    Route,
    RouterAdvertisement,
    RouterSolicitation,
)
from wifiguard.core.observation import Observation, Seen
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.labels import domain_list

# Router solicitation and advertisement, neighbour solicitation and advertisement, redirect (RFC 4861, 4).
TYPES = range(133, 138)

MAX_OPTIONS = 64
# Addresses, prefixes or routes that are kept of one message.
_MOST = 32
# Every receiver must discard what a router could have forwarded (RFC 4861, 6.1 and 7.1).
_HOPS = 255

_SOURCE_LINK, _TARGET_LINK, _PREFIX, _ROUTE, _DNS, _DOMAINS, _PORTAL = 1, 2, 3, 24, 25, 31, 37
_UNRESTRICTED = b"urn:ietf:params:capport:unrestricted"

_advertised = struct.Struct("!BBH").unpack_from  # hop limit, flags, lifetime
_prefix = struct.Struct("!BBIIxxxx16s").unpack_from
_route = struct.Struct("!BBI").unpack_from
_u32 = struct.Struct("!I").unpack_from


def message(
    data: bytes, at: int, end: int, source: bytes, destination: bytes, delivery: Delivery, seen: Seen
) -> Observation | None:
    """The message whose ICMPv6 header is at `at`. None: a type of no interest, or one that every receiver ignores. Raises Bad."""
    if end > len(data):
        return None  # captured short: nothing is wrong with the message
    if delivery.hops != _HOPS:
        return None
    try:
        match data[at]:
            case 133:
                return RouterSolicitation(seen, delivery, source)
            case 134:
                return _router(data, at, end, source, delivery, seen)
            case 135:
                target = _address(data, at + 8, end)
                options = dict(_options(data, at + 24, end))
                return NeighbourSolicitation(seen, delivery, source, target, _link(options.get(_SOURCE_LINK)))
            case 136:
                flags = data[at + 4]
                target = _address(data, at + 8, end)
                options = dict(_options(data, at + 24, end))
                link = _link(options.get(_TARGET_LINK))
                return NeighbourAdvertisement(
                    *(seen, delivery, source, destination, target, link),
                    router=bool(flags & 0x80),
                    solicited=bool(flags & 0x40),
                    override=bool(flags & 0x20),
                )
            case 137:
                gateway, about = _address(data, at + 8, end), _address(data, at + 24, end)
                link = _link(dict(_options(data, at + 40, end)).get(_TARGET_LINK))
                return IcmpRedirect(seen, delivery, source, destination, gateway, about, link)
            case _:
                return None
    except (struct.error, IndexError):
        raise Bad("ndp", Reason.SHORT) from None


def _router(data: bytes, at: int, end: int, source: bytes, delivery: Delivery, seen: Seen) -> RouterAdvertisement:
    _, flags, lifetime = _advertised(data, at + 4)
    link: bytes | None = None
    prefixes: list[Prefix] = []
    routes: list[Route] = []
    dns: list[bytes] = []
    domains: list[str] = []
    dns_lifetime = 0
    portal = False
    for kind, option in _options(data, at + 16, end):
        match kind:
            case 1:
                link = _link(option)
            case 3 if len(option) == 30:
                length, bits, valid, preferred, address = _prefix(option, 0)
                prefixes.append(Prefix(address, _bits(length), bool(bits & 0x80), bool(bits & 0x40), valid, preferred))
            case 24 if len(option) >= 6:
                length, bits, life = _route(option, 0)
                routes.append(Route(option[6:22].ljust(16, b"\0"), _bits(length), None, life))
            case 25 if len(option) >= 22:
                (life,) = _u32(option, 2)
                dns_lifetime = max(dns_lifetime, life)
                dns += [option[i : i + 16] for i in range(6, len(option) - 15, 16)]
            case 31 if len(option) > 6:
                domains += domain_list(option, 6, "ndp")
            case 37:
                portal = option.rstrip(b"\0") not in (b"", _UNRESTRICTED)
            case _:
                pass
    return RouterAdvertisement(
        *(seen, delivery, source, lifetime),
        preference={0b01: 1, 0b11: -1}.get(flags >> 3 & 3, 0),
        managed=bool(flags & 0x80),
        other=bool(flags & 0x40),
        link_address=link,
        prefixes=tuple(prefixes[:_MOST]),
        routes=tuple(routes[:_MOST]),
        dns=tuple(dns[:_MOST]),
        dns_lifetime=dns_lifetime,
        domains=tuple(domains[:_MOST]),
        portal=portal,
    )


def _options(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Type and content of every option. Raises Bad where one has no length or reaches beyond the message (RFC 4861, 4.6)."""
    for _ in range(MAX_OPTIONS):
        if at + 8 > end:  # what is shorter than an option is padding of the link
            return
        size = data[at + 1] << 3
        if not size or at + size > end:
            raise Bad("ndp", Reason.LENGTH)
        yield data[at], data[at + 2 : at + size]
        at += size


def _address(data: bytes, at: int, end: int) -> bytes:
    if at + 16 > end:
        raise IndexError
    return data[at : at + 16]


def _link(option: bytes | None) -> bytes | None:
    return option if option is not None and len(option) == 6 else None


def _bits(length: int) -> int:
    if length > 128:
        raise Bad("ndp", Reason.LENGTH)
    return length
