"""The one way out of this room: messages are emitted, and all that passes is counted."""

from __future__ import annotations

from collections.abc import Callable

from wifiguard.core.messages import Flow, Malformed
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.tls import NO_ROOTS, Trust
from wifiguard.decode.bad import Bad
from wifiguard.streams.certificates import Certificates
from wifiguard.streams.limits import Counts

_MALFORMED_EVERY = 60.0  # seconds of tick between two tellings of the same reason
_MOST_NONSTANDARD = 256
# Messages of one packet that are told. A segment of 64 KiB holds thousands of small ones, which nobody's program sends, and rules
# take a tenth of a millisecond for each.
_MOST_TOLD = 128


class Outlet:
    """Hands observations to `emit` and keeps the counts. `trust` names the authorities that vouch for certificates."""

    def __init__(self, emit: Callable[[Observation], None], trust: Trust = lambda: NO_ROOTS) -> None:
        self.emit = emit
        self.counts = Counts()
        self._certificates = Certificates(trust)
        self._packet: Seen | None = None
        self._told = 0
        self._quiet_until: dict[tuple[str, str], float] = {}

    def tell(self, obs: Observation, protocol: str) -> None:
        """Emit one message of `protocol`, unless its packet said too many already."""
        self.counts.protocols[protocol] += 1
        if obs.seen is not self._packet:
            self._packet = obs.seen
            self._told = 0
        self._told += 1
        if self._told <= _MOST_TOLD:
            self.emit(obs)

    def heard_enough(self, seen: Seen) -> bool:
        """Whether nothing more will be told of the packet that was seen so: the rest need not be read."""
        return seen is self._packet and self._told >= _MOST_TOLD

    def count(self, protocol: str) -> None:
        """Count a message that nothing more is made of."""
        self.counts.protocols[protocol] += 1

    def certified(self, chain: tuple[bytes, ...], flow: Flow, server_name: str | None, seen: Seen) -> None:
        """Emit what a server's certificates prove (DER, its own first, at least one)."""
        self.emit(self._certificates.judged(chain, flow, server_name, seen))

    def on_port(self, protocol: str, port: int, usual: int) -> None:
        """Note a protocol that speaks on a port that is not its own."""
        if port != usual and len(self.counts.nonstandard) < _MOST_NONSTANDARD:
            self.counts.nonstandard.add(f"{protocol}:{port}")

    def malformed(self, bad: Bad, seen: Seen) -> None:
        """Count it; emit it unless the same was emitted within the last minute."""
        self.counts.malformed += 1
        key = (bad.protocol, bad.reason)
        until = self._quiet_until.get(key)
        if until is None or not until - _MALFORMED_EVERY <= seen.tick < until:
            self._quiet_until[key] = seen.tick + _MALFORMED_EVERY
            self.emit(Malformed(seen, bad.protocol, bad.reason.value))
