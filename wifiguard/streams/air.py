"""802.11 frames become observations, with what takes more than one frame to know."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.observation import Seen
from wifiguard.core.wifi import BssSeen
from wifiguard.decode import dot11
from wifiguard.decode.dot11_management import management
from wifiguard.decode.radio import reception
from wifiguard.streams.outlet import Outlet

# Access points whose beacons are remembered; a flood of invented ones pushes out the oldest.
_POINTS: Final = 4096


class Air:
    """The frames of one 802.11 capture (`link_type`: libpcap's DLT number)."""

    def __init__(self, outlet: Outlet, link_type: int) -> None:
        self._outlet = outlet
        self._link_type = link_type
        # BSSID → whether its beacons keep the name back: the answer to a station that calls it does not say so.
        self._hides: BoundedMap[bytes, bool] = BoundedMap(_POINTS)

    def frame(self, data: bytes, start: int, seen: Seen, *, cut: bool) -> None:
        """Take the 802.11 frame at `data[start:]`; `cut`: its end was not captured. Raises Bad."""
        self._outlet.count("wifi")
        if dot11.is_encrypted(data, start):
            self._outlet.count("wifi-encrypted")
        if data[start : start + 1] and data[start] & 0x0F:
            return  # no management frame: what the radio noted need not be read
        found = management(data, start, seen, reception(data, start, self._link_type), cut=cut)
        if found is None:
            return
        if isinstance(found, BssSeen) and found.bss.bssid is not None:
            bssid, bss = found.bss.bssid, found.bss
            if not found.answer:
                self._hides.put(bssid, bss.hidden, seen.tick)
            elif self._hides.get(bssid, seen.tick):
                found = replace(found, bss=replace(bss, hidden=True))
        self._outlet.emit(found)
