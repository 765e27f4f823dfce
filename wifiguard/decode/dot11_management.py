"""802.11 management frames (IEEE 802.11-2020, 9.3.3): who is in the air, who calls whom, who throws whom out."""

from __future__ import annotations

import zlib

from wifiguard.core.air import FrameKind, ManagementFrame
from wifiguard.core.observation import Seen
from wifiguard.core.wifi import Bss, BssSeen
from wifiguard.decode.bad import Bad, Reason
from wifiguard.decode.elements import describe
from wifiguard.decode.radio import Reception

_HEADER = 24
_HT_CONTROL = 4
_RETRY, _PROTECTED, _ORDER = 0x08, 0x40, 0x80
_PROBE_REQUEST, _PROBE_RESPONSE, _BEACON, _DISASSOCIATION, _DEAUTHENTICATION = 4, 5, 8, 10, 12
_FIXED = 12  # timestamp, interval, capabilities
_PRIVACY = 0x10
_FCS = 4


def management(data: bytes, at: int, seen: Seen, radio: Reception, *, cut: bool) -> BssSeen | ManagementFrame | None:
    """The 802.11 frame at `data[at:]` as an observation; None for every frame that nobody asks for. Raises Bad.

    `cut`: the capture holds only the frame's beginning. A frame whose check sum is there and wrong is noise: None.
    """
    if at + 2 > len(data):
        raise Bad("wifi", Reason.SHORT)
    # Version 0, type management.
    if data[at] & 0x0F:
        return None
    subtype, flags = data[at] >> 4, data[at + 1]
    if subtype not in (_PROBE_REQUEST, _PROBE_RESPONSE, _BEACON, _DISASSOCIATION, _DEAUTHENTICATION):
        return None
    end = len(data)
    if radio.checksum and not cut:
        end -= _FCS
        if zlib.crc32(data[at:end]).to_bytes(4, "little") != data[end:]:
            return None
    body = at + _HEADER + (_HT_CONTROL if flags & _ORDER else 0)
    if body > end:
        raise Bad("wifi", Reason.SHORT)
    addresses = data[at + 4 : at + 10], data[at + 10 : at + 16], data[at + 16 : at + 22]
    retry = bool(flags & _RETRY)
    if subtype in (_PROBE_RESPONSE, _BEACON):
        # 802.11w protects neither; a set bit is another's frame or damage.
        if flags & _PROTECTED:
            return None
        if body + _FIXED > end:
            raise Bad("wifi", Reason.SHORT)
        return BssSeen(seen, _bss(data, body, end, addresses[2], radio), subtype == _PROBE_RESPONSE)
    if subtype == _PROBE_REQUEST:
        name = describe(data, body, end, privacy=False).ssid
        return ManagementFrame(seen, FrameKind.PROBE_REQUEST, *addresses, ssid=name or None, retry=retry)
    kind = FrameKind.DEAUTHENTICATION if subtype == _DEAUTHENTICATION else FrameKind.DISASSOCIATION
    protected = bool(flags & _PROTECTED)
    reason = None if protected or body + 2 > end else int.from_bytes(data[body : body + 2], "little")
    return ManagementFrame(seen, kind, *addresses, reason=reason, protected=protected, retry=retry)


def _bss(data: bytes, body: int, end: int, bssid: bytes, radio: Reception) -> Bss:
    found = describe(data, body + _FIXED, end, privacy=bool(data[body + 10] & _PRIVACY))
    return Bss(
        found.ssid or b"",
        bssid,
        found.security,
        found.group_tkip,
        # A strong beacon is heard on the neighbouring channel too: its own word goes first.
        frequency=found.frequency or radio.frequency,
        signal=radio.signal,
        hidden=not found.ssid,
        elements=found.elements,
    )
