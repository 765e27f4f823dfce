"""What the laptop is joined to, from whoever knows: the kernel, NetworkManager and iwd told as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.wifi import WifiAssociated, WifiLeft
from wifiguard.sources import Sink, Source, SourceUnavailable
from wifiguard.sources.iwd import Iwd
from wifiguard.sources.networkmanager import NetworkManager
from wifiguard.sources.nl80211 import Nl80211
from wifiguard.sources.patience import Patience
from wifiguard.sources.sysfs import wireless_interfaces

NAME = "wifi"


class _Part(Struct):
    """One teller: what it said last. It stands in as a sink for its source."""

    source: Source
    sink: Sink
    changed: Callable[[], None]
    stations: dict[str, WifiAssociated] = field(default_factory=dict)
    left: dict[str, WifiLeft] = field(default_factory=dict)
    done: SourceDone | None = None

    def emit(self, obs: Observation) -> None:
        """Keep what all tell; hand on what only this one can know."""
        match obs:
            case WifiAssociated():
                self.stations[obs.interface] = obs
                self.left.pop(obs.interface, None)
            case WifiLeft():
                self.stations.pop(obs.interface, None)
                self.left[obs.interface] = obs
            case SourceDone():
                self.done = obs
                self.changed()
            case _:
                self.sink.emit(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        """Here and now."""
        return self.sink.seen(interface, at)


class Wifi:
    """The source of all associations. The kernel's word on an access point goes first; a profile's name comes from who saved it.

    Nobody is asked twice about the same: where the kernel tells of every radio, NetworkManager and iwd may be absent.
    """

    name = NAME

    def __init__(self) -> None:
        self.essential = bool(wireless_interfaces())
        self._kernel, self._daemons = Nl80211(), (NetworkManager(), Iwd())
        self._parts: tuple[_Part, ...] = ()
        self._joined: dict[str, WifiAssociated] = {}

    def refresh(self) -> None:
        """Report everything again soon."""
        for source in (self._kernel, *self._daemons):
            source.refresh()

    def station(self, interface: str) -> WifiAssociated | None:
        """What the interface was joined to at the last report."""
        return self._joined.get(interface)

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled."""

        def changed() -> None:
            self._tell(sink)

        self._parts = tuple(_Part(source, sink, changed) for source in (self._kernel, *self._daemons))
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(_keep(part), name=part.source.name)

    def _tell(self, sink: Sink) -> None:
        self.essential = bool(wireless_interfaces())
        done = self._done()
        if done is None:
            return  # the others have not said yet whether they know
        joined = self._together()
        for interface, former in self._joined.items():
            if interface not in joined or joined[interface].bss.ssid != former.bss.ssid:
                reason = next((p.left[interface].reason for p in self._parts if interface in p.left), None)
                sink.emit(WifiLeft(sink.seen(interface), former.bss.ssid, reason))
        for interface, station in joined.items():
            sink.emit(replace(station, seen=sink.seen(interface)))
        self._joined = joined
        sink.emit(replace(done, seen=sink.seen(), source=NAME, essential=self.essential))

    def _together(self) -> dict[str, WifiAssociated]:
        kernel, *daemons = self._parts
        out = dict(kernel.stations)
        for daemon in daemons:
            for interface, station in daemon.stations.items():
                known = out.get(interface)
                if known is None:
                    # Where the kernel tells, an association that it does not know has ended or not yet begun.
                    if kernel.done is None or not kernel.done.ok:
                        out[interface] = station
                elif known.profile is None and known.bss.ssid == station.bss.ssid:
                    out[interface] = replace(known, profile=station.profile)
        return out

    def _done(self) -> SourceDone | None:
        """One report for all: the kernel's; where it has none, that of the first who could look, else NetworkManager's reason.

        None while somebody may still know: nobody's word goes before the kernel's.
        """
        kernel, *daemons = (part.done for part in self._parts)
        if kernel is None or kernel.ok:
            return kernel
        good = next((done for done in daemons if done is not None and done.ok), None)
        if good is not None or None in daemons:
            return good
        return daemons[0]


async def _keep(part: _Part) -> None:
    """Run one teller until cancelled; one that cannot look is asked again later."""
    patience = Patience()
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        lost = False
        try:
            await part.source.run(part)
        except SourceUnavailable as state:
            lost = part.done is not None and part.done.ok
            part.stations.clear()
            part.emit(SourceDone(part.seen(), part.source.name, False, state.reason, state.mend))
        await asyncio.sleep(patience.wait(loop.time(), loop.time() - started, lost=lost))
