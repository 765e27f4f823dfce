"""Findings for pages: every rule's examples, spread over a month and five networks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wifiguard.core.wording import fields, words
from wifiguard.report import Content
from wifiguard.rules import rule_files

NOW = 1_800_000_000.0
DAY = 86_400.0
NETWORKS = (
    ("Café Lindenblatt", "open", False),
    ("Home of the Brave", "wpa3-personal", True),
    ("Hotel Esplanade Guest", "wpa2-personal", False),
    ("eduroam", "wpa2-enterprise", True),
    ("wired, eth0 (router a4:2b:b0:11:22:03)", None, True),
)
Line = dict[str, Any]


def instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def network(number: int) -> Line:
    name, security, trusted = NETWORKS[number % len(NETWORKS)]
    return {"id": f"{number:016x}", "name": name, "bssid": None, "security": security, "trusted": trusted}


def networks() -> list[Line]:
    return [
        {
            **network(number),
            "first_seen": instant(NOW - DAY * (25 - 2 * number)),
            "last_seen": instant(NOW - DAY * 2 * number),
            "interface": None if number else "wlan0",
        }
        for number in range(len(NETWORKS))
    ]


def findings(count: int) -> list[Line]:
    """Newest last."""
    chance = random.Random(count)
    examples = [
        (file.rule, severity, evidence)
        for file in rule_files().values()
        for example in file.examples()
        for severity, evidence in example.expected
    ]
    lines = []
    for number in range(count):
        rule, severity, evidence = chance.choice(examples)
        said = words(rule, severity, evidence)
        last = NOW - DAY * 25 * (1 - (number + 1) / count)
        lines.append(
            {
                "id": f"{chance.getrandbits(64):016x}",
                "rule": rule.id,
                "severity": str(severity),
                "state": chance.choice(("new", "repeat", "resolved", "resolved", "suppressed")),
                "first_seen": instant(last - chance.random() * DAY / 4),
                "last_seen": instant(last),
                "count": chance.choice((1, 1, 1, 2, 37)),
                "network": chance.choice((None, network(0), network(1), network(2))),
                "title": said.title,
                "why": said.why,
                "advice": said.advice,
                "evidence": fields(evidence),
            }
        )
    return lines


def content(count: int, **other: Any) -> Content:
    """A page's content with so many findings."""
    usual: Mapping[str, Any] = {
        "answer": "no",
        "because": ["Bank details were sent without encryption"],
        "findings": findings(count),
        "networks": networks(),
        "not_checked": [
            {"what": "wifi", "reason": "there is no `NetworkManager`", "mend": "sudo systemctl start dbus"}
        ],
        "since": NOW - 30 * DAY,
        "until": NOW,
        "local": lambda moment: moment,
    }
    return Content(**{**usual, **other})
