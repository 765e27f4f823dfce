"""Profiles are changed by their keepers' own tools, each change has its way back, and a refusal is a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wifiguard.actions.profiles import CannotChange
from wifiguard.core.mending import Change, Setting, flaws, plan
from wifiguard.core.network import Security
from wifiguard.core.profiles import Profile
from wifiguard.daemon.mending import Outcome, apply, leave_network, remembered, undo

UUID = "6f1e2b0a-0000-4000-8000-000000000001"
CAFE = Profile("NetworkManager", UUID, "Cafe", b"Cafe", Security.OPEN, autojoin=True, hardware_address=True)
MANUAL = Change("NetworkManager", UUID, "Cafe", Setting.AUTOJOIN, "yes", "no")
RANDOM = Change("NetworkManager", UUID, "Cafe", Setting.ADDRESS, "own", "random")


class Tool:
    """A program of this name on the PATH that writes down how it was called, and may refuse."""

    def __init__(self, folder: Path, name: str) -> None:
        self.calls = folder / f"{name}.calls"
        self._refusal = folder / f"{name}.refusal"
        script = folder / name
        script.write_text(
            f'#!/bin/sh\nif [ -e {self._refusal} ]; then cat {self._refusal} >&2; exit 4; fi\necho "$@" >>{self.calls}\n'
        )
        script.chmod(0o755)

    def refuse(self, sentence: str) -> None:
        self._refusal.write_text(sentence + "\n")

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def nmcli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Tool(folder, "nmcli")


def test_what_is_wrong_and_what_would_change() -> None:
    home = Profile("NetworkManager", UUID, "Home", b"Home", Security.WPA2, True, hidden=True, hardware_address=True)
    assert flaws(CAFE) == ("autojoin-open", "own-address")
    assert flaws(home) == ("hidden", "own-address")
    assert list(plan([CAFE, home], frozenset({b"Home"}))) == [MANUAL, RANDOM]


def test_there_and_back(nmcli: Tool, tmp_path: Path) -> None:
    assert apply([MANUAL, RANDOM], tmp_path) == [Outcome(MANUAL), Outcome(RANDOM)]
    assert remembered(tmp_path) == [MANUAL, RANDOM]
    assert undo(tmp_path) == [Outcome(RANDOM.undone()), Outcome(MANUAL.undone())]
    assert remembered(tmp_path) == []
    assert nmcli.called() == [
        f"connection modify uuid {UUID} connection.autoconnect no",
        f"connection modify uuid {UUID} 802-11-wireless.cloned-mac-address stable",
        f"connection modify uuid {UUID} 802-11-wireless.cloned-mac-address permanent",
        f"connection modify uuid {UUID} connection.autoconnect yes",
    ]


def test_without_permission_the_sentence_says_what_to_do(nmcli: Tool, tmp_path: Path) -> None:
    nmcli.refuse("Error: Failed to modify connection 'Cafe': Insufficient privileges")
    (outcome,) = apply([MANUAL], tmp_path)
    assert outcome.error == (
        "nmcli may not do it for this user; root may: "
        f"sudo nmcli connection modify uuid {UUID} connection.autoconnect no"
    )
    assert remembered(tmp_path) == []


def test_what_cannot_be_undone_now_can_be_undone_later(nmcli: Tool, tmp_path: Path) -> None:
    apply([MANUAL], tmp_path)
    nmcli.refuse("Error: NetworkManager is not running.")
    assert [bool(outcome.error) for outcome in undo(tmp_path)] == [True]
    assert remembered(tmp_path) == [MANUAL]


def test_an_id_that_is_none_reaches_no_program(nmcli: Tool, tmp_path: Path) -> None:
    (outcome,) = apply([Change("NetworkManager", "--help", "x", Setting.AUTOJOIN, "yes", "no")], tmp_path)
    assert outcome.error
    assert nmcli.called() == []


def test_leaving_changes_the_profile_first(nmcli: Tool, tmp_path: Path) -> None:
    leave_network("wlan0", "Cafe", tmp_path, lambda: ([CAFE], []), joined=True)
    assert nmcli.called() == [
        f"connection modify uuid {UUID} connection.autoconnect no",
        "--wait 10 device disconnect wlan0",
    ]


def test_leaving_late_leaves_the_present_network_alone(nmcli: Tool, tmp_path: Path) -> None:
    assert leave_network("wlan0", "Cafe", tmp_path, lambda: ([CAFE], ["iwd does not answer"]), joined=False) == [
        Outcome(MANUAL)
    ]
    assert nmcli.called() == [f"connection modify uuid {UUID} connection.autoconnect no"]
    assert leave_network("wlan0", "Forgotten", tmp_path, lambda: ([CAFE], []), joined=False) == []
    with pytest.raises(CannotChange, match="iwd does not answer"):
        leave_network("wlan0", "Unread", tmp_path, lambda: ([CAFE], ["iwd does not answer"]), joined=False)
    assert len(nmcli.called()) == 1


def test_an_interface_that_is_an_option(nmcli: Tool, tmp_path: Path) -> None:
    with pytest.raises(CannotChange):
        leave_network("--help", "Cafe", tmp_path, lambda: ([], []), joined=True)
    assert nmcli.called() == []


def test_a_file_of_wpa_supplicant_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "wpa_supplicant.conf"
    before = 'network={\n\tssid="Cafe"\n\tkey_mgmt=NONE\n}\n'
    file.write_text(before)
    file.chmod(0o600)
    wanted = Change("wpa_supplicant", f"{file}#0", "Cafe", Setting.AUTOJOIN, "yes", "no")
    assert apply([wanted], tmp_path) == [Outcome(wanted)]
    assert "\tdisabled=1\n}" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    undo(tmp_path)
    assert "\tdisabled=0\n}" in file.read_text()


def test_a_way_back_that_was_damaged_is_none(tmp_path: Path) -> None:
    for text in ("", "[", '[{"keeper": 1}]', '{"a": 1}', '[{"setting": "autojoin"}]'):
        (tmp_path / "changed-profiles.json").write_text(text)
        assert remembered(tmp_path) == []
