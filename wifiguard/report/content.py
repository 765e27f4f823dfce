"""What the page tells: lines of the machine-readable output, put in the order in which a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from wifiguard.core.severity import Severity

Line = Mapping[str, Any]
# Findings of one kind that are on the page with all their evidence, the newest first.
ROWS = 20_000


class Content(Struct, frozen=True):
    """`findings`: newest last, titles and advice in the reader's language. `answer`: yes, with-care, no or unknown.

    `scan`: it is one moment, so nothing is said of when. `not_checked` None: nobody knows, since no monitor was running.
    Times are wall time in seconds.
    """

    answer: str
    because: Sequence[str]
    findings: Sequence[Line]
    networks: Sequence[Line]
    not_checked: Sequence[Line] | None
    since: float
    until: float
    scan: bool = False
    # From an instant to the reader's date and time.
    local: Callable[[datetime], datetime] = field(default=lambda moment: moment.astimezone())


class Row(Struct, frozen=True):
    """One finding. `title` only where it is not the group's own."""

    id: str
    title: str | None
    severity: str
    state: str
    first: datetime
    last: datetime
    count: int
    network: str | None
    evidence: tuple[tuple[str, str], ...]


class Group(Struct, frozen=True):
    """All findings of one rule. `severity`, `title`, `why` and `advice` are those of its worst one that is still open."""

    rule: str
    severity: str
    title: str
    why: str
    advice: tuple[str, ...]
    rows: tuple[Row, ...]
    open: int
    cut: int


def groups(content: Content) -> list[Group]:
    """Findings by rule: what is open first, then the worst, then the newest."""
    by_rule: dict[str, list[Line]] = {}
    for line in content.findings:
        by_rule.setdefault(str(line["rule"]), []).append(line)
    made = [_group(rule, lines, content) for rule, lines in by_rule.items()]
    return sorted(made, key=lambda g: (not g.open, -Severity.parse(g.severity), -g.rows[0].last.timestamp(), g.rule))


def _group(rule: str, lines: list[Line], content: Content) -> Group:
    newest = sorted(lines, key=lambda line: str(line["last_seen"]), reverse=True)
    open_ones = [line for line in newest if is_open(line)]
    head = max(open_ones or newest, key=lambda line: Severity.parse(str(line["severity"])))
    shown = newest[:ROWS]
    return Group(
        rule,
        str(head["severity"]),
        str(head["title"]),
        str(head["why"]),
        tuple(map(str, head["advice"])),
        tuple(_row(line, str(head["title"]), content) for line in shown),
        len(open_ones),
        len(newest) - len(shown),
    )


def _row(line: Line, heading: str, content: Content) -> Row:
    title = str(line["title"])
    network = line.get("network")
    return Row(
        str(line["id"]),
        None if title == heading else title,
        str(line["severity"]),
        {"resolved": "over", "suppressed": "muted"}.get(str(line["state"]), "open"),
        content.local(moment(line["first_seen"])),
        content.local(moment(line["last_seen"])),
        int(line["count"]),
        str(network["name"]) if network else None,
        tuple((key.replace("_", " "), text) for key, value in line["evidence"].items() if (text := _plain(value))),
    )


def is_open(line: Line) -> bool:
    """Neither over nor muted."""
    return line["state"] not in ("resolved", "suppressed")


def moment(instant: object) -> datetime:
    """The time of a line; what no calendar knows becomes the epoch."""
    try:
        return datetime.fromisoformat(str(instant)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """Severity → number, worst first, zeros included."""
    found = {str(severity): 0 for severity in reversed(Severity)}
    for line in lines:
        found[str(line["severity"])] += 1
    return found


def _plain(value: object) -> str:
    match value:
        case None | "" | [] | {}:
            return ""
        case bool():
            return "✓" if value else "✗"
        case list():
            return ", ".join(_plain(inner) for inner in value)
        case dict():
            return "; ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
        case _:
            return str(value)
