"""`wifiguard status`."""

from __future__ import annotations

import sys
from typing import Any

import click

from wifiguard.cli.book import service
from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, show_finding, show_network, show_not_checked, show_verdict

NOT_RUNNING = "The monitor is not running, so nobody watches. Start it: `wifiguard run`; look once: `wifiguard scan`."


@click.command(epilog="Example:  wifiguard status")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="Show the evidence, sources and interfaces.")
def command(as_json: bool, verbose: bool) -> None:
    """Is it safe to bank here? The network, open problems, what can't be checked.

    Exit status: 0, or 3 when the monitor is not running.
    """
    answer = service("status")
    if answer is None:
        if as_json:
            write_line(
                {"schema": 1, "type": "not_checked", "what": "monitor", "reason": NOT_RUNNING, "mend": "wifiguard run"}
            )
        else:
            show_verdict({"verdict": "unknown"})
            say(NOT_RUNNING)
        sys.exit(3)
    line = answer[0]
    if as_json:
        write_line(line)
        return
    show(line, verbose=verbose)


def show(line: dict[str, Any], *, verbose: bool) -> None:
    """The one screen."""
    show_verdict(line)
    say()
    networks = line["networks"]
    if not networks:
        say("Network   none that WiFiGuard can tell")
    for network in networks:
        show_network(network["name"], network, verbose=verbose)
    watched = [f"{name} ({state['packets']} packets)" for name, state in line["traffic"].items()]
    say(f"Traffic   {'watched on ' + ', '.join(watched) if watched else 'not watched'}")
    if not any(agent.get("ok") for agent in line["agents"].values()):
        said = next((str(agent.get("reason")) for agent in line["agents"].values()), "no desktop is connected")
        say(f"Notices   only here and in the log: {said}")
    if line["problems"]:
        say()
        for problem in line["problems"]:
            show_finding(problem, verbose=verbose)
    show_not_checked(line["not_checked"])
    if verbose:
        say()
        for source in line["sources"]:
            say(f"source    {source['name']}: {'ok' if source['ok'] else source['reason']}")
        for interface in line["interfaces"]:
            say(f"interface {interface['name']}: {interface['kind']}, {'up' if interface['up'] else 'down'}")
        say(f"monitor   process {line['pid']}, since {line['since']}")
