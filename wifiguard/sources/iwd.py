"""Which saved networks iwd's stations are joined to. How they are protected, the kernel tells: iwd names only the kind."""

from __future__ import annotations

import asyncio
from typing import Any

from dbus_fast import Message, MessageType

from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.sysfs import wireless_interfaces
from wifiguard.sources.system_bus import BUS, PROPERTIES, Absent, Nonsense, Peer, Vanished, listening

NAME = "iwd"
SERVICE = "net.connman.iwd"
DEVICE, STATION, NETWORK, KNOWN = (f"{SERVICE}.{name}" for name in ("Device", "Station", "Network", "KnownNetwork"))
OBJECTS = f"{BUS}.ObjectManager"

COALESCE = 0.1
_RULES = (
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'",
    f"type='signal',sender='{SERVICE}',interface='{PROPERTIES}',member='PropertiesChanged',arg0='{STATION}'",
    f"type='signal',sender='{SERVICE}',interface='{OBJECTS}'",
)
_NAME_LENGTH = 256
_SSID_LENGTH = 32


class Iwd:
    """The source of `WifiAssociated` and `WifiLeft` as iwd sees them, with the saved network's name as profile."""

    name = NAME

    def __init__(self) -> None:
        self.essential = bool(wireless_interfaces())
        self._wake = asyncio.Event()
        self._asked = False
        self._joined: dict[str, bytes] = {}

    def refresh(self) -> None:
        """Report everything again soon."""
        self._asked = True
        self._wake.set()

    async def run(self, sink: Sink) -> None:
        """Watch until cancelled; SourceUnavailable without a system bus."""
        async with listening(self._heard, self._wake.set) as (bus, lost):
            await self._watch(sink, Peer(bus, SERVICE, "iwd"), lost)

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self._wake.set()

    async def _watch(self, sink: Sink, peer: Peer, lost: asyncio.Future[None]) -> None:
        for rule in _RULES:
            await peer.match("AddMatch", rule)
        told: object = None
        while not lost.done():
            self._wake.clear()
            asked, self._asked = self._asked, False
            self.essential = bool(wireless_interfaces())
            reason, mend = "", None
            joined: dict[str, tuple[bytes, str | None]] = {}
            try:
                joined = _joined(peer, await peer.answer("/", OBJECTS, "GetManagedObjects", "a{oa{sa{sv}}}"))
            except Absent:
                reason, mend = "iwd is not running", "sudo systemctl start iwd"
            except (Vanished, Nonsense) as error:
                reason = str(error) or "what calls itself iwd has no devices to tell of"
            if asked or (joined, reason) != told:
                self._tell(sink, joined)
                sink.emit(SourceDone(sink.seen(), NAME, not reason, reason, mend, self.essential))
                told = joined, reason
            await self._wake.wait()
            await asyncio.sleep(COALESCE)
        raise SourceUnavailable("the connection to the system message bus broke", "sudo systemctl status dbus")

    def _tell(self, sink: Sink, joined: dict[str, tuple[bytes, str | None]]) -> None:
        for interface, ssid in self._joined.items():
            if interface not in joined or joined[interface][0] != ssid:
                sink.emit(WifiLeft(sink.seen(interface), ssid))
        for interface, (ssid, profile) in joined.items():
            sink.emit(WifiAssociated(sink.seen(interface), Bss(ssid, None, Security.UNKNOWN), profile))
        self._joined = {interface: ssid for interface, (ssid, _) in joined.items()}


def _joined(peer: Peer, objects: dict[str, dict[str, Any]]) -> dict[str, tuple[bytes, str | None]]:
    """Interface → (name of the network, the same where it is saved). Raises Nonsense."""
    out: dict[str, tuple[bytes, str | None]] = {}
    for interfaces in objects.values():
        station, device = interfaces.get(STATION), interfaces.get(DEVICE)
        if station is None or device is None or "ConnectedNetwork" not in station:
            continue
        if peer.taken(station, "State", "s") != "connected":
            continue
        network = objects.get(peer.taken(station, "ConnectedNetwork", "o"), {}).get(NETWORK)
        if network is None:
            raise Nonsense("iwd names a network that it does not know")
        name = peer.taken(network, "Name", "s")
        saved = name[:_NAME_LENGTH] if "KnownNetwork" in network else None
        out[peer.taken(device, "Name", "s")] = name.encode()[:_SSID_LENGTH], saved
    return out
