"""When a network is joined that the user does not trust: the moment for asking questions."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.host import NeighbourSeen
from wifiguard.core.observation import Observation

# Our own questions to a name server leave from these ports, above those that systems give to programs (RFC 6056 leaves the
# choice; Linux ends at 60999): what they say of the laptop's habits is nothing.
OWN_PORTS = range(61000, 65536)


class Joining:
    """Tells each untrusted network once, when its router is known; again after it was not seen for a while."""

    INPUTS = (NeighbourSeen,)

    def __init__(self, again: float = 3600.0) -> None:
        self._told: BoundedMap[tuple[str, str], bool] = BoundedMap(64, again)

    def joined(self, obs: Observation) -> bool:
        """Whether `obs` shows that such a network was just joined."""
        network = obs.network
        if not isinstance(obs, NeighbourSeen) or not obs.mac or network is None or network.trusted:
            return False
        place = obs.interface, network.id
        first = self._told.get(place, obs.tick) is None
        if first:
            self._told.put(place, True, obs.tick)
        return first
