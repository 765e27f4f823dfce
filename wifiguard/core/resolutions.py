"""Which names the look-ups of this laptop gave an address for."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.messages import DnsMessage

ADDRESSES = 8192
AGE = 3600.0
# With more names than this an address is a content network's, which proves nothing of any of them.
MOST_NAMES = 8
A, AAAA = 1, 28


class Resolutions:
    """Learned from answers that were seen; forgotten after an hour."""

    def __init__(self) -> None:
        self._names: BoundedMap[bytes, frozenset[str]] = BoundedMap(ADDRESSES, AGE)

    def learn(self, answer: DnsMessage) -> None:
        """Take one response. The name is the one that was asked for, whatever aliases led on from it."""
        if not answer.questions:
            return
        asked = answer.questions[0].name
        for record in answer.answers:
            if record.type in (A, AAAA) and isinstance(record.data, bytes):
                names = self._names.get(record.data, answer.tick) or frozenset()
                if len(names) < MOST_NAMES:
                    names |= {asked}
                self._names.put(record.data, names, answer.tick)

    def names(self, address: bytes, tick: float) -> frozenset[str]:
        """All names that the address was lately given for; none where they are too many to mean anything."""
        names = self._names.get(address, tick)
        return names if names is not None and len(names) < MOST_NAMES else frozenset()
