"""`wifiguard check`: pasted links and lists of them, for people and for machines."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import Terminal
from wifiguard.cli.check import LONGEST_LINE


def test_a_look_alike_is_told_in_words_that_need_no_schooling(terminal: Terminal) -> None:
    done = terminal("check", "https://paypa1.com/login")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "https://paypa1.com/login",
        "  This is not PayPal: it only looks so.",
        "  The letter l is the digit 1.",
        "  → Type paypal.com yourself, and enter nothing on this page.",
    ]


def test_each_verdict_says_what_it_is(terminal: Terminal) -> None:
    said = {
        "https://www.paypal.com/": "is the true site",
        "http://www.paypal.com/": "not encrypted",
        "https://some-firstbank.example": "calls itself a bank",
        "https://example.com": "does not make it honest",
        "http://0x7f000001/": "hides",
        "javascript:alert(1)": "opens no site",
        "file:///etc/passwd": "a file of this computer",
        "no link at all": "cannot be read",
        "": "(nothing)",
        "https://paypal.com@evil.example": "leads to evil.example",
        "\u202emoc.lapyap": "turns the direction of reading",
        "https://bit.ly/3x": "makes links short",
        "http://192.168.1.1/": "in your own network",
        "93.184.216.34": "an address without a name",
        "bücher.example": "bücher.example (xn--bcher-kva.example)",
    }
    done = terminal("check", *said)
    # Every answer begins at the margin with its link.
    answers = [" ".join(answer.split()) for answer in re.split(r"\n(?=\S)", done.output)]
    for answer, (link, sentence) in zip(answers, said.items(), strict=False):
        assert sentence in answer, link
    assert answers[len(said) :] == ["15 checked: 6 wrong, 2 could not be read as a link"]
    assert "\u202e" not in done.output


@pytest.mark.parametrize(
    ("links", "status"),
    [
        (["https://example.com", "www.paypal.com"], 0),
        (["example.com", "http://www.paypal.com"], 1),
        (["no link at all", "example.com"], 3),
        (["no link at all", "paypa1.com"], 1),
    ],
)
def test_exit_status(terminal: Terminal, links: list[str], status: int) -> None:
    assert terminal("check", *links).exit_code == status


def test_machines_get_a_line_for_each_link_and_a_summary(terminal: Terminal) -> None:
    lines = terminal.lines("check", "paypa1.com", "www.paypal.com")
    assert lines[:2] == [
        {
            "schema": 1,
            "type": "check",
            "input": "paypa1.com",
            "host": "paypa1.com",
            "registrable": "paypa1.com",
            "verdict": "look-alike",
            "imitates": "PayPal",
            "techniques": ["confusable"],
            "category": "payment",
        },
        {
            "schema": 1,
            "type": "check",
            "input": "www.paypal.com",
            "host": "www.paypal.com",
            "registrable": "paypal.com",
            "verdict": "known",
            "imitates": None,
            "techniques": [],
            "category": "payment",
        },
    ]
    assert (lines[2]["type"], lines[2]["verdict"], lines[2]["findings"]["high"]) == ("summary", "no", 1)
    assert len(lines) == 3


@pytest.mark.parametrize("argv", [["check", "--json"], ["check", "--json", "-"]])
def test_a_list_comes_on_standard_input(terminal: Terminal, argv: list[str]) -> None:
    done = terminal(*argv, stdin="example.com\n\n paypa1.com \nhello there\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line.get("input"), line["verdict"]) for line in lines] == [
        ("example.com", "no-finding"),
        ("paypa1.com", "look-alike"),
        ("hello there", "invalid"),
        (None, "no"),
    ]
    assert done.exit_code == 1


def test_a_list_may_come_from_anywhere(terminal: Terminal) -> None:
    stdin = "\ufeffexample.com\r\npay\x00pal.com\r\n\udcff\udcfe\r\n" + "x" * (2 * LONGEST_LINE) + "\nexample.org"
    done = terminal("check", "--json", stdin=stdin.encode("utf-8", "surrogateescape"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line.get("host"), line["verdict"]) for line in lines] == [
        ("example.com", "no-finding"),
        ("paypal.com", "known"),
        (None, "invalid"),
        (None, "invalid"),
        ("example.org", "no-finding"),
        (None, "unknown"),
    ]


def test_the_users_own_names_are_known(terminal: Terminal) -> None:
    (terminal.home / "config" / "wifiguard.toml").write_text('[catalogue]\nextra = ["mybank.example"]\n')
    lines = terminal.lines("check", "online.mybank.example", "rnybank-login.example")
    assert [(line["verdict"], line.get("imitates")) for line in lines[:2]] == [
        ("known", None),
        ("look-alike", "mybank.example"),
    ]
