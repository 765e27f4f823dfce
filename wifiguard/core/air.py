"""What 802.11 frames say: how an access point describes itself, and the management frames that rules judge."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from wifiguard.core.observation import Observation


class FrameProtection(StrEnum):
    """Protected management frames (802.11w), as an access point announces them."""

    OFF = "off"
    CAPABLE = "capable"
    REQUIRED = "required"


class Elements(Struct, frozen=True):
    """An access point's information elements (IEEE 802.11-2020, 9.4.2), as far as anybody asks for them.

    Suites are named as the standard names them, unknown ones "00-0f-ac:99". `group` None: none was told. `mobility_domain`: two
    bytes, the same in all access points between which a station roams fast (802.11r). `owe_transition`: (BSSID, SSID) of the
    other half of an open and Enhanced Open pair. `country`: two letters. `makers`: OUIs of vendor elements, sorted. `whole`:
    False where the list of elements was cut or contradicts itself.
    """

    akms: tuple[str, ...] = ()
    pairwise: tuple[str, ...] = ()
    group: str | None = None
    protection: FrameProtection = FrameProtection.OFF
    hash_to_element: bool = False
    wpa1: bool = False
    wps: bool = False
    mobility_domain: bytes | None = None
    owe_transition: tuple[bytes, bytes] | None = None
    country: str | None = None
    makers: tuple[bytes, ...] = ()
    whole: bool = True


class FrameKind(StrEnum):
    """The management frames that are told one by one; beacons and probe responses are `BssSeen`."""

    PROBE_REQUEST = "probe-request"
    DISASSOCIATION = "disassociation"
    DEAUTHENTICATION = "deauthentication"


class ManagementFrame(Observation, frozen=True):
    """A management frame. Addresses are six bytes.

    `ssid`: the name that a directed probe request calls, None in the others. `reason`: the reason code, None where it is
    encrypted or missing. `protected`: 802.11w proves its sender. `retry`: sent again because no acknowledgement came. `own`:
    this laptop's driver took it as meant for its connection; else it was overheard. `ignored`: the connection went on,
    since its frames are protected.
    """

    kind: FrameKind
    receiver: bytes
    transmitter: bytes
    bssid: bytes
    ssid: bytes | None = None
    reason: int | None = None
    protected: bool = False
    retry: bool = False
    own: bool = False
    ignored: bool = False
