"""Mains or battery, as /sys/class/power_supply has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wifiguard.sources.power import on_battery

Supply = dict[str, str]
BATTERY = {"type": "Battery", "status": "Discharging", "scope": "System"}
MAINS = {"type": "Mains", "online": "0"}


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ({}, False),
        ({"BAT0": BATTERY, "AC": MAINS}, True),
        ({"BAT0": BATTERY}, True),
        ({"BAT0": BATTERY, "AC": {**MAINS, "online": "1"}}, False),
        ({"BAT0": {**BATTERY, "status": "Full"}, "AC": MAINS}, False),
        ({"BAT0": {**BATTERY, "status": "Charging"}, "ucsi": {"type": "USB", "online": "1"}}, False),
        ({"hidpp_battery_0": {**BATTERY, "scope": "Device"}}, False),
        ({"BAT0": {}}, False),
    ],
)
def test_on_battery(tmp_path: Path, supplies: dict[str, Supply], expected: bool) -> None:
    for name, facts in supplies.items():
        (tmp_path / name).mkdir()
        for fact, value in facts.items():
            (tmp_path / name / fact).write_text(value + "\n")
    assert on_battery(tmp_path) is expected


def test_a_machine_without_supplies(tmp_path: Path) -> None:
    assert on_battery(tmp_path / "none") is False
