"""Bad input: one clear sentence that says what to do, the right exit status, nothing else lost."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
# An ARP request: the filter passes it.
PACKET = (
    struct.pack("<IIII", 1, 0, 60, 60)
    + b"\xff" * 6
    + bytes(6)
    + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"
    + bytes(38)
)


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (None, 2, "no such file"),
        (b"", 2, "empty"),
        (b"this is a letter to my aunt, and no capture at all", 2, "not a capture"),
        (HEADER + PACKET + PACKET[:30], 3, "cut off in the middle of a packet"),
        (HEADER[:20] + struct.pack("<I", 9999) + PACKET, 2, "link type"),
        (HEADER + PACKET, 0, None),
    ],
)
def test_a_capture_file(
    terminal: Terminal, tmp_path: Path, content: bytes | None, status: int, said: str | None
) -> None:
    path = tmp_path / "x.pcap"
    if content is not None:
        path.write_bytes(content)
    done = terminal("replay", "--json", str(path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["capture", "summary"]
    assert done.exit_code == status
    error = lines[0]["error"]
    assert (error is None) if said is None else said in error.lower()
    if said is not None:
        assert said in " ".join(terminal("replay", str(path)).output.lower().split())


def test_one_bad_file_does_not_spoil_the_others(terminal: Terminal, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pcap", tmp_path / "bad.pcap"
    good.write_bytes(HEADER + PACKET)
    bad.write_bytes(b"")
    lines = terminal.lines("replay", str(bad), str(good))
    assert [(line["type"], line.get("error") is None) for line in lines[:2]] == [("capture", False), ("capture", True)]
    assert terminal("replay", str(bad), str(good)).exit_code == 3


def test_settings_with_an_unknown_key(terminal: Terminal) -> None:
    path = terminal.home / "config" / "wifiguard.toml"
    path.write_text("[watch]\ninterfaces = []\nintefaces = []\n")
    for argv in (("config", "check"), ("config", "show"), ("scan", "--quick"), ("run", "--config", str(path))):
        done = terminal(*argv)
        assert done.exit_code == 2, argv
        assert "line 3: unknown key 'watch.intefaces'; did you mean 'interfaces'?" in done.output.replace("\n", " ")


def test_a_database_that_is_not_one(terminal: Terminal) -> None:
    terminal.database.write_bytes(b"certainly no database" * 100)
    done = terminal("log")
    assert done.exit_code == 2
    assert str(terminal.database) in done.output.replace("\n", "")
    assert terminal.database.read_bytes().startswith(b"certainly"), "a reading command sets nothing aside"


def test_questions_begin_no_log(terminal: Terminal) -> None:
    assert terminal("log").output == "The log holds nothing that matches.\n"
    assert terminal("log", "show", "abcd").exit_code == 2
    assert terminal("networks").exit_code == 0
    assert terminal("mute", "--list").output == "Nothing is muted.\n"
    assert not terminal.database.exists()


def test_status_without_a_monitor_is_unknown_and_says_how_to_start_it(terminal: Terminal) -> None:
    done = terminal("status")
    assert done.exit_code == 3
    assert done.output.startswith("Safe to bank here? Unknown")
    assert "wifiguard run" in done.output
    assert terminal.lines("status")[0]["type"] == "not_checked"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("trust",), "the monitor is not running"),
        (("trust", "Nowhere"), "no network is called Nowhere"),
        (("distrust", "\x1b[31m"), "no network is called \\x1b[31m"),
        (("forget", "Nowhere"), "no network is called Nowhere"),
        (("mute", "nothing"), "nothing is no rule, finding or network"),
        (("unmute", "open-wifi"), "open-wifi is not muted"),
        (("log", "--rule", "nothing"), "no rule is called nothing"),
        (("log", "--follow"), "nothing to follow: the monitor is not running"),
    ],
)
def test_what_cannot_be_done(terminal: Terminal, argv: tuple[str, ...], sentence: str) -> None:
    terminal("mute", "weak-wifi-encryption")  # so that there is a log to ask
    done = terminal(*argv)
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.split())
    assert "\x1b" not in done.output


def test_muting_without_a_monitor(terminal: Terminal) -> None:
    assert terminal("mute", "open-wifi", "--for", "7d").exit_code == 0
    assert [(line["scope"], line["target"]) for line in terminal.lines("mute", "--list")] == [("rule", "open-wifi")]
    assert terminal("unmute", "open-wifi").exit_code == 0
    assert terminal.lines("mute", "--list") == []


@pytest.mark.parametrize("place", ["state/wifiguard.db", "run/control.sock"])
def test_a_log_or_a_socket_that_cannot_be_used_is_no_wrong_setting(terminal: Terminal, place: str) -> None:
    (terminal.home / place).mkdir()
    done = terminal("run", "--no-notify")
    assert (done.exit_code, f"Remove it: rm -r {terminal.home / place}" in done.stderr) == (3, True)
