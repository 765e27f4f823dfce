"""Observations about what this laptop offers to the network it is on, and what leaves it past a VPN or through a proxy.

Every one of them is told for the interface whose network is concerned (`seen`), as often as the state is read.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from wifiguard.core.filtering import Reach
from wifiguard.core.observation import Observation


class Owner(Struct, frozen=True):
    """Who listens, as far as it may be known. `since`: wall time at which the program started. `unit`: of systemd.

    `container`: the container or virtual machine that it belongs to, "" for a program of this laptop itself.
    """

    program: str | None = None
    package: str | None = None
    user: str | None = None
    since: float | None = None
    unit: str | None = None
    container: str = ""


class ListeningSocket(Observation, frozen=True):
    """A program waits for anybody on the interface's network to talk to it.

    `addresses`: what it listens on, as text ("*": on all). `reach`: address family (4, 6) → whether the network gets through,
    for the families in which it listens here. `passwords`: of SSH: whether it takes a password, None where that is unknown.
    """

    transport: str
    port: int
    addresses: tuple[str, ...]
    reach: tuple[tuple[int, Reach], ...]
    owner: Owner = Owner()
    passwords: bool | None = None

    @property
    def best(self) -> Reach:
        """The way in that is open widest."""
        ways = {reach for _, reach in self.reach}
        return next((reach for reach in (Reach.OPEN, Reach.PERHAPS) if reach in ways), Reach.STOPPED)

    @property
    def families(self) -> tuple[int, ...]:
        """Those in which it is not stopped."""
        return tuple(family for family, reach in self.reach if reach is not Reach.STOPPED)


class FirewallState(Observation, frozen=True):
    """Whether unasked traffic in one address family is stopped as a rule; `tools`: what put rules there."""

    family: int
    inbound: Reach
    tools: tuple[str, ...]


class ForwardingState(Observation, frozen=True):
    """The laptop passes packets on between networks in these address families. `reason`: interfaces that explain it."""

    families: tuple[int, ...]
    reason: tuple[str, ...]


class InterfaceMode(Observation, frozen=True):
    """The interface hands every frame to this laptop, not only its own. `reason`: bridge or device that explains it."""

    promiscuous: bool
    reason: str | None


class Leak(StrEnum):
    """What goes past a VPN."""

    DEFAULT_ROUTE = "default-route"
    ROUTE = "route"
    DNS = "dns"


class VpnLeak(Observation, frozen=True):
    """A VPN that is meant to carry everything is up, and yet this leaves by the interface of `seen`.

    `device`: the VPN. `family`: 4 or 6. `destination`: the prefix of a route or the address of a name server.
    """

    device: str
    leak: Leak
    family: int
    destination: str


class ProxySetting(Observation, frozen=True):
    """A proxy or a script that chooses one (`script`) is set. `where`: file or desktop setting. `host` without credentials."""

    where: str
    script: bool
    host: str
    port: int | None
