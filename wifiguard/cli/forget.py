"""`wifiguard forget`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, say, told
from wifiguard.core.text import N_


@click.command(epilog='Example:  wifiguard forget "Hotel"')
@click.argument("network")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(network: str, as_json: bool) -> None:
    """Forget a network and what was learned of it.

    NETWORK is a name or an id as `wifiguard networks` shows them.
    """
    (line,) = request("forget", network=network)
    if as_json:
        write_line(line)
    else:
        say(told(N_("“{name}” is forgotten."), name=called(line)))
