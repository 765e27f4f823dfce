"""ICMP redirects (RFC 792). All else that ICMP says for IPv4 steers nobody."""

from __future__ import annotations

from wifiguard.core.lan import Delivery, IcmpRedirect
from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad, Reason

REDIRECT = 5
_CODES = 4  # network, host, and each for a type of service


def redirect(
    data: bytes, at: int, end: int, source: bytes, victim: bytes, delivery: Delivery, seen: Seen
) -> IcmpRedirect:
    """The redirect at `at`. Raises Bad."""
    # Type, code, checksum, gateway; then the header of the packet that it is about, whose destination ends at byte 28.
    if min(end, len(data)) < at + 28:
        raise Bad("icmp", Reason.SHORT)
    if data[at + 1] >= _CODES or data[at + 8] >> 4 != 4:
        raise Bad("icmp", Reason.HEADER)
    return IcmpRedirect(seen, delivery, source, victim, data[at + 4 : at + 8], data[at + 24 : at + 28])
