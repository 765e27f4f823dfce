"""`wifiguard log`."""

from __future__ import annotations

import csv
import json
import sys
import time
from typing import Any

import click

from wifiguard.cli.book import request
from wifiguard.cli.duration import DURATION
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, details, local, say, show_finding, told, wrapped
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

SEVERITIES = ("info", "low", "medium", "high", "critical")
# Nobody reads more than this without asking for it.
SCREENFUL = 200
EVERYTHING = 1_000_000
STATES = ("new", "repeat", "resolved", "suppressed")
COLUMNS = ("id", "rule", "severity", "state", "first_seen", "last_seen", "count", "interface", "title", "why")
STORY = {
    "new": N_("new"),
    "repeat": N_("repeat"),
    "escalated": N_("escalated"),
    "resolved": N_("resolved"),
    "suppressed": N_("suppressed"),
}


@click.group(invoke_without_command=True, epilog="Example:  wifiguard log --since 2d --severity high")
@click.option("--since", type=DURATION, metavar="AGE", help="Only what was seen within this time: 90m, 12h, 2d.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="This severity and worse.")
@click.option("--rule", metavar="RULE", help="Only this rule.")
@click.option("--network", metavar="NAME", help="Only this network, by name or id.")
@click.option("--state", type=click.Choice(STATES), help="Only what stands so now.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="The newest N. [default: 200; with --json: all]",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens from now on.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for spreadsheets.")
@click.option("-v", "--verbose", is_flag=True, help="Show ids and evidence.")
@click.pass_context
def command(
    ctx: click.Context,
    since: float | None,
    severity: str | None,
    rule: str | None,
    network: str | None,
    state: str | None,
    limit: int | None,
    follow: bool,
    as_json: bool,
    as_csv: bool,
    verbose: bool,
) -> None:
    """Review what was found.

    Newest last, grouped by day and network, repeats folded.
    """
    if ctx.invoked_subcommand is not None:
        return
    if as_csv and (as_json or follow):
        raise click.UsageError(told(N_("--csv writes a table of what is there: leave --json and --follow out.")))
    chosen = {"severity": severity, "rule": rule, "network": network, "state": state}
    params = {key: value for key, value in chosen.items() if value is not None}
    if since is not None:
        params["since"] = time.time() - since  # type: ignore[assignment]
    most = limit or (EVERYTHING if as_json or as_csv else SCREENFUL)
    lines = request("log", **params, limit=most)
    if as_json:
        for line in lines:
            write_line(line)
    elif as_csv:
        _table(lines)
    else:
        _show(lines, verbose=verbose)
        if limit is None and len(lines) == most:
            say()
            older = N_("These are the newest {count}. Older ones: wifiguard log --limit {more}")
            say(told(older, count=most, more=most * 10), fg="bright_black")
    if follow:
        _follow(severity, rule, network, as_json=as_json, verbose=verbose)


@command.command("show", epilog="Example:  wifiguard log show 3f2a")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def show(id: str, as_json: bool) -> None:
    """All about one finding: evidence, timeline, advice."""
    (line,) = request("show", id=id)
    if as_json:
        write_line(line)
        return
    show_finding(line)
    say()
    for part in details(line):
        say(part.removeprefix("         "))
    story = N_("first seen {first}, last seen {last}, {count} in all")
    say(told(story, first=local(line["first_seen"]), last=local(line["last_seen"]), count=line["count"]))
    for step in line["timeline"]:
        state, severity = translate(STORY.get(step["state"], step["state"])), translate(step["severity"])
        say(told(N_("  {time}  {state} ({severity})"), time=local(step["at"]), state=state, severity=severity))
    say(told(N_("More about this rule: wifiguard explain {rule}"), rule=line["rule"]))


def _table(lines: list[dict[str, Any]]) -> None:
    """The findings as CSV (RFC 4180), in English as all that machines read; what rules saw as JSON in the last column."""
    write = csv.writer(sys.stdout)
    write.writerow((*COLUMNS, "network", "evidence"))
    for line in lines:
        network = line["network"]["name"] if line["network"] else ""
        cells = (*(line[column] for column in COLUMNS), network, json.dumps(line["evidence"], ensure_ascii=False))
        write.writerow([_harmless(str(cell)) for cell in cells])


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula: whoever names a network could have one computed."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _show(lines: list[dict[str, Any]], *, verbose: bool) -> None:
    if not lines:
        say(told(N_("The log holds nothing that matches.")))
    heading = ""
    for line in lines:
        network = called(line["network"]) if line["network"] else told(N_("no network"))
        now = f"{local(line['last_seen'])[:10]}, {network}"
        if now != heading:
            if heading:
                say()
            for part in wrapped(now, "", "  "):
                say(part, underline=True)
            heading = now
        say(f"{local(line['last_seen'])[11:]}")
        show_finding(line, verbose=verbose)


def _follow(severity: str | None, rule: str | None, network: str | None, *, as_json: bool, verbose: bool) -> None:
    from wifiguard.cli.book import failed
    from wifiguard.daemon.client import NoService, Refused, follow
    from wifiguard.daemon.places import Places

    least = SEVERITIES.index(severity) if severity else 0
    try:
        for line in follow(Places.service_socket()):
            if line.get("type") != "finding" or SEVERITIES.index(line["severity"]) < least:
                continue
            if rule and line["rule"] != rule:
                continue
            if network and (not line["network"] or network not in (line["network"]["id"], line["network"]["name"])):
                continue
            if as_json:
                write_line(line)
            else:
                show_finding(line, verbose=verbose)
    except NoService as error:
        raise failed(told(N_("nothing to follow: the monitor is not running (`wifiguard run` starts it)"))) from error
    except Refused as error:
        raise failed(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
