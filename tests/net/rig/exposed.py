"""Prints, as JSON, what `sources.services` tells of the machine that this runs on: "tcp/22" → {"4": "open", "6": "stopped"}."""

from __future__ import annotations

import json

from tests.net.rig.here import Here, places
from wifiguard.core.exposure import ListeningSocket
from wifiguard.sources.services import Services


def main() -> None:
    told = [obs for obs in Services()(Here(), places()) if isinstance(obs, ListeningSocket)]
    out: dict[str, dict[str, str]] = {}
    for obs in told:
        known = out.setdefault(f"{obs.transport}/{obs.port}", {})
        for family, reach in obs.reach:
            # Two programs may share a port: what is open widest counts.
            known[str(family)] = min(known.get(str(family), "stopped"), str(reach))
    print(json.dumps(out))


if __name__ == "__main__":
    main()
