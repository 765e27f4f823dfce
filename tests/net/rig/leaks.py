"""Prints, as JSON, what `sources.vpn` tells of the machine that this runs on."""

from __future__ import annotations

import json

from tests.net.rig.here import Here, places
from wifiguard.core.exposure import VpnLeak
from wifiguard.sources.vpn import bypasses


def main() -> None:
    told = [obs for obs in bypasses(Here(), places()) if isinstance(obs, VpnLeak)]
    print(json.dumps([[obs.device, str(obs.leak), obs.family, obs.destination, obs.interface] for obs in told]))


if __name__ == "__main__":
    main()
