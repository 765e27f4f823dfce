"""What people read on a terminal: findings, verdicts and networks as plain lines. Colour never carries a meaning alone."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime

import click

from wifiguard.core.network import Security
from wifiguard.core.protection import protection
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.wording import Words, words
from wifiguard.daemon.language import translate
from wifiguard.rules import rule_files

Line = Mapping[str, object]

COLOURS = {"critical": "bright_red", "high": "red", "medium": "yellow", "low": "cyan", "info": "bright_black"}
ANSWERS = {
    "yes": ("green", N_("Safe to bank here? Yes: nothing speaks against it.")),
    "with-care": ("yellow", N_("Safe to bank here? With care.")),
    "no": ("red", N_("Safe to bank here? No.")),
    "unknown": ("bright_black", N_("Safe to bank here? Unknown: nothing could be checked.")),
}


def width() -> int:
    """Columns to write: those of the terminal, 80 at most where text would become hard to read."""
    return max(40, min(80, shutil.get_terminal_size((80, 24)).columns))


def say(text: str = "", **style: object) -> None:
    """One line to people. click drops the colour where stdout is no terminal; NO_COLOR is honoured here."""
    click.secho(text, color=False if _no_colour() else None, **style)  # type: ignore[arg-type]


def told(template: str, **values: object) -> str:
    """A template (marked with N_) in this terminal's language, filled."""
    return translate(template).format(**values)


def local(instant: str) -> str:
    """An RFC 3339 time as local date and time."""
    try:
        return datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return instant


def show_verdict(line: Line) -> None:
    """The answer, and what decided it. `line` has verdict, and optionally because (sentences)."""
    colour, sentence = ANSWERS[str(line["verdict"])]
    say(translate(sentence), fg=colour, bold=True)
    for reason in _strings(line.get("because")):
        for part in wrapped(f"because: {reason}", "  ", "           "):
            say(part)


def show_finding(line: Line, *, verbose: bool = False) -> None:
    """One finding: severity and title, then why, then what to do."""
    severity = str(line["severity"])
    said = in_words(line)
    count = line.get("count")
    folded = f"  ×{count}, last {local(str(line['last_seen']))[11:16]}" if isinstance(count, int) and count > 1 else ""
    state = (
        "  (resolved)" if line.get("state") == "resolved" else "  (muted)" if line.get("state") == "suppressed" else ""
    )
    say(
        f"{severity.upper():8s} {said.title}{folded}{state}",
        fg=COLOURS[severity],
        bold=severity in ("critical", "high"),
    )
    for text in (said.why, *(f"→ {advice}" for advice in said.advice)):
        for part in wrapped(text, "         ", "           " if text.startswith("→") else "         "):
            say(part)
    if verbose:
        for part in details(line):
            say(part, fg="bright_black")


def details(line: Line) -> Iterator[str]:
    """The evidence and the names that `mute`, `explain` and `log show` take."""
    network = line.get("network")
    if isinstance(network, Mapping):
        trusted = "trusted" if network.get("trusted") else "not trusted"
        yield f"         network: {network.get('name')} ({network.get('security') or 'wired'}, {trusted})"
    evidence = line.get("evidence")
    if isinstance(evidence, Mapping):
        for key, value in evidence.items():
            if value is None or value == "":
                continue
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield from wrapped(f"{key}: {shown}", "         ", "           ")
    yield f"         rule: {line['rule']}   id: {line['id']}"


def show_network(name: str, line: Line, *, verbose: bool) -> None:
    """The network that an interface is on: whose it is and how it is protected, and in detail where that is wanted."""
    trusted = "trusted by you" if line["trusted"] else "not trusted"
    say(f"Network   {name} on {line['interface']}, {trusted}")
    if line.get("security"):
        for part in wrapped(translate(protection(Security(str(line["security"])))), "          ", "          "):
            say(part)
    if verbose:
        for detail in _strings(line.get("details")):
            for part in wrapped(detail, "          ", "            "):
                say(part, fg="bright_black")


def show_not_checked(items: list[Line]) -> None:
    """What could not be checked, quieter than the findings, with the way to mend it."""
    if not items:
        return
    say()
    say("Could not be checked:", fg="bright_black")
    for item in items:
        for part in wrapped(f"- {item['what']}: {item['reason']}", "  ", "    "):
            say(part, fg="bright_black")
        if item.get("mend"):
            for part in wrapped(f"{item['mend']}", "    ", "    "):
                say(part, fg="bright_black")


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """`text` in lines of the terminal's width."""
    return textwrap.wrap(text, width(), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [first]


def in_words(line: Line) -> Words:
    """The finding in this terminal's language: the service that sent the line speaks its own."""
    file = rule_files().get(str(line["rule"]))
    evidence = line.get("evidence")
    if file is None or not isinstance(evidence, Mapping):
        return Words(str(line["title"]), str(line["why"]), tuple(_strings(line.get("advice"))))
    return words(file.rule, Severity.parse(str(line["severity"])), evidence, translate)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _no_colour() -> bool:
    import os

    return bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
