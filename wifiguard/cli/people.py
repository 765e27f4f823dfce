"""What people read on a terminal: findings, verdicts and networks as plain lines. Colour never carries a meaning alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import click

from wifiguard.core.network import HIDDEN, Security
from wifiguard.core.protection import protection
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, folded, padded
from wifiguard.core.wording import Words, label, spoken, words
from wifiguard.daemon.language import translate, translate_many
from wifiguard.rules import rule_files

Line = Mapping[str, object]

SEVERITIES = (N_("critical"), N_("high"), N_("medium"), N_("low"), N_("info"))
COLOURS = {"critical": "bright_red", "high": "red", "medium": "yellow", "low": "cyan", "info": "bright_black"}
ANSWERS = {
    "yes": ("green", N_("Safe to bank here? Yes: nothing speaks against it.")),
    "with-care": ("yellow", N_("Safe to bank here? With care.")),
    "no": ("red", N_("Safe to bank here? No.")),
    "unknown": (
        "bright_black",
        N_("Safe to bank here? Unknown: no network is known here, or nothing could be checked."),
    ),
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


def counted(one: str, more: str, count: int, **values: object) -> str:
    """The form of a template that goes with `count`, filled with it and `values`."""
    return translate_many(one, more, count).format(count=count, **values)


def listed(parts: Iterable[str]) -> str:
    """Parts of one sentence, divided as this terminal's language does it."""
    return translate(N_(", ")).join(parts)


def by_severity(counts: Mapping[str, int]) -> str:
    """Severity → number, as a part of a sentence; empty where nothing was found."""
    found = ((translate(severity), number) for severity, number in counts.items() if number)
    return listed(told(N_("{count} {severity}"), count=number, severity=severity) for severity, number in found)


def called(network: Line) -> str:
    """A network's name: its SSID as it is; what WiFiGuard calls one that has none is translated."""
    name = str(network["name"])
    return name if network.get("security") and name != HIDDEN else translate(name)


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
        for part in wrapped(told(N_("because: {reason}"), reason=translate(reason)), "  ", "           "):
            say(part)


def show_title(line: Line) -> None:
    """One finding in one line: severity, title, how often, and what became of it."""
    severity = str(line["severity"])
    count = line.get("count")
    repeated = ""
    if isinstance(count, int) and count > 1:
        repeated = "  " + told(N_("×{count}, last {time}"), count=count, time=local(str(line["last_seen"]))[11:16])
    state = {"resolved": N_("resolved"), "suppressed": N_("muted")}.get(str(line.get("state")), "")
    say(
        f"{padded(translate(severity).upper(), 8)} {in_words(line).title}{repeated}{f'  ({translate(state)})' if state else ''}",
        fg=COLOURS[severity],
        bold=severity in ("critical", "high"),
    )


def show_finding(line: Line, *, verbose: bool = False) -> None:
    """One finding: severity and title, then why, then what to do while there is something to do."""
    show_title(line)
    said = in_words(line)
    advice = () if line.get("state") == "resolved" else said.advice
    for text in (said.why, *(f"→ {each}" for each in advice)):
        for part in wrapped(text, "         ", "           " if text.startswith("→") else "         "):
            say(part)
    if verbose:
        for part in details(line):
            say(part, fg="bright_black")


def details(line: Line) -> Iterator[str]:
    """The evidence and the names that `mute`, `explain` and `log show` take."""
    network = line.get("network")
    if isinstance(network, Mapping):
        trusted = translate(N_("trusted") if network.get("trusted") else N_("not trusted"))
        security = translate(network.get("security") or N_("wired"))
        yield "         " + told(
            N_("network: {name} ({security}, {trusted})"), name=called(network), security=security, trusted=trusted
        )
    evidence = line.get("evidence")
    if isinstance(evidence, Mapping):
        for key, value in evidence.items():
            if value is None or value in ("", []):
                continue
            shown = spoken(str(key), value, translate)
            text = told(N_("{name}: {value}"), name=label(str(key), translate), value=shown)
            yield from wrapped(text, "         ", "           ")
    yield "         " + told(N_("rule: {rule}   id: {id}"), rule=line["rule"], id=line["id"])


def show_network(line: Line, *, verbose: bool) -> None:
    """The network that an interface is on: whose it is and how it is protected, and in detail where that is wanted."""
    trusted = translate(N_("trusted by you") if line["trusted"] else N_("not trusted"))
    place = N_("Network   {name} on {interface}, {trusted}")
    say(told(place, name=called(line), interface=line["interface"], trusted=trusted))
    if line.get("security"):
        for part in wrapped(translate(protection(Security(str(line["security"])))), "          ", "          "):
            say(part)
    if verbose:
        for detail in _strings(line.get("details")):
            for part in wrapped(translate(detail), "          ", "            "):
                say(part, fg="bright_black")


def show_not_checked(items: list[Line]) -> None:
    """What could not be checked, quieter than the findings, with the way to mend it."""
    if not items:
        return
    say()
    say(told(N_("Could not be checked:")), fg="bright_black")
    for item in items:
        for part in wrapped(
            told(N_("- {what}: {reason}"), what=translate(str(item["what"])), reason=translate(str(item["reason"]))),
            "  ",
            "    ",
        ):
            say(part, fg="bright_black")
        if item.get("mend"):
            for part in wrapped(translate(str(item["mend"])), "    ", "    "):
                say(part, fg="bright_black")


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """`text` in lines of the terminal's width."""
    return folded(text, width(), first, rest)


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
