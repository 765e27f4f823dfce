"""`wifiguard mute`."""

from __future__ import annotations

import click

from wifiguard.cli.book import request
from wifiguard.cli.duration import DURATION
from wifiguard.cli.output import write_line
from wifiguard.cli.people import local, say, told
from wifiguard.core.text import N_

SCOPES = {"rule": N_("rule {target}"), "finding": N_("finding {target}"), "network": N_("network {target}")}


@click.command(epilog="Example:  wifiguard mute unknown-wifi --for 7d")
@click.argument("target", required=False)
@click.option("--for", "seconds", type=DURATION, metavar="TIME", help="For this long: 12h, 7d. Without it: for good.")
@click.option("--list", "show", is_flag=True, help="Show what is muted.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(target: str | None, seconds: float | None, show: bool, as_json: bool) -> None:
    """Keep quiet about a rule, a finding or a network.

    TARGET is a rule (`wifiguard explain`), a finding's id (`wifiguard log -v`) or a network's name (`wifiguard networks`). What
    is muted still reaches the log, marked as muted.
    """
    if show == (target is not None):
        raise click.UsageError(told(N_("Name one thing to mute, or ask with --list what is muted.")))
    if show:
        lines = request("mutes")
    else:
        assert target is not None
        lines = request("mute", target=target, **({} if seconds is None else {"seconds": seconds}))
    if as_json:
        for line in lines:
            write_line(line)
        return
    if not lines:
        say(told(N_("Nothing is muted.")))
    for line in lines:
        scope = told(SCOPES[line["scope"]], target=line["target"])
        if line["until"]:
            say(told(N_("muted until {time}: {scope}"), time=local(line["until"])[:16], scope=scope))
        else:
            say(told(N_("muted for good: {scope}"), scope=scope))
