"""DHCPv6 (RFC 8415): what a server gives, through relays too."""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.lan import Delivery, Dhcp6Message
from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.labels import domain_list

_RELAY_FORWARD, _RELAY_REPLY = 12, 13
_MAX_RELAYS = 8
_MAX_OPTIONS = 128
_MOST = 32
_MAX_IDENTIFIER = 130  # RFC 8415, 11.1: two bytes of type and at most 128

_SERVER, _NON_TEMPORARY, _TEMPORARY, _ADDRESS, _RELAYED, _DNS, _DOMAINS, _PORTAL = 2, 3, 4, 5, 9, 23, 24, 103
_UNRESTRICTED = b"urn:ietf:params:capport:unrestricted"


def message(data: bytes, source: bytes, delivery: Delivery, seen: Seen) -> Dhcp6Message:
    """Read one message, a UDP payload. Raises Bad."""
    relayed = False
    for _ in range(_MAX_RELAYS + 1):
        if len(data) < 4:
            raise Bad("dhcp", Reason.SHORT)
        if data[0] not in (_RELAY_FORWARD, _RELAY_REPLY):
            return _plain(data, source, delivery, seen, relayed)
        inner = next((value for code, value in _options(data, 34) if code == _RELAYED), None)
        if inner is None:
            raise Bad("dhcp", Reason.HEADER)
        data, relayed = inner, True
    raise Bad("dhcp", Reason.NESTING)


def _plain(data: bytes, source: bytes, delivery: Delivery, seen: Seen, relayed: bool) -> Dhcp6Message:
    server: bytes | None = None
    addresses: list[bytes] = []
    dns: list[bytes] = []
    domains: list[str] = []
    portal = False
    for code, value in _options(data, 4):
        match code:
            case 2:
                server = value[:_MAX_IDENTIFIER]
            case 3 | 4:
                # An association's own header: identifier and, for addresses that last, two times.
                inner = _options(value, 12 if code == _NON_TEMPORARY else 4)
                addresses += [option[:16] for inside, option in inner if inside == _ADDRESS and len(option) >= 24]
            case 23:
                dns += [value[i : i + 16] for i in range(0, len(value) - 15, 16)]
            case 24:
                domains += domain_list(value, 0, "dhcp")
            case 103:
                portal = value not in (b"", _UNRESTRICTED)
            case _:
                pass
    return Dhcp6Message(
        *(seen, delivery, source),
        kind=data[0],
        transaction=int.from_bytes(data[1:4], "big"),
        server=server,
        addresses=tuple(addresses[:_MOST]),
        dns=tuple(dns[:_MOST]),
        domains=tuple(domains[:_MOST]),
        portal=portal,
        relayed=relayed,
    )


def _options(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Code and value of every option from `at` on. Raises Bad where one reaches beyond the end."""
    for _ in range(_MAX_OPTIONS):
        if at >= len(data):
            return
        if at + 4 > len(data):
            raise Bad("dhcp", Reason.SHORT)
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise Bad("dhcp", Reason.LENGTH)
        yield int.from_bytes(data[at : at + 2], "big"), data[at + 4 : end]
        at = end
