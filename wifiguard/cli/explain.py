"""`wifiguard explain`."""

from __future__ import annotations

import difflib

import click

from wifiguard.cli.output import write_line
from wifiguard.cli.people import listed, say, told, wrapped
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate
from wifiguard.rules import RuleFile, rule_files

GROUPS = {"wifi": N_("Wi-Fi"), "lan": N_("Local network"), "traffic": N_("Traffic"), "host": N_("This laptop")}


@click.command(epilog="Example:  wifiguard explain open-wifi")
@click.argument("rule", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(rule: str | None, as_json: bool) -> None:
    """What a rule means, why it matters, what to do.

    Without RULE: the list of all rules.
    """
    files = rule_files()
    if rule is not None and rule not in files:
        near = difflib.get_close_matches(rule, files, 1, 0.4)
        hint = told(N_("Did you mean '{near}'?") if near else N_("`wifiguard explain` lists them."), near="".join(near))
        raise click.UsageError(f"{told(N_('There is no rule {rule}.'), rule=ascii(rule[:60]))} {hint}")
    chosen = [files[rule]] if rule is not None else list(files.values())
    if as_json:
        for file in chosen:
            write_line(_line(file))
    elif rule is not None:
        _page(files[rule])
    else:
        _list(chosen)


def _line(file: RuleFile) -> dict[str, object]:
    sections = file.sections()
    return {
        "schema": 1,
        "type": "rule",
        "rule": file.rule.id,
        "group": file.group,
        "kind": str(file.rule.kind),
        "severities": [str(severity) for severity in file.rule.severities],
        "summary": sections.pop(""),
        "sections": sections,
        "references": list(file.rule.references),
        "since": file.rule.since,
    }


def _list(files: list[RuleFile]) -> None:
    for group, title in GROUPS.items():
        mine = [file for file in files if file.group == group]
        if mine:
            say(translate(title), bold=True)
        for file in mine:
            worst = translate(str(file.rule.severities[0]))
            for part in wrapped(f"{file.rule.id}  ({worst})  {translate(file.paragraph(''))}", "  ", "      "):
                say(part)
    say()
    say(told(N_("wifiguard explain RULE tells all about one.")))


def _page(file: RuleFile) -> None:
    rule = file.rule
    say(f"{rule.id}  ({listed(translate(str(severity)) for severity in rule.severities)})", bold=True)
    for name in file.sections():
        say()
        if name:
            say(translate(name), underline=True)
        for part in wrapped(translate(file.paragraph(name)), "", ""):
            say(part)
    if rule.references:
        say()
        say(told(N_("References: {names}"), names="; ".join(rule.references)), fg="bright_black")
