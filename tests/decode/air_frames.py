"""802.11 frames made by scapy, as a radio in monitor mode hands them over."""

from __future__ import annotations

import struct
import zlib

from scapy.layers.dot11 import (
    AKMSuite,
    Dot11,
    Dot11Beacon,
    Dot11Elt,
    Dot11EltMicrosoftWPA,
    Dot11EltRSN,
    Dot11ProbeResp,
    RSNCipherSuite,
)
from scapy.packet import Packet

POINT = "a4:2b:b0:11:22:33"
STATION = "02:00:00:00:01:01"
EVERYONE = "ff:ff:ff:ff:ff:ff"


def rsn(*akms: int, pairwise: tuple[int, ...] = (4,), group: int = 4, capable: int = 0, required: int = 0) -> Packet:
    """The RSN element with these suites under the standard's OUI."""
    return Dot11EltRSN(
        group_cipher_suite=RSNCipherSuite(oui=0x000FAC, cipher=group),
        pairwise_cipher_suites=[RSNCipherSuite(oui=0x000FAC, cipher=each) for each in pairwise],
        akm_suites=[AKMSuite(oui=0x000FAC, suite=each) for each in akms],
        mfp_capable=capable,
        mfp_required=required,
    )


def wpa(*akms: int, pairwise: tuple[int, ...] = (2,), group: int = 2) -> Packet:
    """The Wi-Fi Alliance's element of 2002."""
    return Dot11EltMicrosoftWPA(
        group_cipher_suite=RSNCipherSuite(oui=0x0050F2, cipher=group),
        pairwise_cipher_suites=[RSNCipherSuite(oui=0x0050F2, cipher=each) for each in pairwise],
        akm_suites=[AKMSuite(oui=0x0050F2, suite=each) for each in akms],
    )


def element(id: int, body: bytes) -> Packet:
    """Any element."""
    return Dot11Elt(ID=id, info=body)


def beacon(ssid: bytes, *elements: Packet, privacy: bool = False, answer: bool = False, bssid: str = POINT) -> bytes:
    """A beacon, or the answer to a probe request."""
    body = (Dot11ProbeResp if answer else Dot11Beacon)(cap="ESS+privacy" if privacy else "ESS")
    to = STATION if answer else EVERYONE
    frame = Dot11(type=0, subtype=5 if answer else 8, addr1=to, addr2=bssid, addr3=bssid) / body
    frame = frame / Dot11Elt(ID=0, info=ssid)
    for each in elements:
        frame = frame / each
    return bytes(frame)


def radiotap(frame: bytes, *, frequency: int = 2437, signal: int = -50, checksum: bool = False) -> bytes:
    """`frame` behind a radiotap header with flags, channel and signal; its FCS after it where `checksum`."""
    header = struct.pack(
        "<BBHIBxHHb", 0, 0, 15, 1 << 1 | 1 << 3 | 1 << 5, 0x10 if checksum else 0, frequency, 0, signal
    )
    return header + frame + (zlib.crc32(frame).to_bytes(4, "little") if checksum else b"")
