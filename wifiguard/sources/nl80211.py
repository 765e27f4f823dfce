"""Stations and access points as the kernel tells them (nl80211): who is joined, what is in the air, why a connection ended.

Reading only: what the kernel remembers of earlier scans is enough, and a scan of our own would disturb the connection.
"""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.air import ManagementFrame
from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Seen
from wifiguard.core.wifi import Bss, BssSeen, WifiAssociated, WifiLeft
from wifiguard.decode.bad import Bad
from wifiguard.decode.dot11_management import management
from wifiguard.decode.elements import describe
from wifiguard.decode.radio import Reception
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.genl import Generic
from wifiguard.sources.netlink import Attributes, attribute, attributes, number
from wifiguard.sources.sysfs import carries, hardware_address, wireless_interfaces

NAME = "nl80211"
# include/uapi/linux/nl80211.h: commands
_GET_INTERFACE, _GET_SCAN, _NEW_SCAN_RESULTS = 5, 32, 34
_DEAUTHENTICATE, _DISASSOCIATE, _CONNECT, _ROAM, _DISCONNECT = 39, 40, 46, 47, 48
_UNPROT_DEAUTHENTICATE, _UNPROT_DISASSOCIATE = 70, 71
_THROWN_OUT, _IGNORED = (_DEAUTHENTICATE, _DISASSOCIATE), (_UNPROT_DEAUTHENTICATE, _UNPROT_DISASSOCIATE)
# attributes
_IFINDEX, _IFNAME, _IFTYPE, _MAC, _BSS, _FRAME, _REASON = 3, 4, 5, 6, 47, 51, 54
# attributes of a BSS
_BSSID, _FREQUENCY, _CAPABILITY, _ELEMENTS, _SIGNAL, _STATUS, _BEACON = 1, 2, 5, 6, 7, 9, 11
_STATION = 2
_ASSOCIATED = 1
_PRIVACY = 0x10
_GROUPS = ("mlme", "scan", "config")

# A scan over all channels brings a burst of results.
COALESCE = 0.2
# A station that is associated and not yet let in is looked at again, this often and this long, in seconds.
HANDSHAKE, HANDSHAKES = 0.5, 60
POINTS = 5000


class Interface(Struct, frozen=True):
    """A station's interface."""

    index: int
    name: str
    mac: bytes


class Air(Struct, frozen=True):
    """One reading: the stations that are joined and let in, all access points, and whether some station is on its way in."""

    joined: dict[str, WifiAssociated]
    seen: tuple[tuple[str, Bss], ...]
    entering: bool


class Nl80211:
    """The source of `WifiAssociated`, `WifiLeft`, `BssSeen` and of `ManagementFrame`s that were meant for this laptop."""

    name = NAME

    def __init__(self) -> None:
        self.essential = bool(wireless_interfaces())
        self._wake = asyncio.Event()
        self._asked = False
        self._joined: dict[str, WifiAssociated] = {}
        self._names: dict[int, str] = {}
        self._reasons: dict[str, int] = {}

    def refresh(self) -> None:
        """Report everything again soon."""
        self._asked = True
        self._wake.set()

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled; SourceUnavailable where the kernel has no Wi-Fi."""
        try:
            events = Generic("nl80211")
        except OSError as error:
            raise SourceUnavailable("the kernel has no Wi-Fi (nl80211)") from error
        loop = asyncio.get_running_loop()
        with events:
            events.listen(*_GROUPS)
            loop.add_reader(events.socket, self._heard, events, sink)
            try:
                await self._watch(sink)
            finally:
                loop.remove_reader(events.socket)

    def _heard(self, events: Generic, sink: Sink) -> None:
        try:
            messages = events.heard()
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            messages = []  # some were lost: the next reading is whole again
        for command, found in messages:
            name = self._names.get(number(found, _IFINDEX) or 0, "")
            if command in _THROWN_OUT or command in _IGNORED:
                frame = _goodbye(found.get(_FRAME, b""), sink.seen(name), ignored=command in _IGNORED)
                if frame is not None:
                    sink.emit(frame)
            elif command == _DISCONNECT and (reason := number(found, _REASON)):
                self._reasons[name] = reason
        self._wake.set()

    async def _watch(self, sink: Sink) -> None:
        handshakes = 0
        told: dict[str, WifiAssociated] | None = None
        while True:
            self._wake.clear()
            asked, self._asked = self._asked, False
            self.essential = bool(wireless_interfaces())
            seen = sink.seen()
            try:
                air = await asyncio.to_thread(self._read, seen)
            except OSError as error:
                raise SourceUnavailable(f"the kernel did not answer about Wi-Fi ({error.strerror})") from error
            for name, bss in air.seen:
                sink.emit(BssSeen(sink.seen(name), bss))
            now = {name: _lasting(station) for name, station in air.joined.items()}
            if asked or now != told:
                self._tell(sink, air.joined)
                told = now
            handshakes = handshakes + 1 if air.entering else 0
            wait = HANDSHAKE if 0 < handshakes <= HANDSHAKES else None
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(COALESCE)

    def _tell(self, sink: Sink, joined: dict[str, WifiAssociated]) -> None:
        for name, former in self._joined.items():
            station = joined.get(name)
            if station is None or station.bss.ssid != former.bss.ssid:
                sink.emit(WifiLeft(sink.seen(name), former.bss.ssid, self._reasons.pop(name, None)))
        for name, station in joined.items():
            sink.emit(replace(station, seen=sink.seen(name)))
        self._joined = joined
        sink.emit(SourceDone(sink.seen(), NAME, True, essential=self.essential))

    def _read(self, seen: Seen) -> Air:
        joined: dict[str, WifiAssociated] = {}
        all_seen: list[tuple[str, Bss]] = []
        entering = False
        with Generic("nl80211") as kernel:
            stations = interfaces(kernel)
            self._names = {station.index: station.name for station in stations}
            for station in stations:
                for bss, associated in scan_results(kernel, station.index):
                    if len(all_seen) < POINTS:
                        all_seen.append((station.name, bss))
                    if associated and carries(station.name):
                        own = hardware_address(station.name)
                        is_own = None if own is None else own == station.mac
                        joined[station.name] = WifiAssociated(seen, bss, hardware_address=is_own)
                    elif associated:
                        entering = True
        return Air(joined, tuple(all_seen), entering)


def interfaces(kernel: Generic) -> list[Interface]:
    """Every interface that can join networks; access points and monitors of our own are left out."""
    out: list[Interface] = []
    for found in kernel.dump(_GET_INTERFACE):
        index, kind = number(found, _IFINDEX), number(found, _IFTYPE)
        name = found.get(_IFNAME, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")
        if index and name and kind == _STATION:
            out.append(Interface(index, name, found.get(_MAC, b"")))
    return out


def scan_results(kernel: Generic, index: int) -> Iterable[tuple[Bss, bool]]:
    """What the kernel remembers of the air around one interface: (access point, whether it is the one that was joined)."""
    for found in kernel.dump(_GET_SCAN, attribute(_IFINDEX, index.to_bytes(4, sys.byteorder))):
        nested = attributes(found.get(_BSS, b""))
        bss = access_point(nested)
        if bss is not None:
            yield bss, number(nested, _STATUS) == _ASSOCIATED


def access_point(found: Attributes) -> Bss | None:
    """A BSS of the kernel's list. Its elements are a stranger's bytes, the rest is the kernel's own word."""
    bssid = found.get(_BSSID, b"")
    # The answer to a probe knows a hidden name; the beacon tells that it is hidden.
    told, beacon = found.get(_ELEMENTS, b""), found.get(_BEACON, b"")
    if len(bssid) != 6 or not (told or beacon):
        return None
    privacy = bool((number(found, _CAPABILITY) or 0) & _PRIVACY)
    description = describe(told or beacon, 0, len(told or beacon), privacy=privacy)
    announced = describe(beacon, 0, len(beacon), privacy=privacy).ssid if beacon else description.ssid
    signal = found.get(_SIGNAL)
    return Bss(
        description.ssid or b"",
        bssid,
        description.security,
        description.group_tkip,
        frequency=number(found, _FREQUENCY) or description.frequency,
        signal=round(int.from_bytes(signal, sys.byteorder, signed=True) / 100) if signal else None,  # it is in mBm
        hidden=not announced,
        elements=description.elements,
    )


def _goodbye(frame: bytes, seen: Seen, *, ignored: bool) -> ManagementFrame | None:
    """The frame that was to end the connection, where the access point sent it: our own are reported in the same way."""
    try:
        told = management(frame, 0, seen, Reception(), cut=False)
    except Bad:
        return None
    if isinstance(told, ManagementFrame) and told.transmitter == told.bssid:
        return replace(told, own=True, ignored=ignored)
    return None


def _lasting(station: WifiAssociated) -> WifiAssociated:
    """Without what changes all the time."""
    return replace(station, seen=Seen(0.0, 0.0), bss=replace(station.bss, signal=None))
