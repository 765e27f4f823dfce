"""WiFiGuard on real 802.11: every scenario of tests/wifi/scenarios, played in a virtual machine with simulated radios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.net.rig.requirements import WIFI

SCENARIOS = sorted(path.stem for path in Path(__file__).with_name("scenarios").glob("[a-z]*.py"))

pytestmark = [
    pytest.mark.long,
    pytest.mark.root,
    pytest.mark.rig(*WIFI),
    pytest.mark.xdist_group("wifi"),
    # The first one waits for all of them.
    pytest.mark.timeout(1700),
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(results: dict[str, Any], scenario: str) -> None:
    result = results.get(scenario)
    assert result is not None, f"the machine ended before this scenario: {results['ended']}"
    assert not result["error"], result["error"]
