"""What sources report: facts with a time and a place."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from wifiguard.core.network import Network


class Seen(NamedTuple):
    """When and where something was observed.

    `at`: wall time, seconds since the epoch (UTC), for people. `tick`: the time that logic uses, in seconds: boot-time clock
    live, packet time in replay. `network`: what `interface` was attached to, None while unknown and in replay.
    `frame`: 1-based number of the packet in the file, with `replay --frames` only.
    """

    at: float
    tick: float
    network: Network | None = None
    interface: str = ""
    frame: int | None = None


class Observation(Struct, frozen=True):
    """Base of all facts. `at`, `tick` and `network` read through to `seen`."""

    seen: Seen

    @property
    def at(self) -> float:
        return self.seen.at

    @property
    def tick(self) -> float:
        return self.seen.tick

    @property
    def network(self) -> Network | None:
        return self.seen.network

    @property
    def interface(self) -> str:
        return self.seen.interface
