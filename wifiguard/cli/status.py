"""`wifiguard status`."""

from __future__ import annotations

import sys
from typing import Any

import click

from wifiguard.cli.book import service
from wifiguard.cli.output import write_line
from wifiguard.cli.people import (
    counted,
    listed,
    local,
    say,
    show_finding,
    show_network,
    show_not_checked,
    show_verdict,
    told,
)
from wifiguard.core.text import N_, still_visible
from wifiguard.daemon.language import translate

NOT_RUNNING = N_(
    "The monitor is not running, so nobody watches. Start it: `wifiguard run`; look once: `wifiguard scan`."
)

# The longest that somebody else's sentence may be.
_SENTENCE = 300

# Kinds of interfaces and names of sources, told by the monitor as words for machines.
MACHINE_WORDS = (
    *(N_("wired"), N_("wifi"), N_("vpn"), N_("bridge"), N_("container"), N_("loopback"), N_("virtual")),
    *(N_("forwarding"), N_("proxy")),
)


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
            say(told(NOT_RUNNING))
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
        say(told(N_("Network   none that WiFiGuard can tell")))
    for network in networks:
        show_network(network, verbose=verbose)
    watched = [
        counted(N_("{name} ({count} packet)"), N_("{name} ({count} packets)"), state["packets"], name=name)
        for name, state in line["traffic"].items()
    ]
    traffic = N_("Traffic   watched on {interfaces}") if watched else N_("Traffic   not watched")
    say(told(traffic, interfaces=listed(watched)))
    if not any(agent.get("ok") for agent in line["agents"].values()):
        said = next((str(agent.get("reason")) for agent in line["agents"].values()), N_("no desktop is connected"))
        say(told(N_("Notices   only here and in the log: {reason}"), reason=translate(still_visible(said, _SENTENCE))))
    if line["problems"]:
        say()
        for problem in line["problems"]:
            show_finding(problem, verbose=verbose)
    show_not_checked(line["not_checked"])
    if verbose:
        say()
        for source in line["sources"]:
            state = translate(N_("ok") if source["ok"] else still_visible(str(source["reason"]), _SENTENCE))
            say(told(N_("source    {name}: {state}"), name=translate(source["name"]), state=state))
        for interface in line["interfaces"]:
            state = translate(N_("up") if interface["up"] else N_("down"))
            say(
                told(
                    N_("interface {name}: {kind}, {state}"),
                    name=interface["name"],
                    kind=translate(interface["kind"]),
                    state=state,
                )
            )
        say(told(N_("monitor   process {pid}, since {time}"), pid=line["pid"], time=local(line["since"])))
