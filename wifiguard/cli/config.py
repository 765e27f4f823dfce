"""`wifiguard config`."""

from __future__ import annotations

from pathlib import Path

import click

from wifiguard.cli.book import failed
from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, told
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate


@click.group(epilog="Example:  wifiguard config show")
def command() -> None:
    """Show or check the settings."""


@command.command("path")
def path() -> None:
    """Print where the settings file is looked for."""
    from wifiguard.daemon.places import Places

    say(str(Places.mine().config))


@command.command("check", epilog="Example:  wifiguard config check my.toml")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
def check(file: Path | None) -> None:
    """Say whether a settings file is right, before the service reads it."""
    from wifiguard.daemon.config import ConfigError, catalogue_lines, drop_ins, load
    from wifiguard.daemon.places import Places
    from wifiguard.names.catalogue import Catalogue

    chosen = file or Places.mine().config
    try:
        settings = load(chosen)
        names = Catalogue(settings.catalogue.extra, catalogue_lines(settings))
    except ConfigError as error:
        raise failed(str(error)) from error
    rejected = list(names.rejected)
    for line in rejected[:20]:
        ignored = N_("{file}: {source}, line {line}: {text} is ignored: {reason}")
        reason = translate(line.reason)
        say(told(ignored, file=chosen, source=line.source, line=line.line, text=ascii(line.text), reason=reason))
    if rejected:
        raise failed(told(N_("{count} names could not be read"), count=len(rejected)))
    files = [each for each in (chosen, *drop_ins(chosen)) if each.exists()]
    if not files:
        say(told(N_("There is no {file}: every setting has its default, and that is fine."), file=chosen))
    for each in files:
        say(told(N_("{file} is right."), file=each))


@command.command("template", epilog="Example:  wifiguard config template > my.toml")
def template() -> None:
    """Print a settings file that changes nothing: every key with its default, as comments."""
    from wifiguard.daemon.config import template as text

    say(text().rstrip())


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def show(as_json: bool) -> None:
    """The settings in force and where each comes from."""
    from wifiguard.daemon.config import ConfigError, listing, load, toml
    from wifiguard.daemon.places import Places

    try:
        settings = load(*Places.mine().configs)
    except ConfigError as error:
        raise failed(str(error)) from error
    for key, value, origin in listing(settings):
        shown = list(value) if isinstance(value, tuple | frozenset) else value
        if as_json:
            write_line({"schema": 1, "type": "setting", "key": key, "value": shown, "origin": origin})
        else:
            say(f"{key} = {toml(value)}  # {origin}")
