"""ARP (RFC 826), for IPv4 over Ethernet; what else ARP can carry binds nothing that a laptop uses."""

from __future__ import annotations

import struct

from wifiguard.core.lan import ArpSeen, Delivery
from wifiguard.core.observation import Seen
from wifiguard.decode.bad import Bad, Reason

_head = struct.Struct("!HHBBH").unpack_from
_body = struct.Struct("!6s4s6s4s").unpack_from
_ETHERNET, _IEEE802, _IPV4 = 1, 6, 0x0800
_REQUEST, _REPLY = 1, 2


def message(data: bytes, at: int, delivery: Delivery, seen: Seen) -> ArpSeen | None:
    """The message at `at`. None: of another hardware, protocol or operation. Raises Bad."""
    try:
        hardware, protocol, hardware_size, protocol_size, operation = _head(data, at)
        if hardware not in (_ETHERNET, _IEEE802) or protocol != _IPV4 or operation not in (_REQUEST, _REPLY):
            return None
        if hardware_size != 6 or protocol_size != 4:
            raise Bad("arp", Reason.HEADER)
        sender_mac, sender, target_mac, target = _body(data, at + 8)
    except struct.error:
        raise Bad("arp", Reason.SHORT) from None
    return ArpSeen(seen, delivery, operation == _REPLY, sender_mac, sender, target_mac, target)
