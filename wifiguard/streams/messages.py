"""DNS over TCP (RFC 7766): messages behind their length."""

from __future__ import annotations

from wifiguard.core.observation import Seen
from wifiguard.decode import dns
from wifiguard.streams.side import Side
from wifiguard.streams.talk import Talk


class DnsOverTcp(Talk):
    """Tells every message, in either direction, and passes over what is too many for one packet."""

    __slots__ = ()

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        at = 0
        while at + 2 <= len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if end > len(data):
                break
            if not self.conn.outlet.heard_enough(seen):
                found = dns.message(data[at + 2 : end], self.conn.flow, "dns-over-tcp", seen)
                if found is not None:
                    self.conn.outlet.tell(found, "dns-over-tcp")
            at = end
        return data[at:]
