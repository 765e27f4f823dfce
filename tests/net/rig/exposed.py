"""Prints, as JSON, what `sources.services` tells of the machine that this runs on: "tcp/22" → {"4": "open", "6": "stopped"}."""

from __future__ import annotations

import json

from wifiguard.core.exposure import ListeningSocket
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources.firewall import Firewall
from wifiguard.sources.posture import Place
from wifiguard.sources.rtnetlink import Tables
from wifiguard.sources.services import Services


class Here:
    """A sink that is only asked for the time."""

    def emit(self, obs: Observation) -> None:
        raise NotImplementedError

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0, interface=interface)


def main() -> None:
    with Tables() as tables:
        addresses = tables.addresses()
        kinds = {"lo": LinkKind.LOOPBACK}
        places = [
            Place(
                LinkState(
                    Seen(0.0, 0.0, interface=link.name),
                    link.index,
                    link.name,
                    kinds.get(link.name, LinkKind.WIFI),
                    up=link.up,
                    addresses=addresses.get(link.index, ()),
                ),
                None,
            )
            for link in tables.links()
        ]
    told = [obs for obs in Services(Firewall())(Here(), places) if isinstance(obs, ListeningSocket)]
    out: dict[str, dict[str, str]] = {}
    for obs in told:
        known = out.setdefault(f"{obs.transport}/{obs.port}", {})
        for family, reach in obs.reach:
            # Two programs may share a port: what is open widest counts.
            known[str(family)] = min(known.get(str(family), "stopped"), str(reach))
    print(json.dumps(out))


if __name__ == "__main__":
    main()
