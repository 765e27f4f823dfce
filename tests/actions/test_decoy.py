"""iw's list of scan results, searched for a name that only a false access point can bear."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from wifiguard.actions import decoy
from wifiguard.actions.decoy import answering, answers_to_decoy

LISTING = """BSS a4:2b:b0:11:22:33(on wlan0) -- associated
\tTSF: 12 usec (0d, 00:00:00)
\tSSID: Home
\tRSN:\t * Version: 1
BSS 00:13:37:A5:00:01(on wlan0)
\tSSID: qwertyuiop
BSS 00:13:37:a5:00:02(on wlan0)
\tSSID: qwertyuiop2
\tSSID: \\x00\\x00
"""


def test_only_who_bears_the_name() -> None:
    assert answering(LISTING, "qwertyuiop") == ["00:13:37:a5:00:01"]


def test_nobody() -> None:
    assert answering(LISTING, "asdf") == answering("", "asdf") == answering("SSID: asdf", "asdf") == []


def test_no_more_than_a_handful() -> None:
    many = "".join(f"BSS 00:00:00:00:00:{n:02x}(on wlan0)\n\tSSID: x\n" for n in range(50))
    assert len(answering(many, "x")) == 8


@pytest.fixture
def iw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """iw in its place, a script that the test writes; its arguments go into the file `called` beside it."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "iw").touch(mode=0o755)
    return tmp_path / "iw"


def play(iw: Path, script: str) -> list[tuple[str, str]]:
    iw.write_text(f'#!/bin/bash\ncd {iw.parent}\necho "$@" >>called\nname="${{@: -1}}"\n{script}\n')
    return answers_to_decoy("wlan0")


SAY = 'echo "BSS 00:13:37:a5:00:01(on wlan0)"; printf "\\tSSID: %s\\n" "$name"'


def test_it_is_called_in_both_bands(iw: Path) -> None:
    (_, name), answered = play(iw, SAY)
    assert answered == ("answered", "00:13:37:a5:00:01")
    assert re.fullmatch("[a-z]{20}", name)
    first, second = (iw.parent / "called").read_text().splitlines()
    assert first.startswith("dev wlan0 scan freq 2412 2417 ")
    assert second.startswith("dev wlan0 scan freq 5180 5200 ")
    assert first.endswith(f" 2472 ssid {name}")
    assert second.endswith(f" 5825 ssid {name}")


def test_a_radio_with_one_band(iw: Path) -> None:
    found = play(iw, f"case $5 in 5180) echo 'command failed: Invalid argument (-22)' >&2; exit 234;; esac; {SAY}")
    assert found[1] == ("answered", "00:13:37:a5:00:01")


def test_a_radio_that_scans_already(iw: Path) -> None:
    busy = "echo 'command failed: Device or resource busy (-16)' >&2; exit 240"
    assert play(iw, f"if [ ! -e free ]; then touch free; {busy}; fi; {SAY}")[1] == ("answered", "00:13:37:a5:00:01")


def test_a_scan_whose_end_was_missed(iw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoy, "SCAN", 1.0)
    # What the kernel keeps: `name` is that of the call before.
    listing = SAY.replace("$name", "$(sed -n '1s/.* //p' called)")
    found = play(iw, f"case $4 in dump) {listing}; exit;; esac; exec sleep 60")
    assert found[1] == ("answered", "00:13:37:a5:00:01")
    with pytest.raises(OSError, match="did not end in time"):
        play(iw, "case $4 in dump) exit;; esac; exec sleep 60")


def test_what_forbids_it_is_the_reason(iw: Path) -> None:
    with pytest.raises(OSError, match="Operation not permitted"):
        play(iw, "echo 'command failed: Operation not permitted (-1)' >&2; exit 255")
