"""When a network is joined that the user does not trust, or looked at on demand: the moment for asking questions."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import NeighbourSeen
from wifiguard.core.observation import Observation

# Our own questions to a name server leave from these ports, above those that systems give to programs (RFC 6056 leaves the
# choice; Linux ends at 60999): what they say of the laptop's habits is nothing.
OWN_PORTS = range(61000, 65536)


# Whoever asks for a fresh look again and again gets the answers of the last one.
_LOOK_EVERY = 20.0


class LookAsked(Observation, frozen=True):
    """Somebody asked how the network of this interface is now."""


class Joining:
    """Tells each untrusted network once, when its router is known, and again when somebody asks for a look."""

    INPUTS = (NeighbourSeen, LookAsked)

    def __init__(self, again: float = 3600.0) -> None:
        self._told: BoundedMap[tuple[str, str], float] = BoundedMap(64, again)

    def joined(self, obs: Observation) -> bool:
        """Whether this is the moment, for the network of `obs`."""
        network = obs.network
        if network is None or network.trusted:
            return False
        place = obs.interface, network.id
        last = self._told.get(place, obs.tick)
        match obs:
            case NeighbourSeen(mac=bytes()):
                now = last is None
            case LookAsked():
                now = last is None or obs.tick - last >= _LOOK_EVERY
            case _:
                return False
        if now:
            self._told.put(place, obs.tick, obs.tick)
        return now
