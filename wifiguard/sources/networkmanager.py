"""The Wi-Fi networks that this laptop is associated to, as NetworkManager tells them over D-Bus."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dbus_fast import Message, MessageType, Variant
from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import mac_bytes
from wifiguard.core.host import SourceDone
from wifiguard.core.text import visible
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.rsn import offered
from wifiguard.sources.sysfs import carries, wireless_interfaces
from wifiguard.sources.system_bus import BUS, PROPERTIES, Absent, Nonsense, Peer, Vanished, listening

NAME = "wifi"
SERVICE = "org.freedesktop.NetworkManager"
LABEL = "NetworkManager"
MANAGER = "/org/freedesktop/NetworkManager"
DEVICE = f"{SERVICE}.Device"
WIRELESS = f"{SERVICE}.Device.Wireless"
ACCESS_POINT = f"{SERVICE}.AccessPoint"
ACTIVE = f"{SERVICE}.Connection.Active"

# Signals come in bursts: joining a network takes half a dozen.
COALESCE = 0.02
# After a reading we rest this many times as long as it took.
REST = 9
LONGEST_REST = 2.0
# Objects may vanish while we read about them: then we read again.
ATTEMPTS = 3
DEVICES = 4096
RADIOS = 32
_SSID_LENGTH = 32
_NAME_LENGTH = 15
_PROFILE_LENGTH = 256

_WIFI = 2
_UNMANAGED = 10
# From "getting an address" on the station is associated and let in; before, an access point is merely chosen.
_ASSOCIATED = range(70, 111)
_MODE_AP = 3  # a hotspot of our own

# What matters of each interface; an access point's strength changes every few seconds.
_WATCHED = {
    DEVICE: frozenset({"ActiveConnection", "Interface", "State"}),
    WIRELESS: frozenset({"ActiveAccessPoint", "Mode"}),
    ACCESS_POINT: frozenset({"Flags", "Frequency", "HwAddress", "RsnFlags", "Ssid", "WpaFlags"}),
}
_RULES = (
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'",
    f"type='signal',sender='{SERVICE}',interface='{SERVICE}',member='DeviceAdded'",
    f"type='signal',sender='{SERVICE}',interface='{SERVICE}',member='DeviceRemoved'",
    f"type='signal',sender='{SERVICE}',interface='{PROPERTIES}',member='PropertiesChanged',arg0='{DEVICE}'",
    f"type='signal',sender='{SERVICE}',interface='{PROPERTIES}',member='PropertiesChanged',arg0='{WIRELESS}'",
)
_ACCESS_POINT_RULE = (
    f"type='signal',sender='{SERVICE}',path='{{path}}',interface='{PROPERTIES}',member='PropertiesChanged',"
    f"arg0='{ACCESS_POINT}'"
)


class _Station(Struct, frozen=True):
    """One radio that is associated. `access_point`: its object on the bus."""

    interface: str
    bss: Bss
    profile: str | None
    access_point: str


class _Report(Struct, frozen=True):
    """What one reading found: `stations` None where nothing could be read, `reason` empty where nothing is missing."""

    stations: tuple[_Station, ...] | None
    reason: str = ""
    mend: str | None = None

    def lasting(self) -> _Report:
        """Without what changes all the time."""
        if self.stations is None:
            return self
        stations = tuple(replace(s, bss=replace(s.bss, strength=None)) for s in self.stations)
        return replace(self, stations=stations)


class NetworkManager:
    """The source of `WifiAssociated` and `WifiLeft`. Every change is followed by a complete report.

    Woken by signals only. While NetworkManager is away that is said once, and the last associations stand: they outlive it.
    """

    name = NAME

    def __init__(self) -> None:
        self.essential = bool(wireless_interfaces())
        self._wake = asyncio.Event()
        self._asked = False
        self._owner: str | None = None
        self._radios: dict[str, bool] = {}
        self._followed: set[str] = set()
        self._stations: tuple[_Station, ...] = ()

    def refresh(self) -> None:
        """Report everything again soon."""
        self._asked = True
        self._wake.set()

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled; SourceUnavailable without a system bus, or when NetworkManager does not answer."""
        async with listening(self._heard, self._wake.set) as (bus, lost):
            await self._watch(sink, Peer(bus, SERVICE, LABEL), lost)

    def _heard(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged" and message.sender == BUS:
            if message.signature == "sss" and message.body[0] == SERVICE:
                self._owner = message.body[2] or None
                self._radios.clear()
                self._wake.set()
        elif message.sender == self._owner and _matters(message):
            self._wake.set()

    async def _watch(self, sink: Sink, peer: Peer, lost: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        for rule in _RULES:
            await peer.match("AddMatch", rule)
        self._followed = set()
        self._radios = {}
        self._owner = await peer.owner()
        told: _Report | None = None
        while not lost.done():
            begun = loop.time()
            self._wake.clear()
            asked, self._asked = self._asked, False
            self.essential = bool(wireless_interfaces())
            now = await self._report(peer)
            if asked or told is None or now.lasting() != told.lasting():
                self._tell(sink, now)
                told = now
                await self._follow(peer, {station.access_point for station in self._stations})
            await asyncio.sleep(min(REST * (loop.time() - begun), LONGEST_REST))
            await self._wake.wait()
            await asyncio.sleep(COALESCE)
        raise SourceUnavailable("the connection to the system message bus broke", "sudo systemctl status dbus")

    def _tell(self, sink: Sink, now: _Report) -> None:
        if now.stations is not None:
            here = {station.interface: station.bss.ssid for station in now.stations}
            for station in self._stations:
                if here.get(station.interface) != station.bss.ssid:
                    sink.emit(WifiLeft(sink.seen(station.interface), station.bss.ssid))
            for station in now.stations:
                sink.emit(WifiAssociated(sink.seen(station.interface), station.bss, station.profile))
            self._stations = now.stations
        sink.emit(SourceDone(sink.seen(), NAME, not now.reason, now.reason, now.mend, self.essential))

    async def _follow(self, peer: Peer, access_points: set[str]) -> None:
        """Hear of these access points and of no others: a scan changes dozens."""
        for path in access_points ^ self._followed:
            member = "AddMatch" if path in access_points else "RemoveMatch"
            await peer.match(member, _ACCESS_POINT_RULE.format(path=path))
            self._wake.set()  # it may have changed before we listened
        self._followed = access_points

    async def _report(self, peer: Peer) -> _Report:
        try:
            return await self._read(peer)
        except Absent:
            return _Report(None, "NetworkManager is not running", "sudo systemctl start NetworkManager")
        except Vanished:
            return _Report(None, "what calls itself NetworkManager has no devices to tell of")
        except Nonsense as error:
            return _Report(None, str(error))

    async def _read(self, peer: Peer) -> _Report:
        paths = await peer.answer(MANAGER, SERVICE, "GetDevices", "ao")
        radios = [path for path in paths[:DEVICES] if await self._is_radio(peer, path)]
        self._radios = {path: known for path, known in self._radios.items() if path in set(paths)}
        stations: list[_Station] = []
        managed: set[str] = set()
        reason = ""
        for path in radios[:RADIOS]:
            try:
                interface, station = await _radio(peer, path)
            except Nonsense as error:
                reason = reason or str(error)
                continue
            if interface:
                managed.add(interface)
            if station:
                stations.append(station)
        if reason:
            return _Report(tuple(stations), reason)
        for name in wireless_interfaces():
            if name not in managed and carries(name):
                said = f"NetworkManager does not look after {visible(name)}, which is connected"
                return _Report(tuple(stations), said, f"nmcli device set {name} managed yes")
        return _Report(tuple(stations))

    async def _is_radio(self, peer: Peer, path: str) -> bool:
        if path not in self._radios:
            try:
                kind = await peer.answer(path, PROPERTIES, "Get", "v", "ss", DEVICE, "DeviceType")
            except Vanished:
                return False
            self._radios[path] = kind.signature == "u" and kind.value == _WIFI
        return self._radios[path]


async def _radio(peer: Peer, path: str) -> tuple[str | None, _Station | None]:
    """The name of a Wi-Fi device that NetworkManager manages (else None), and its association (else None)."""
    for _ in range(ATTEMPTS):
        try:
            device = await peer.properties(path, DEVICE)
            wireless = await peer.properties(path, WIRELESS)
        except Vanished:
            return None, None
        interface = peer.taken(device, "Interface", "s")
        if not 0 < len(interface.encode()) <= _NAME_LENGTH:
            raise Nonsense("NetworkManager names an interface in a way that no interface can be named")
        state = peer.taken(device, "State", "u")
        access_point = peer.taken(wireless, "ActiveAccessPoint", "o")
        if state == _UNMANAGED:
            return None, None
        if state not in _ASSOCIATED or access_point == "/" or peer.taken(wireless, "Mode", "u") == _MODE_AP:
            return interface, None
        try:
            bss = _bss(peer, await peer.properties(access_point, ACCESS_POINT))
        except Vanished:
            continue  # it roamed on meanwhile
        profile = await _profile(peer, peer.taken(device, "ActiveConnection", "o"))
        return interface, _Station(interface, bss, profile, access_point)
    raise Nonsense("NetworkManager names an access point that it does not know")


def _bss(peer: Peer, properties: Mapping[str, Variant]) -> Bss:
    ssid = peer.taken(properties, "Ssid", "ay")
    if len(ssid) > _SSID_LENGTH:
        raise Nonsense("NetworkManager tells a network name longer than any can be")
    address = peer.taken(properties, "HwAddress", "s")
    try:
        bssid = mac_bytes(address) if address else None
    except ValueError as error:
        raise Nonsense("NetworkManager tells an access point's address that is none") from error
    flags = (peer.taken(properties, name, "u") for name in ("Flags", "WpaFlags", "RsnFlags"))
    security, group_tkip = offered(*flags)
    return Bss(
        bytes(ssid),
        bssid,
        security,
        group_tkip,
        frequency=peer.taken(properties, "Frequency", "u") or None,
        strength=peer.taken(properties, "Strength", "y"),
    )


async def _profile(peer: Peer, path: str) -> str | None:
    """The name of the saved profile behind an active connection; None where it has just ended."""
    if path == "/":
        return None
    try:
        found = await peer.answer(path, PROPERTIES, "Get", "v", "ss", ACTIVE, "Id")
    except Vanished:
        return None
    return str(peer.taken({"Id": found}, "Id", "s"))[:_PROFILE_LENGTH]


def _matters(message: Message) -> bool:
    if message.interface == SERVICE:
        return message.member in ("DeviceAdded", "DeviceRemoved")
    if message.member != "PropertiesChanged" or message.signature != "sa{sv}as":
        return False
    interface, changed, invalidated = message.body
    watched = _WATCHED.get(interface, frozenset())
    return not watched.isdisjoint(changed) or not watched.isdisjoint(invalidated)
