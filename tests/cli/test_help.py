"""What a newcomer meets first."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal
from wifiguard.cli.group import GROUPS

COMMANDS = [name for group in GROUPS.values() for name in group]


def test_no_words_at_all_shows_the_groups_in_their_order(terminal: Terminal) -> None:
    shown = terminal().output
    positions = [shown.index(f"{title}:") for title in GROUPS]
    assert positions == sorted(positions)


@pytest.mark.parametrize("name", COMMANDS)
def test_h_works_everywhere(terminal: Terminal, name: str) -> None:
    done = terminal(name, "-h")
    assert done.exit_code == 0
    assert done.output.startswith("Usage: ")
    assert "Example:  " in done.output


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("satus",), "There is no command 'satus'. Did you mean 'status'?"),
        (("xyzzy",), "There is no command 'xyzzy'. `wifiguard -h` lists them."),
        (("explain", "opn-wifi"), "There is no rule 'opn-wifi'. Did you mean 'open-wifi'?"),
        (("log", "--since", "yesterday"), "'yesterday' is no duration: write 90m, 12h, 7d or 2w"),
        (("log", "--severty", "high"), "No such option '--severty'"),
        (("scan", "--seconds", "0"), "0.0 is not in the range"),
        (("mute",), "Name one thing to mute, or ask with --list what is muted."),
        (("replay",), "Missing argument 'FILE...'"),
        (("\x1b[31mred",), r"There is no command '\x1b[31mred'"),
    ],
)
def test_a_wrong_word_gets_one_sentence_and_status_2(terminal: Terminal, argv: tuple[str, ...], sentence: str) -> None:
    done = terminal(*argv)
    assert done.exit_code == 2
    assert sentence in done.output
    assert "\x1b" not in done.output


def test_explain_tells_all_sections_and_lists_every_rule(terminal: Terminal) -> None:
    page = terminal("explain", "open-wifi").output
    for heading in ("What it means", "Why it matters", "What to do", "False alarms", "Limits"):
        assert heading in page
    listed = terminal("explain").output
    rules = terminal.lines("explain")
    assert rules
    assert all(rule["rule"] in listed for rule in rules)
    assert max(len(line) for line in (page + listed).splitlines()) <= 80
