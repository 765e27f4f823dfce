"""The machine that this runs on, as the looks of `sources.posture` want it: for small programs inside a lab."""

from __future__ import annotations

from wifiguard.core.host import LinkState
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources.links import kind_of
from wifiguard.sources.posture import Place
from wifiguard.sources.rtnetlink import Tables


class Here:
    """A sink that is only asked for the time."""

    def emit(self, obs: Observation) -> None:
        raise NotImplementedError

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0, interface=interface)


def places() -> list[Place]:
    """Every interface, on a network that nobody knows. A veth stands for a radio."""
    with Tables() as tables:
        addresses = tables.addresses()
        return [
            Place(
                LinkState(
                    Seen(0.0, 0.0, interface=link.name),
                    link.index,
                    link.name,
                    kind_of(link, wireless=link.name.startswith("wlan")),
                    up=link.up,
                    addresses=addresses.get(link.index, ()),
                ),
                None,
            )
            for link in tables.links()
        ]
