"""`wifiguard trust`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, say, told
from wifiguard.core.text import N_


@click.command(epilog='Example:  wifiguard trust "Home"')
@click.argument("network", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(network: str | None, as_json: bool) -> None:
    """Trust the present network, or one by name.

    Findings that only say that a network is unknown end with it; everything else goes on.
    """
    (line,) = request("trust", **({"network": network} if network else {}))
    if as_json:
        write_line(line)
    else:
        say(told(N_("You trust “{name}” now."), name=called(line)))
