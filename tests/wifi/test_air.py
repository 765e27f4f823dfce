"""WiFiGuard on real 802.11: every scenario of tests/wifi/scenarios, played in a virtual machine with simulated radios."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.net.rig.requirements import WIFI
from tests.wifi.conftest import Machine
from tests.wifi.vm import NoMachine

# `make test` plays what was right in every whole run of three or more, on busy machines too; `make long` plays these as well.
DAEMONS = "NetworkManager and iwd give up after seconds that a busy emulated machine does not have"
YOUNG = "not yet played in three whole runs"
LONG = {
    "deauthentication": YOUNG,
    "decoy_asked_for": YOUNG,
    "everyday_bare": YOUNG,
    "everyday_iwd": DAEMONS,
    "everyday_networkmanager": DAEMONS,
    "kernels_word": YOUNG,
    "leave_button": DAEMONS,
    "mesh": YOUNG,
    "networkmanager_open_profile": DAEMONS,
    "radio_comes_back": YOUNG,
    "six_gigahertz": YOUNG,
    "thrown_out_unheard": YOUNG,
    "twin_with_password": YOUNG,
    "two_radios": YOUNG,
    "vpn_on_untrusted": DAEMONS,
}
SCENARIOS = [
    pytest.param(path.stem, marks=pytest.mark.long if path.stem in LONG else ())
    for path in sorted(Path(__file__).with_name("scenarios").glob("[a-z]*.py"))
]

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
