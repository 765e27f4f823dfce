"""Information elements: what an access point says of itself in beacons and probe responses (IEEE 802.11-2020, 9.4.2).

Captured frames and the kernel's scan results hold the same bytes, so both are read here. Nothing raises: a list that lies about
its lengths is read as far as it goes and is then not `whole`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from wifiguard.core.air import Elements, FrameProtection
from wifiguard.core.network import Security

_SSID, _DS, _COUNTRY, _RSN, _MOBILITY, _HT_OPERATION, _WAPI = 0, 3, 7, 48, 54, 61, 68
_VENDOR, _RSNX, _EXTENSION = 221, 244, 255
_HE_OPERATION = 36  # in the extension
_MAX_SSID = 32
_MAX_SUITES = 32
# A check sum that was captured and not announced looks like the beginning of an element.
_CHECKSUM = 4

_STANDARD = b"\x00\x0f\xac"
_MICROSOFT = b"\x00\x50\xf2"
_ALLIANCE = b"\x50\x6f\x9a"
_WPA, _WPS = _MICROSOFT + b"\x01", _MICROSOFT + b"\x04"
_OWE_TRANSITION = _ALLIANCE + b"\x1c"

# Table 9-149 and 9-151; the Wi-Fi Alliance's WPA has the first ones under Microsoft's OUI.
_CIPHERS: Final = dict(
    enumerate(
        (
            "group", "WEP-40", "TKIP", "", "CCMP-128", "WEP-104", "BIP-CMAC-128", "none", "GCMP-128", "GCMP-256",
            "CCMP-256", "BIP-GMAC-128", "BIP-GMAC-256", "BIP-CMAC-256",
        )
    )
)  # fmt: skip
_AKMS: Final = dict(
    enumerate(
        (
            "", "802.1X", "PSK", "FT-802.1X", "FT-PSK", "802.1X-SHA256", "PSK-SHA256", "TDLS", "SAE", "FT-SAE", "AP-PEER",
            "802.1X-SUITE-B", "802.1X-SUITE-B-192", "FT-802.1X-SHA384", "FILS-SHA256", "FILS-SHA384", "FT-FILS-SHA256",
            "FT-FILS-SHA384", "OWE", "FT-PSK-SHA384", "PSK-SHA384", "PASN", "FT-802.1X-SHA384-ANY", "802.1X-SHA384", "SAE-EXT",
            "FT-SAE-EXT",
        )
    )
)  # fmt: skip
_PERSONAL = frozenset({"PSK", "FT-PSK", "PSK-SHA256", "FT-PSK-SHA384", "PSK-SHA384"})
_EQUALS = frozenset({"SAE", "FT-SAE", "SAE-EXT", "FT-SAE-EXT"})
_ENTERPRISE_192 = frozenset({"802.1X-SUITE-B-192", "FT-802.1X-SHA384"})
_ENTERPRISE_SHA2 = frozenset({"802.1X-SHA256", "802.1X-SUITE-B", "FT-802.1X-SHA384-ANY", "802.1X-SHA384"})
_ENTERPRISE = frozenset(name for name in _AKMS.values() if "802.1X" in name or "FILS" in name)
_WEP = frozenset({"WEP-40", "WEP-104"})
_STRONG = frozenset({"CCMP-128", "GCMP-128", "GCMP-256", "CCMP-256"})


class Description(Struct):
    """What the elements tell together. `ssid` None: no name element. `channel`: the primary one, `band6`: it is a 6 GHz one."""

    ssid: bytes | None = None
    channel: int | None = None
    band6: bool = False
    security: Security = Security.UNKNOWN
    group_tkip: bool = False
    elements: Elements = field(default_factory=Elements)

    @property
    def frequency(self) -> int | None:
        """The primary channel's centre in MHz (Annex E)."""
        channel = self.channel
        if channel is None:
            return None
        if self.band6:
            return 5950 + 5 * channel if 1 <= channel <= 233 else None
        if channel <= 14:
            return 2484 if channel == 14 else 2407 + 5 * channel if channel else None
        return 5000 + 5 * channel if 32 <= channel <= 177 else None


class _Suites:
    """The body shared by the RSN element and WPA's: version, group cipher, pairwise ciphers, key managements."""

    __slots__ = ("_at", "_body", "_oui", "akms", "capabilities", "group", "pairwise", "sound")

    def __init__(self, body: bytes, oui: bytes) -> None:
        self._body, self._at, self._oui = body, 2, oui
        self.sound = len(body) >= 2
        # Whatever is left out has the standard's default (9.4.2.24.1).
        self.group: str | None = None
        self.pairwise: tuple[str, ...] = ("CCMP-128",) if oui == _STANDARD else ("TKIP",)
        self.akms: tuple[str, ...] = ("802.1X",)
        self.capabilities = 0
        if len(body) < 6:
            return
        self.group = self._suite(_CIPHERS)
        self.pairwise = self._list(_CIPHERS) or self.pairwise
        self.akms = self._list(_AKMS) or self.akms
        if self.sound and len(body) >= self._at + 2:
            self.capabilities = int.from_bytes(body[self._at : self._at + 2], "little")

    def _list(self, names: dict[int, str]) -> tuple[str, ...]:
        body, at = self._body, self._at
        if not self.sound or len(body) < at + 2:
            return ()
        number = int.from_bytes(body[at : at + 2], "little")
        self._at = at + 2
        if number > _MAX_SUITES or len(body) < self._at + 4 * number:
            self.sound = False
            return ()
        return tuple(dict.fromkeys(self._suite(names) for _ in range(number)))

    def _suite(self, names: dict[int, str]) -> str:
        raw = self._body[self._at : self._at + 4]
        self._at += 4
        return (raw[:3] == self._oui and names.get(raw[3])) or f"{raw[:3].hex('-')}:{raw[3]}"


def describe(data: bytes, at: int, end: int, *, privacy: bool) -> Description:
    """Read the elements in `data[at:end]`; `privacy` is the bit in the capabilities beside them.

    A security that cannot be told for certain (elements cut, unknown key management, two RSN elements that differ) is UNKNOWN.
    """
    found = Description()
    rsn: bytes | None = None
    wpa: bytes | None = None
    values: dict[str, object] = {}
    makers: set[bytes] = set()
    whole, other = True, False
    while at + 2 <= end:
        kind, length = data[at], data[at + 1]
        at += 2
        if at + length > end:
            whole = end - at + 2 <= _CHECKSUM
            break
        body = data[at : at + length]
        at += length
        if kind == _SSID and found.ssid is None:
            # Longer than any name can be: the frame is forged, and no station would join it.
            whole = whole and length <= _MAX_SSID
            found.ssid = body[:_MAX_SSID] if any(body) else b""
        elif (kind == _DS and length == 1) or (kind == _HT_OPERATION and length >= 1 and found.channel is None):
            found.channel = body[0]
        elif kind == _COUNTRY and length >= 3:
            values["country"] = _letters(body[:2])
        elif kind == _RSN:
            other = other or (rsn is not None and rsn != body)
            rsn = body if rsn is None else rsn
        elif kind == _MOBILITY and length >= 2:
            values["mobility_domain"] = body[:2]
        elif kind == _RSNX and length:
            values["hash_to_element"] = bool(body[0] & 0x20)
        elif kind == _WAPI:
            other = True
        elif kind == _VENDOR and length >= 4:
            makers.add(body[:3])
            if body[:4] == _WPA:
                wpa = body[4:] if wpa is None else wpa
            elif body[:4] == _WPS:
                values["wps"] = True
            elif body[:4] == _OWE_TRANSITION:
                values["owe_transition"] = _sister(body[4:])
        elif kind == _EXTENSION and length >= 2 and body[0] == _HE_OPERATION:
            _he_operation(body, found)
    suites = [_Suites(rsn, _STANDARD)] if rsn is not None else []
    old = _Suites(wpa, _MICROSOFT) if wpa is not None else None
    sound = all(each.sound for each in suites) and (old is None or old.sound)
    found.elements = _elements(suites, old, values, makers, whole and sound)
    if not other and sound:
        found.security = _security(suites[0] if suites else None, old, privacy=privacy, whole=whole)
        found.group_tkip = any(
            each.group == "TKIP" or each.group in _WEP for each in (*suites, *([old] if old else ()))
        )
    return found


def _elements(
    suites: list[_Suites], old: _Suites | None, values: dict[str, object], makers: Iterable[bytes], whole: bool
) -> Elements:
    main = suites[0] if suites else old
    protection = FrameProtection.OFF
    if suites and suites[0].capabilities & 0x80:
        protection = FrameProtection.REQUIRED if suites[0].capabilities & 0x40 else FrameProtection.CAPABLE
    return Elements(
        akms=main.akms if main else (),
        pairwise=main.pairwise if main else (),
        group=main.group if main else None,
        protection=protection,
        wpa1=old is not None,
        makers=tuple(sorted(makers))[:16],
        whole=whole,
        **values,  # type: ignore[arg-type]
    )


def _security(rsn: _Suites | None, wpa: _Suites | None, *, privacy: bool, whole: bool) -> Security:
    """The strongest family that everybody here may use, but never above what the mixed modes leave of it."""
    if rsn is None:
        if wpa is not None:
            return Security.WPA if _known(wpa.akms) else Security.UNKNOWN
        if privacy:
            return Security.WEP if whole else Security.UNKNOWN
        return Security.OPEN
    akms = frozenset(rsn.akms)
    ciphers = frozenset(rsn.group or "" if cipher == "group" else cipher for cipher in rsn.pairwise)
    if not _known(akms):
        return Security.UNKNOWN
    if ciphers <= _WEP | {"TKIP"}:
        return Security.WPA if "TKIP" in ciphers else Security.WEP
    if not ciphers & _STRONG:
        return Security.UNKNOWN
    if "OWE" in akms:
        return Security.ENHANCED_OPEN
    if akms & (_PERSONAL | _EQUALS) and wpa is not None:
        return Security.WPA_WPA2
    if akms & _PERSONAL:
        return Security.WPA3_TRANSITION if akms & _EQUALS else Security.WPA2
    if akms & _EQUALS:
        return Security.WPA3
    # WPA3-Enterprise: 192-bit mode, or SHA-2 alone with protected management frames required.
    strict = akms & _ENTERPRISE <= _ENTERPRISE_192 or (
        akms & _ENTERPRISE <= _ENTERPRISE_192 | _ENTERPRISE_SHA2 and rsn.capabilities & 0xC0 == 0xC0
    )
    return Security.WPA3_ENTERPRISE if strict and wpa is None else Security.WPA2_ENTERPRISE


def _known(akms: Iterable[str]) -> bool:
    return not frozenset(akms).isdisjoint(_PERSONAL | _EQUALS | _ENTERPRISE | {"OWE"})


def _letters(code: bytes) -> str | None:
    return code.decode("ascii") if code.isalpha() and code.isascii() else None


def _sister(body: bytes) -> tuple[bytes, bytes] | None:
    if len(body) < 7 or body[6] > _MAX_SSID or len(body) < 7 + body[6]:
        return None
    return body[:6], body[7 : 7 + body[6]]


def _he_operation(body: bytes, found: Description) -> None:
    """The 6 GHz band has no other element that tells the channel (IEEE 802.11ax-2021, 9.4.2.249)."""
    if len(body) < 7:
        return
    parameters = int.from_bytes(body[1:4], "little")
    at = 7 + (3 if parameters & 1 << 14 else 0) + (1 if parameters & 1 << 15 else 0)
    if parameters & 1 << 17 and len(body) > at:
        found.channel, found.band6 = body[at], True
