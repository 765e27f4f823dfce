"""`wifiguard privacy`."""

from __future__ import annotations

import click

from wifiguard.cli.output import write_line
from wifiguard.cli.people import listed, say, told, wrapped
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate
from wifiguard.daemon.privacy import STATEMENT, TABLES, evidence


@click.command(epilog="Example:  wifiguard privacy --verbose")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines: every field that is kept.")
@click.option("-v", "--verbose", is_flag=True, help="List every field of every rule.")
def command(as_json: bool, verbose: bool) -> None:
    """What is kept, why and for how long.

    The lists are made from the program's own types and tables, so they tell all.
    """
    if as_json:
        for table, (_, columns) in TABLES.items():
            for column, why in columns.items():
                write_line({"schema": 1, "type": "kept", "table": table, "field": column, "why": why})
        for kept in evidence():
            for name, kind in kept.fields:
                write_line({"schema": 1, "type": "kept", "rule": kept.rule, "field": name, "kind": kind})
        return
    days = _days()
    for title, text in STATEMENT:
        say(translate(title), bold=True)
        _paragraph(translate(text).format(days=days), "  ")
        say()
    for title, columns in TABLES.values():
        say(translate(title), bold=True)
        for column, why in columns.items():
            _paragraph(told(N_("{name}: {value}"), name=column, value=translate(why)), "  ", "    ")
        say()
    say(translate(N_("Evidence")), bold=True)
    for kept in evidence():
        names = listed(
            told(N_("{name} ({kind})"), name=name, kind=translate(kind)) if verbose else name
            for name, kind in kept.fields
        )
        _paragraph(told(N_("{name}: {value}"), name=kept.rule, value=names), "  ", "    ")
        if verbose:
            _paragraph(translate(kept.meaning).replace("`", ""), "    ")


def _days() -> int:
    from wifiguard.cli.book import failed
    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.places import Places

    try:
        return load(*Places.mine().configs).log.keep_days
    except ConfigError as error:
        raise failed(str(error)) from error


def _paragraph(text: str, first: str, rest: str | None = None) -> None:
    for part in wrapped(text, first, first if rest is None else rest):
        say(part)
