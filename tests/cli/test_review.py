"""Looking back, and taking back: report, watch, privacy, erase."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Terminal
from tests.store.making import decision
from wifiguard.cli import watch
from wifiguard.core.network import Security, wifi_network
from wifiguard.daemon.lastscan import NAME, keep
from wifiguard.store import Store, schema

CAFE = wifi_network(b"Rendezvous-am-Hafen", Security.OPEN)
DAY = 86_400.0


@pytest.fixture
def filled(terminal: Terminal) -> Terminal:
    """A finding of today and one of ten days ago."""
    now = time.time()
    store = Store.open(terminal.database, now=now)
    for id, at in (("aaaa0001", now - 60), ("bbbb0002", now - 10 * DAY)):
        store.record(
            [decision(id=id, rule="open-wifi", network=CAFE, evidence={"ssid": "Rendezvous-am-Hafen"}, first_seen=at)]
        )
    store.close()
    keep(terminal.database.parent, [{"type": "finding", "id": "aaaa0001", "title": "Rendezvous-am-Hafen"}])
    return terminal


def test_the_page_is_for_its_owner(filled: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    said = filled("report", str(path)).stdout
    assert said.startswith(f"{path}: ")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert text.count("f-aaaa0001") == text.count("f-bbbb0002") == 1
    assert "f-bbbb0002" not in filled("report", "-", "--since", "2d").stdout


def test_a_log_of_a_newer_version_is_named(filled: Terminal, tmp_path: Path) -> None:
    with sqlite3.connect(filled.database) as db:
        db.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    db.close()
    for command in (("report", str(tmp_path / "page.html")), ("log",), ("erase", "--all", "--yes")):
        answer = filled(*command)
        assert answer.exit_code == 2
        assert "was written by a newer WiFiGuard" in answer.stderr
    assert not (tmp_path / "page.html").exists()


def test_where_the_page_cannot_be_written(filled: Terminal, tmp_path: Path) -> None:
    answer = filled("report", str(tmp_path / "nowhere" / "page.html"))
    assert (answer.exit_code, "cannot be written" in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "left"),
    [(["--all"], []), (["--network", "Rendezvous-am-Hafen"], []), (["--day", time.strftime("%Y-%m-%d")], ["bbbb0002"])],
)
def test_what_is_erased_is_gone(filled: Terminal, options: list[str], left: list[str]) -> None:
    if time.strftime("%H:%M", time.localtime(time.time() - 60)) > time.strftime("%H:%M"):
        pytest.skip("the finding of a minute ago was yesterday")
    assert filled("erase", *options, stdin="n\n").exit_code == 1
    assert len(filled.lines("log")) == 2
    assert filled("erase", *options, stdin="y\n").exit_code == 0
    assert [line["id"] for line in filled.lines("log")] == left
    assert not (filled.database.parent / NAME).exists()
    if not left:
        assert b"Rendezvous" not in b"".join(file.read_bytes() for file in filled.database.parent.iterdir())


@pytest.mark.parametrize("options", [[], ["--all", "--day", "2027-01-01"], ["--day", "yesterday"]])
def test_what_to_erase_must_be_clear(filled: Terminal, options: list[str]) -> None:
    assert filled("erase", "--yes", *options).exit_code == 2
    assert len(filled.lines("log")) == 2


def test_what_is_kept_can_be_read_by_machines(terminal: Terminal) -> None:
    kept = terminal.lines("privacy")
    assert {"schema": 1, "type": "kept", "rule": "open-wifi", "field": "ssid", "kind": "text"} in kept
    assert "90 days" in terminal("privacy").stdout


STATUS: dict[str, Any] = {
    "verdict": "no",
    "because": ["This Wi-Fi has no encryption"],
    "networks": [{"name": "[red]Café", "interface": "wlan0", "security": "open", "trusted": False}],
    "traffic": {"wlan0": {"packets": 100}},
    "protocols": {"dns": 7, "tls": 3},
    "problems": [
        {
            "rule": "gone-since",
            "severity": "high",
            "state": "repeat",
            "count": 3,
            "title": "[bold]Open",
            "why": "",
            "advice": [],
            "last_seen": "2027-01-10T12:00:00Z",
        }
    ],
    "not_checked": [{"what": "wifi", "reason": "there is no NetworkManager", "mend": None}],
}


def drawn(page: watch.Page) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=80)
    console.print(page.drawn())
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue()


def test_the_live_page_shows_names_as_they_are() -> None:
    page = watch.Page()
    for packets in (100, 140, 160, 10):
        page.take({**STATUS, "traffic": {"wlan0": {"packets": packets}}})
    text = drawn(page)
    for words in ("[red]Café", "[bold]Open ×3", "dns 7", "there is no NetworkManager", "No."):
        assert words in text
    assert "█▄ " in text, "a capture that began again counts from nothing"
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_live_page_of_a_quiet_place() -> None:
    page = watch.Page()
    page.take(
        {**STATUS, "verdict": "yes", "because": [], "networks": [], "traffic": {}, "problems": [], "not_checked": []}
    )
    assert "not watched" in drawn(page)


def test_the_log_as_a_table_for_spreadsheets(terminal: Terminal) -> None:
    """Whoever names a network must not get a formula into somebody's spreadsheet."""
    store = Store.open(terminal.database, now=time.time())
    evil = wifi_network(b"=cmd|'/c calc'!A1", Security.OPEN)
    store.record([decision(id="aaaa0001", rule="open-wifi", network=evil, evidence={"ssid": 'a,"b"'})])
    store.close()
    heading, row = csv.reader(io.StringIO(terminal("log", "--csv").stdout))
    told = dict(zip(heading, row, strict=True))
    assert (told["id"], told["rule"], told["network"]) == ("aaaa0001", "open-wifi", "'=cmd|'/c calc'!A1")
    assert json.loads(told["evidence"]) == {"ssid": 'a,"b"'}
    assert terminal("log", "--csv", "--json").exit_code == 2


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("log", "--network", "Nowhere"), "no network is called Nowhere"),
        (("erase", "--network", "Nowhere"), "no network is called Nowhere"),
        (("erase", "--day", "tomorrow"), "'tomorrow' is no date: write it as 2027-01-10"),
        (("report", "--finding", "aaaa0001"), "give --open as well"),
        (("scan", "--against", "/nowhere.json"), "there is no file /nowhere.json to compare with"),
        (("scan", "-i", "nowhere0"), "there is no interface 'nowhere0'"),
    ],
)
def test_a_slip_is_named_before_anything_is_done(filled: Terminal, argv: tuple[str, ...], sentence: str) -> None:
    answer = filled(*argv)
    assert (answer.exit_code, sentence in answer.stderr) == (2, True), answer.stderr


def test_nothing_to_watch(terminal: Terminal) -> None:
    answer = terminal("watch", "--once")
    assert (answer.exit_code, "wifiguard run" in answer.stderr) == (2, True)


def test_an_unknown_rule_and_a_scan_that_was_not(terminal: Terminal, tmp_path: Path) -> None:
    for options, sentence in (
        (["--only", "open-wify"], "no rule is called"),
        (["--against", "last"], "no earlier scan"),
        (["--against", str(tmp_path)], "no scan that can be compared"),
    ):
        answer = terminal("scan", "--quick", *options)
        assert (answer.exit_code, sentence in answer.stderr) == (2, True), options


def test_a_scan_says_what_is_new_and_gone(terminal: Terminal) -> None:
    keep(
        terminal.database.parent,
        [{"type": "finding", "id": "0" * 16, "rule": "proxy-configured", "severity": "low", "title": "A proxy", "state": "new",
          "why": "", "advice": [], "last_seen": "2027-01-10T12:00:00Z", "network": None, "count": 1}],
    )  # fmt: skip
    answer = terminal("scan", "--quick", "--only", "proxy-configured", "--against", "last", "--json")
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(line["id"], line["state"]) for line in lines if line["type"] == "finding"][-1] == ("0" * 16, "resolved")
    assert lines[-1]["type"] == "summary"
