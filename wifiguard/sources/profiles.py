"""Saved Wi-Fi profiles of NetworkManager, iwd and wpa_supplicant, as far as this user may read them. No secret is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbus_fast import Variant

from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security
from wifiguard.core.observation import Observation
from wifiguard.core.profiles import Profile, SavedProfile
from wifiguard.decode.supplicant import blocks, profile_of
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.posture import Place
from wifiguard.sources.system_bus import BUS, Absent, Nonsense, Peer, Vanished, connected

NAME = "profiles"
NETWORKMANAGER, IWD = "NetworkManager", "iwd"
_SERVICE, _IWD_SERVICE = "org.freedesktop.NetworkManager", "net.connman.iwd"
_SETTINGS = f"{_SERVICE}.Settings"
_SETTINGS_PATH = "/org/freedesktop/NetworkManager/Settings"
_KNOWN = f"{_IWD_SERVICE}.KnownNetwork"
# Where distributions keep wpa_supplicant's own networks.
SUPPLICANT_FILES = Path("/etc/wpa_supplicant")
PROFILES = 1000
_SIZE = 1 << 20

_KEY_MANAGEMENT = {
    "none": Security.WEP,
    "ieee8021x": Security.WEP,
    "wpa-psk": Security.WPA2,
    "sae": Security.WPA3,
    "owe": Security.ENHANCED_OPEN,
    "wpa-eap": Security.WPA2_ENTERPRISE,
    "wpa-eap-suite-b-192": Security.WPA3_ENTERPRISE,
}
_IWD_TYPES = {"open": Security.OPEN, "wep": Security.WEP, "psk": Security.WPA2, "8021x": Security.WPA2_ENTERPRISE}
# Methods in which the server proves itself by a certificate.
_BY_CERTIFICATE = frozenset({"peap", "ttls", "tls", "fast"})


def profiles(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`: every saved profile."""
    found, trouble = read_profiles()
    for profile in found:
        yield SavedProfile(sink.seen(), profile)
    if trouble:
        yield SourceDone(sink.seen(), NAME, ok=False, reason=trouble[0], mend="sudo wifiguard profiles")


def read_profiles() -> tuple[list[Profile], list[str]]:
    """Every profile that can be read, and a sentence for each keeper that could not. Must not be called inside an event loop."""
    found, trouble = asyncio.run(_from_bus())
    try:
        files = sorted(SUPPLICANT_FILES.glob("*.conf"))
    except OSError:
        files = []
    for file in files:
        try:
            with file.open("rb") as opened:
                text = opened.read(_SIZE).decode("utf-8", "replace")
        except PermissionError:
            trouble.append(f"only root may read {file}")
        except OSError as error:
            trouble.append(f"{file} cannot be read: {error.strerror}")
        else:
            for number, block in enumerate(blocks(text)[:PROFILES]):
                if (profile := profile_of(block, f"{file}#{number}")) is not None:
                    found.append(profile)
    return found, trouble


async def _from_bus() -> tuple[list[Profile], list[str]]:
    try:
        bus = await connected()
    except SourceUnavailable:
        return [], []  # neither of the two can run without it
    found: list[Profile] = []
    trouble: list[str] = []
    try:
        for service, label, read in (
            (_SERVICE, NETWORKMANAGER, _networkmanager),
            (_IWD_SERVICE, IWD, _iwd),
        ):
            try:
                found += await read(Peer(bus, service, label))
            except Absent:
                continue
            except (Nonsense, Vanished, SourceUnavailable) as error:
                trouble.append(str(error) or f"{label}'s profiles changed while they were read")
    finally:
        bus.disconnect()
    return found, trouble


async def _networkmanager(peer: Peer) -> list[Profile]:
    out: list[Profile] = []
    for path in (await peer.answer(_SETTINGS_PATH, _SETTINGS, "ListConnections", "ao"))[:PROFILES]:
        try:
            settings = await peer.answer(path, f"{_SETTINGS}.Connection", "GetSettings", "a{sa{sv}}")
        except Vanished:
            continue
        if (profile := networkmanager_profile(settings)) is not None:
            out.append(profile)
    return out


def networkmanager_profile(settings: Mapping[str, Mapping[str, Variant]]) -> Profile | None:
    """A connection's settings as a profile; None for what is no Wi-Fi network to join."""
    connection, wireless = settings.get("connection", {}), settings.get("802-11-wireless", {})
    if _value(connection, "type", "s", "") != "802-11-wireless" or _value(wireless, "mode", "s", "") in ("ap", "adhoc"):
        return None
    ssid = bytes(_value(wireless, "ssid", "ay", b""))[:32]
    protection = settings.get("802-11-wireless-security")
    security = Security.OPEN
    if protection is not None:
        security = _KEY_MANAGEMENT.get(_value(protection, "key-mgmt", "s", ""), Security.UNKNOWN)
    address = _value(wireless, "assigned-mac-address", "s", "")
    enterprise = settings.get("802-1x") if security in (Security.WPA2_ENTERPRISE, Security.WPA3_ENTERPRISE) else None
    return Profile(
        keeper=NETWORKMANAGER,
        id=_value(connection, "uuid", "s", ""),
        name=_value(connection, "id", "s", "")[:256],
        ssid=ssid,
        security=security,
        autojoin=_value(connection, "autoconnect", "b", True),
        hidden=_value(wireless, "hidden", "b", False),
        hardware_address={"permanent": True, "random": False, "stable": False, "stable-ssid": False}.get(address),
        verified=None if enterprise is None else _networkmanager_verified(enterprise),
        shared=not _value(connection, "permissions", "as", []),
    )


def _networkmanager_verified(told: Mapping[str, Variant]) -> bool | None:
    if _BY_CERTIFICATE.isdisjoint(_value(told, "eap", "as", [])):
        return None
    named = any(
        _value(told, key, kind, None)
        for key, kind in (
            ("domain-suffix-match", "s"),
            ("domain-match", "s"),
            ("subject-match", "s"),
            ("altsubject-matches", "as"),
        )
    )
    if _value(told, "ca-cert", "ay", b""):
        return True
    # Any public authority signs for anybody: then the name must be checked as well.
    return named and bool(_value(told, "system-ca-certs", "b", False) or _value(told, "ca-path", "s", ""))


async def _iwd(peer: Peer) -> list[Profile]:
    objects = await peer.answer("/", f"{BUS}.ObjectManager", "GetManagedObjects", "a{oa{sa{sv}}}")
    out: list[Profile] = []
    for path, interfaces in list(objects.items())[: 4 * PROFILES]:
        if (known := interfaces.get(_KNOWN)) is not None:
            out.append(iwd_profile(path, known))
    return out[:PROFILES]


def iwd_profile(path: str, known: Mapping[str, Variant]) -> Profile:
    """A known network of iwd. What its file says of certificates and addresses, only root may read."""
    name = _value(known, "Name", "s", "")[:256]
    return Profile(
        keeper=IWD,
        id=path,
        name=name,
        ssid=name.encode()[:32],
        security=_IWD_TYPES.get(_value(known, "Type", "s", ""), Security.UNKNOWN),
        autojoin=_value(known, "AutoConnect", "b", True),
        hidden=_value(known, "Hidden", "b", False),
    )


def _value(told: Mapping[str, Variant], key: str, signature: str, otherwise: Any) -> Any:
    """A setting of this type; `otherwise` where it is missing or of another type."""
    found = told.get(key)
    return found.value if found is not None and found.signature == signature else otherwise
