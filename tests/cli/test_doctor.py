"""What this machine lacks is said line by line, with the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.net.rig.bus import PrivateBus
from tests.net.rig.desktop import Desktop
from tests.net.rig.processes import Processes
from tests.net.rig.requirements import BUS, DESKTOP, require


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for bus in ("SYSTEM", "SESSION"):
        monkeypatch.setenv(f"DBUS_{bus}_BUS_ADDRESS", f"unix:path={tmp_path}/nowhere")


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    require(*BUS)
    with Processes() as processes:
        yield PrivateBus(processes, "system")


def said(terminal: Terminal) -> dict[str, tuple[str, str, str | None]]:
    return {line["what"]: (line["state"], line["said"], line["mend"]) for line in terminal.lines("doctor")}


def test_a_machine_with_nothing(terminal: Terminal) -> None:
    found = said(terminal)
    assert found["monitor"] == ("missing", "is not running: nobody watches", "wifiguard run")
    assert found["system bus"][::2] == ("missing", "sudo systemctl start dbus")
    assert found["desktop"][0] == "limited"
    assert terminal("doctor").exit_code == 3
    assert "→ sudo systemctl start dbus" in terminal("doctor").stdout


def test_wrong_settings_and_a_damaged_log_are_found_and_left_alone(terminal: Terminal) -> None:
    (terminal.home / "config" / "wifiguard.toml").write_text("[wach]\n")
    terminal.database.write_bytes(b"not a log" * 1000)
    found = said(terminal)
    state, sentence, mend = found["settings"]
    assert (state, mend) == ("missing", f"wifiguard config check {terminal.home}/config/wifiguard.toml")
    assert "did you mean 'watch'" in sentence
    assert found["log"][0] == "missing"
    assert terminal.database.read_bytes() == b"not a log" * 1000


def test_a_bus_without_the_services_names_each(
    terminal: Terminal, bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    found = said(terminal)
    assert found["NetworkManager"] == (
        "limited",
        "is not there: Wi-Fi is not read through it",
        "sudo systemctl enable --now NetworkManager",
    )
    assert found["logind"][0] == "limited"


def test_a_real_desktop_is_seen(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    require(*DESKTOP)
    with Desktop() as desktop:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.bus.address)
        assert said(terminal)["desktop"] == ("ok", "a notification service is there", None)
