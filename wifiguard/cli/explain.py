"""`wifiguard explain`."""

from __future__ import annotations

import difflib

import click

from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, wrapped
from wifiguard.rules import RuleFile, rule_files

GROUPS = {"wifi": "Wi-Fi", "lan": "Local network", "traffic": "Traffic", "host": "This laptop"}


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
        hint = f" Did you mean '{near[0]}'?" if near else " `wifiguard explain` lists them."
        raise click.UsageError(f"There is no rule {rule[:60]!a}.{hint}")
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
            say(title, bold=True)
        for file in mine:
            worst = str(file.rule.severities[0])
            for part in wrapped(f"{file.rule.id}  ({worst})  {file.sections()['']}", "  ", "      "):
                say(part)
    say()
    say("wifiguard explain RULE tells all about one.")


def _page(file: RuleFile) -> None:
    rule = file.rule
    say(f"{rule.id}  ({', '.join(map(str, rule.severities))})", bold=True)
    for name, text in file.sections().items():
        say()
        if name:
            say(name, underline=True)
        for part in wrapped(" ".join(text.split()), "", ""):
            say(part)
    if rule.references:
        say()
        say("References: " + "; ".join(rule.references), fg="bright_black")
