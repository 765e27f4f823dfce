"""Observations about this laptop: its links, routes and neighbours, and how well the sources could look."""

from __future__ import annotations

from enum import StrEnum

from wifiguard.core.network import Network
from wifiguard.core.observation import Observation

# Routers of one interface that are told at most; a flood of router advertisements makes thousands.
MOST_GATEWAYS = 16


class LinkKind(StrEnum):
    """What an interface is."""

    WIRED = "wired"
    WIFI = "wifi"
    VPN = "vpn"
    BRIDGE = "bridge"
    CONTAINER = "container"
    LOOPBACK = "loopback"
    VIRTUAL = "virtual"


class LinkState(Observation, frozen=True):
    """An interface as it is now; `present` False once it is gone. `addresses` in CIDR notation.

    `parent`: what it is stacked upon (a VLAN on its card); `master`: what it is a port of (a bridge, a bond). `gateways`:
    the routers of its own default routes, those that another interface or a VPN takes precedence over included.
    """

    index: int
    name: str
    kind: LinkKind
    up: bool
    present: bool = True
    mac: bytes = b""
    addresses: tuple[str, ...] = ()
    parent: str | None = None
    former_name: str | None = None
    master: str | None = None
    gateways: tuple[bytes, ...] = ()


class RouteState(Observation, frozen=True):
    """The default route of one address family (4 or 6); `name` None where there is none."""

    family: int
    name: str | None
    gateway: bytes | None = None


class NeighbourSeen(Observation, frozen=True):
    """The kernel's neighbour table binds an address to a MAC address; `mac` None once it failed."""

    address: bytes
    mac: bytes | None


class CaptureLoss(Observation, frozen=True):
    """The kernel dropped packets of a capture since the last such report."""

    received: int
    dropped: int


class SourceDone(Observation, frozen=True):
    """A source told all that it knows (`ok`), or could not, because of `reason`.

    Posture findings of rules that name this source and were not renewed since its last complete report are resolved by it.
    `essential`: without it, "Safe to bank here?" cannot be answered yes. `mend`: what the person can do about a failure.
    """

    source: str
    ok: bool
    reason: str = ""
    mend: str | None = None
    essential: bool = False


class Remembered(Observation, frozen=True):
    """What a rule asked to remember about a network, handed back when that network is joined again."""

    rule: str
    joined: Network
    values: tuple[tuple[str, str], ...]


class ProbeAnswer(Observation, frozen=True):
    """What came of an `AskProbe`. `answer` None: nothing answered; `failed`: it could not be asked, with the reason."""

    rule: str
    probe: str
    question: tuple[tuple[str, str], ...]
    answer: tuple[tuple[str, str], ...] | None
    failed: str = ""
