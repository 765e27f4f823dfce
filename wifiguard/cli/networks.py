"""`wifiguard networks`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import local, say


@click.command(epilog="Example:  wifiguard networks")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(as_json: bool) -> None:
    """List the known networks and those you trust."""
    lines = request("networks")
    if as_json:
        for line in lines:
            write_line(line)
        return
    if not lines:
        say("No network is known yet. Trust the present one with `wifiguard trust` while the monitor runs.")
    for line in lines:
        trusted = "trusted" if line["trusted"] else "not trusted"
        here = f"  <- now, on {line['interface']}" if line.get("interface") else ""
        say(f"{line['name']}{here}", bold=bool(here))
        since = f", since {local(line['trusted_since'])[:10]}" if line.get("trusted_since") else ""
        last = f", last seen {local(line['last_seen'])[:16]}" if line.get("last_seen") else ""
        say(f"    {trusted}{since}; {line['security'] or 'wired or tunnel'}{last}; id {line['id']}")
