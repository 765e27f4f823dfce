"""`wifiguard distrust`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, say, told
from wifiguard.core.text import N_


@click.command(epilog='Example:  wifiguard distrust "Home"')
@click.argument("network", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(network: str | None, as_json: bool) -> None:
    """No longer trust a network.

    Without a name: the present one.
    """
    (line,) = request("distrust", **({"network": network} if network else {}))
    if as_json:
        write_line(line)
    else:
        say(told(N_("You no longer trust “{name}”."), name=called(line)))
