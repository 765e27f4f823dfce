"""DHCPv4 (RFC 2131) with the options that route, name or proxy."""

from __future__ import annotations

import struct

from wifiguard.core.lan import Delivery, DhcpMessage, Route
from wifiguard.core.observation import Seen
from wifiguard.core.text import visible
from wifiguard.decode.bad import Bad, Reason

_OPTIONS_AT = 240
_SNAME, _FILE = slice(44, 108), slice(108, 236)
_COOKIE = b"\x63\x82\x53\x63"
# What a message may make us do.
_MAX_OPTIONS = 256
_MOST = 32

_head = struct.Struct("!BBBxI8x4s4s4s6s").unpack_from  # op, hardware, its size, transaction, yours, next, relay, client
_NOBODY = bytes(4)

_PAD, _END, _OVERLOAD = 0, 255, 52
_NETMASK, _ROUTERS, _DNS, _DOMAIN, _STATIC, _LEASE, _KIND, _SERVER = 1, 3, 6, 15, 33, 51, 53, 54
_TFTP, _BOOT, _IPV6_ONLY, _PORTAL, _CLASSLESS, _MICROSOFT, _WPAD = 66, 67, 108, 114, 121, 249, 252
_UNRESTRICTED = b"urn:ietf:params:capport:unrestricted"
# Servers say "there is no proxy" with an option 252 that holds a line end or a blank.
_BLANK = b"\0 \t\r\n"


def message(data: bytes, source: bytes, delivery: Delivery, seen: Seen) -> DhcpMessage:
    """Read one message, a UDP payload. Raises Bad."""
    try:
        operation, _, hardware_size, transaction, yours, _, relay, client = _head(data, 0)
    except struct.error:
        raise Bad("dhcp", Reason.SHORT) from None
    if len(data) < _OPTIONS_AT - 4:
        raise Bad("dhcp", Reason.SHORT)
    if operation not in (1, 2) or hardware_size > 16:
        raise Bad("dhcp", Reason.HEADER)
    options = _all_options(data) if data[236:240] == _COOKIE else {}
    routes, route_option = _routes(options)
    portal = options.get(_PORTAL, b"").rstrip(b"\0")
    return DhcpMessage(
        *(seen, delivery, source, operation == 2),
        kind=options.get(_KIND, b"\0")[0],
        transaction=transaction,
        client=client,
        yours=yours,
        server=_address(options.get(_SERVER)),
        relay=relay if relay != _NOBODY else None,
        netmask=_address(options.get(_NETMASK)),
        routers=_addresses(options.get(_ROUTERS, b"")),
        dns=_addresses(options.get(_DNS, b"")),
        domain=visible(options[_DOMAIN].rstrip(b"\0").lower(), 255) if options.get(_DOMAIN) else None,
        routes=routes,
        route_option=route_option,
        proxy=bool(options.get(_WPAD, b"").strip(_BLANK)),
        boot=bool(options.get(_TFTP) or options.get(_BOOT)),
        portal=bool(portal) and portal != _UNRESTRICTED,
        ipv6_only=len(options.get(_IPV6_ONLY, b"")) == 4,
        lease=int.from_bytes(options[_LEASE], "big") if len(options.get(_LEASE, b"")) == 4 else None,
    )


def _all_options(data: bytes) -> dict[int, bytes]:
    """Every option by its code, those in the server name and file fields included where option 52 says so (RFC 2131, 4.1).

    An option that comes in parts is joined (RFC 3396).
    """
    found: dict[int, bytes] = {}
    _options(data[_OPTIONS_AT:], found)
    overload = found.get(_OVERLOAD, b"\0")[0]
    if overload & 1:
        _options(data[_FILE], found)
    if overload & 2:
        _options(data[_SNAME], found)
    return found


def _options(field: bytes, found: dict[int, bytes]) -> None:
    at = 0
    for _ in range(_MAX_OPTIONS):
        # Nothing says that a server must write the end option; many fields simply stop.
        if at >= len(field) or field[at] == _END:
            return
        if field[at] == _PAD:
            rest = field[at:].lstrip(b"\0")
            at = len(field) - len(rest)
            continue
        if at + 2 > len(field) or at + 2 + field[at + 1] > len(field):
            raise Bad("dhcp", Reason.LENGTH)
        value = field[at + 2 : at + 2 + field[at + 1]]
        if value:
            found[field[at]] = found.get(field[at], b"") + value
        at += 2 + field[at + 1]


def _routes(options: dict[int, bytes]) -> tuple[tuple[Route, ...], int | None]:
    """The routes of options 121 and 249 (RFC 3442), which silence option 33 (RFC 2132, 5.8), and which option they are from."""
    for code in (_CLASSLESS, _MICROSOFT):
        if code in options:
            return _classless(options[code]), code
    static = options.get(_STATIC, b"")
    pairs = [static[i : i + 8] for i in range(0, len(static) - 7, 8)][:_MOST]
    # Of a destination without a mask; what it meant in the time of classes, nobody can rely on.
    routes = tuple(Route(pair[:4], 32, pair[4:]) for pair in pairs)
    return routes, _STATIC if routes else None


def _classless(value: bytes) -> tuple[Route, ...]:
    routes: list[Route] = []
    at = 0
    while at < len(value) and len(routes) < _MOST:
        length = value[at]
        size = length + 7 >> 3
        if length > 32 or at + 5 + size > len(value):
            raise Bad("dhcp", Reason.LENGTH)
        destination = value[at + 1 : at + 1 + size].ljust(4, b"\0")
        routes.append(Route(destination, length, value[at + 1 + size : at + 5 + size]))
        at += 5 + size
    return tuple(routes)


def _addresses(value: bytes) -> tuple[bytes, ...]:
    return tuple(value[i : i + 4] for i in range(0, len(value) - 3, 4))[:_MOST]


def _address(value: bytes | None) -> bytes | None:
    return value if value is not None and len(value) == 4 else None
