"""WiFiGuard on real 802.11: every scenario of tests/wifi/scenarios, played in a virtual machine with simulated radios."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.net.rig.requirements import WIFI
from tests.wifi.conftest import Machine
from tests.wifi.vm import NoMachine

SCENARIOS = sorted(path.stem for path in Path(__file__).with_name("scenarios").glob("[a-z]*.py"))

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig(*WIFI),
    pytest.mark.xdist_group("wifi"),
    # The first one waits for all of them.
    pytest.mark.timeout(1700),
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(machine: Machine, scenario: str) -> None:
    try:
        result = machine.result(scenario)
    except NoMachine as reason:
        pytest.skip(str(reason))
    assert result is not None, f"the machine ended before this scenario: {machine.ended}"
    assert not result["error"], result["error"]
