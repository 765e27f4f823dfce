"""`wifiguard unmute`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, told
from wifiguard.core.text import N_


@click.command(epilog="Example:  wifiguard unmute unknown-wifi")
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(target: str, as_json: bool) -> None:
    """Speak again about what was muted.

    TARGET as `wifiguard mute --list` shows it, or the network's name.
    """
    (line,) = request("unmute", target=target)
    if as_json:
        write_line(line)
    else:
        say(told(N_("WiFiGuard speaks again about {target}."), target=line["target"]))
