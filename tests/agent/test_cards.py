"""What notifications say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from wifiguard.agent.cards import (
    BODY,
    BUTTONS,
    TITLE,
    Act,
    Button,
    Card,
    News,
    Urgency,
    card,
    done,
    gathered,
    is_joined,
    more,
    news,
    refused,
    veiled,
)
from wifiguard.core.observation import Seen
from wifiguard.core.policy import Policy, State
from wifiguard.core.rule import Finding
from wifiguard.core.severity import Severity
from wifiguard.daemon.lines import decision_line
from wifiguard.rules import rule_files

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def line(**changes: Any) -> dict[str, Any]:
    """A line as the monitor writes it."""
    return {
        "schema": 1,
        "type": "finding",
        "id": "0123456789abcdef",
        "rule": "unknown-wifi",
        "severity": "medium",
        "state": "new",
        "at": "2026-01-02T03:04:05.000000Z",
        "first_seen": "2026-01-02T03:04:05.000000Z",
        "last_seen": "2026-01-02T03:04:05.000000Z",
        "count": 1,
        "interface": "wlan0",
        "network": {
            "id": "wifi-1",
            "name": "Cafe",
            "bssid": "a4:2b:b0:11:22:04",
            "security": "open",
            "trusted": False,
        },
        "title": "You are on a Wi-Fi that you have not trusted",
        "why": "Who runs “Cafe” can see which sites you visit.",
        "advice": ["If it is yours, trust it.", "Leave it if you did not mean to join."],
        "evidence": {"ssid": "Cafe", "security": "open"},
        **changes,
    }


def item(**changes: Any) -> News:
    found = news(line(**changes))
    assert found is not None
    return found


MUTE = Button(Act.MUTE, "0123456789abcdef", "Mute")
TRUST = Button(Act.TRUST, "wifi-1", "Trust this network")
LEAVE = Button(Act.LEAVE, "wlan0", "Leave this network", "Cafe")


def test_a_finding_line_is_read_as_far_as_a_notification_needs_it() -> None:
    assert item() == News(
        id="0123456789abcdef",
        rule="unknown-wifi",
        severity=Severity.MEDIUM,
        state=State.NEW,
        title="You are on a Wi-Fi that you have not trusted",
        why="Who runs “Cafe” can see which sites you visit.",
        advice="If it is yours, trust it.",
        network="wifi-1",
        trusted=False,
        interface="wlan0",
        wifi="Cafe",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "network"},
        {"id": None},
        {"id": ""},
        {"id": "x" * 81},
        {"id": "a b"},
        {"severity": "dreadful"},
        {"severity": None},
        {"state": "odd"},
        {"title": None},
        {"title": " "},
    ],
)
def test_what_is_no_finding_makes_no_notification(changes: dict[str, Any]) -> None:
    assert news(line(**changes)) is None


def test_a_finding_of_an_older_log_has_only_a_title() -> None:
    bare = news({"type": "finding", "id": "ab", "severity": "low", "state": "repeat", "title": "old-rule"})
    assert bare == News("ab", "", Severity.LOW, State.REPEAT, "old-rule")


def test_an_unknown_network_can_be_trusted_left_or_muted() -> None:
    assert card(item()) == Card(
        "You are on a Wi-Fi that you have not trusted",
        "Who runs “Cafe” can see which sites you visit. If it is yours, trust it.",
        Urgency.NORMAL,
        15_000,
        (TRUST, LEAVE, MUTE),
    )


def test_a_trusted_network_is_not_offered_for_trust() -> None:
    trusted = item(rule="open-wifi", network={"id": "wifi-1", "trusted": True})
    assert card(trusted).buttons == (MUTE,)
    assert card(item(network=None)).buttons == (MUTE,)
    assert card(item(rule="plaintext-banking")).buttons == (MUTE,)


def test_a_wired_network_is_left_by_pulling_the_cable() -> None:
    wired = item(rule="gateway-impersonated", network={"id": "wired-1", "name": "wired", "security": None})
    assert card(wired).buttons == (MUTE,)
    assert card(item(rule="gateway-impersonated", interface="a b")).buttons == (MUTE,)


@pytest.mark.parametrize(
    ("severity", "urgency", "expires_ms"),
    [
        ("critical", Urgency.CRITICAL, None),
        ("high", Urgency.NORMAL, 30_000),
        ("medium", Urgency.NORMAL, 15_000),
        ("low", Urgency.LOW, 8_000),
        ("info", Urgency.LOW, 8_000),
    ],
)
def test_the_worse_the_longer(severity: str, urgency: Urgency, expires_ms: int | None) -> None:
    made = card(item(severity=severity))
    assert (made.urgency, made.expires_ms) == (urgency, expires_ms)


def test_of_a_long_text_the_advice_is_kept_and_the_reason_is_cut_after_a_word() -> None:
    made = card(item(why="Everyone can read " + "and change " * 20, advice=["Stop and close the page now."]))
    assert made.body == (
        "Everyone can read and change and change and change and change and change and change and change and change and "
        "change and change… Stop and close the page now."
    )


def test_many_problems_of_a_new_network_come_as_one_with_the_answer_first() -> None:
    items = [
        item(),
        item(
            id="aa", rule="open-wifi", severity="high", title="This Wi-Fi is not encrypted", advice=["Use mobile data."]
        ),
    ]
    assert gathered(items) == Card(
        "Not safe to bank here: 2 problems",
        "This Wi-Fi is not encrypted. You are on a Wi-Fi that you have not trusted. Use mobile data.",
        Urgency.NORMAL,
        30_000,
        (TRUST, LEAVE),
    )
    assert gathered([*items, item(), item()]).body == (
        "This Wi-Fi is not encrypted. You are on a Wi-Fi that you have not trusted. You are on a Wi-Fi that you have not "
        "trusted. 1 more. Use mobile data."
    )
    assert gathered([*items, item(advice=["Leave it now " * 9])]).body.startswith(
        "This Wi-Fi is not encrypted. You are"
    )
    assert gathered(items[:1] * 2).title == "Bank here with care: 2 problems"
    assert gathered([item(severity="low"), item(severity="info")]).title == "2 things to know about this network"
    assert gathered(items[:1]) == card(items[0])


def test_what_came_too_fast_is_counted() -> None:
    items = [item(severity="medium"), item(severity="critical", title="Bank details were sent without encryption")]
    assert more(items) == Card(
        "2 more problems",
        "The worst: Bank details were sent without encryption. “wifiguard log” lists them all.",
        Urgency.CRITICAL,
        None,
    )
    assert more(items[:1]).title == "1 more problem"


@pytest.mark.parametrize(
    ("severity", "title"),
    [
        ("critical", "Not safe to bank here"),
        ("medium", "Bank here with care"),
        ("low", "WiFiGuard has something to tell"),
    ],
)
def test_a_locked_screen_shows_no_name_and_no_button(severity: str, title: str) -> None:
    made = veiled([item(severity=severity, title="Cafe", why="Cafe", advice=["Cafe"])])
    assert (made.title, made.body, made.buttons) == (title, "Unlock the screen to read what was found.", ())


def test_what_a_button_did_is_said_and_what_stays() -> None:
    other = item(id="aa", rule="open-wifi", severity="high", title="This Wi-Fi is not encrypted")
    assert done(TRUST, [item()]) == Card(
        "You trust this network now.", "WiFiGuard no longer asks about it.", Urgency.LOW, 8_000
    )
    assert done(TRUST, [item(), other]).body == "This stays: This Wi-Fi is not encrypted."
    assert done(MUTE, [item()]) == Card("Muted for 7 days.", "You still find it in the log.", Urgency.LOW, 8_000)
    left = Card(
        "You left this network.",
        "It is not joined by itself any more. Undo: wifiguard profiles undo",
        Urgency.LOW,
        8_000,
    )
    assert done(LEAVE, [item(), other]) == left
    assert done(LEAVE, [item()], late=True) == replace(left, title="You had left this network already.")
    assert (
        done(LEAVE, [item(), item(id="bb", rule="firewall-off", title="No firewall")]).body
        == "This stays: No firewall."
    )
    assert refused("several networks are called Cafe", (TRUST,)) == Card(
        "That could not be done", "several networks are called Cafe", Urgency.NORMAL, 30_000, (TRUST,)
    )


def test_the_network_to_leave_is_joined_where_the_status_names_it_on_that_interface() -> None:
    networks = [{"interface": "eth0", "name": "Cafe"}, None, {"interface": "wlan0", "name": "Cafe", "id": "wifi-1"}]
    assert is_joined([{"type": "status", "networks": networks}], LEAVE)
    for other in ([{"interface": "wlan0", "name": "Home"}], networks[:2], [], None, "Cafe"):
        assert not is_joined([{"type": "status", "networks": other}], LEAVE)
    assert not is_joined([], LEAVE)


def test_an_escape_that_the_monitor_made_is_not_escaped_again() -> None:
    assert card(item(why=r"“\x1b[2J\u202e”", advice=[])).body == r"“\x1b[2J\u202e”"


def _told() -> Iterator[dict[str, Any]]:
    """The line of every example of every rule that is told."""
    for file in rule_files().values():
        for example in file.examples():
            for severity, evidence in example.expected:
                if severity >= Severity.MEDIUM:
                    finding = Finding(file.rule.id, Seen(0.0, 0.0), (), severity, evidence)
                    yield decision_line({file.rule.id: file.rule}, Policy([file.rule]).decide(finding))


@pytest.mark.parametrize("said", list(_told()), ids=lambda said: f"{said['rule']}-{said['severity']}")
def test_the_title_and_the_advice_of_every_rule_fit_whole(said: dict[str, Any]) -> None:
    found = news(said)
    assert found is not None
    made = card(found)
    assert made.title == said["title"]
    assert made.body.endswith(said["advice"][0])


anything = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)
hostile = st.text(
    st.characters() | st.sampled_from("\x1b\u202e\u2066\u0000<>&\\\u0301\ud800\u2028\U000e0041 ") | st.characters(),
    max_size=600,
)
lines = st.fixed_dictionaries(
    {
        "type": st.just("finding"),
        "id": st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
        "severity": st.sampled_from([str(severity) for severity in Severity]),
        "state": st.sampled_from([str(state) for state in State]),
        "title": hostile.filter(str.strip),
    },
    optional={
        "rule": st.sampled_from(["unknown-wifi", "open-wifi", "plaintext-banking"]) | anything,
        "why": hostile | anything,
        "advice": st.lists(hostile, max_size=3) | anything,
        "network": st.fixed_dictionaries({"id": st.just("wifi-1") | anything, "trusted": st.booleans()}) | anything,
    },
)


@given(st.lists(lines, min_size=1, max_size=4))
def test_any_line_makes_a_bounded_card_of_visible_text(several: list[dict[str, Any]]) -> None:
    items = [found for each in several if (found := news(each)) is not None]
    assert len(items) == len(several)
    made = [card(items[0]), gathered(items), more(items), veiled(items), refused(items[0].why, (TRUST,))]
    made += [done(button, items) for each in made for button in each.buttons]
    for each in made:
        assert 0 < len(each.title) <= TITLE
        assert len(each.body) <= BODY
        assert len(each.buttons) <= BUTTONS
        for text in (each.title, each.body, *(button.label for button in each.buttons)):
            assert not {unicodedata.category(char) for char in text} & INVISIBLE
            text.encode()  # no lone surrogate


@given(st.dictionaries(st.text(), anything) | lines)
def test_any_line_is_read_or_left(any_line: dict[str, Any]) -> None:
    news(any_line)
