"""What `sources.vpn` tells of a machine of the lab. As a program: prints it, as JSON, of the machine that it runs on."""

from __future__ import annotations

import json
import sys
from typing import TypeAlias

from tests.net.rig.here import Here, places
from tests.net.rig.lab import Namespace
from wifiguard.core.exposure import VpnLeak
from wifiguard.sources.vpn import bypasses

Leak: TypeAlias = list[object]


def told(laptop: Namespace) -> list[Leak]:
    """[device, leak, family, destination, interface] of each."""
    answer: list[Leak] = json.loads(laptop.run(sys.executable, "-m", __name__).stdout)
    return answer


def main() -> None:
    leaks = [obs for obs in bypasses(Here(), places()) if isinstance(obs, VpnLeak)]
    print(json.dumps([[obs.device, str(obs.leak), obs.family, obs.destination, obs.interface] for obs in leaks]))


if __name__ == "__main__":
    main()
