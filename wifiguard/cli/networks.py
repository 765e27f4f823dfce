"""`wifiguard networks`."""

from __future__ import annotations

import json
from typing import Any

import click

from wifiguard.cli.book import failed, request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, listed, local, say, told, wrapped
from wifiguard.core.protection import FLAGS, details
from wifiguard.core.text import N_, cells, padded, visible
from wifiguard.daemon.language import translate


@click.group(invoke_without_command=True, epilog="Example:  wifiguard networks --nearby")
@click.option("--nearby", is_flag=True, help="What is in the air, from the last scan.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="With --nearby: all that an access point tells.")
@click.pass_context
def command(ctx: click.Context, nearby: bool, as_json: bool, verbose: bool) -> None:
    """List the known networks and those you trust."""
    if ctx.invoked_subcommand is not None:
        return
    if nearby:
        _nearby(as_json=as_json, verbose=verbose)
        return
    lines = request("networks")
    if as_json:
        for line in lines:
            write_line(line)
        return
    if not lines:
        say(told(N_("No network is known yet. Trust the present one with `wifiguard trust` while the monitor runs.")))
    for line in lines:
        here = told(N_("  <- now, on {interface}"), interface=line["interface"]) if line.get("interface") else ""
        say(f"{called(line)}{here}", bold=bool(here))
        if line.get("trusted_since"):
            parts = [told(N_("trusted, since {day}"), day=local(line["trusted_since"])[:10])]
        else:
            parts = [_trust(line)]
        parts.append(translate(line["security"] or N_("wired or tunnel")))
        if line.get("last_seen"):
            parts.append(told(N_("last seen {time}"), time=local(line["last_seen"])[:16]))
        say("    " + told(N_("; ")).join([*parts, told(N_("id {id}"), id=line["id"])]))


@command.command("show", epilog='Example:  wifiguard networks show "Home"')
@click.argument("network")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def show(network: str, as_json: bool) -> None:
    """By what a network is recognised: its protection, access points and routers.

    It is learned while nothing contradicts. To learn it anew, forget the network and trust it again.
    """
    (line,) = request("identity", network=network)
    if as_json:
        write_line(line)
        return
    say(told(N_("{name}  ({trusted}, id {id})"), name=called(line), trusted=_trust(line), id=line["id"]), bold=True)
    if line["security"]:
        say("    " + told(N_("protection: {security}, or stronger"), security=translate(line["security"])))
    if not line["learned"]:
        say("    " + told(N_("nothing more was learned yet")))
    for part in line["learned"]:
        for text in _learned(part):
            for piece in wrapped(text, "    ", "      "):
                say(piece)


def _trust(line: Any) -> str:
    return translate(N_("trusted") if line["trusted"] else N_("not trusted"))


# What rules for the local network remember, in words: key and value as they keep them.
_EQUIPMENT = {
    "gateway-impersonated": N_("router {key} at {value}"),
    "rogue-router-advertisement": N_("IPv6 router {value} at {key}"),
    "second-dhcp-server": N_("DHCP server, and the router and name servers that it gives: {value}"),
}


def _learned(part: Any) -> list[str]:
    """What a rule remembers, for people: what is known of equipment by its kind, everything else as it is kept."""
    try:
        kinds = json.loads(part["value"]) if (part["rule"], part["key"]) == ("evil-twin", "equipment") else None
    except ValueError:
        kinds = None
    if not isinstance(kinds, dict):
        form = _EQUIPMENT.get(part["rule"], N_("{rule}: {key} {value}"))
        return [told(form, **{name: visible(str(value), 200) for name, value in part.items()})]
    names = {"bssids": N_("access points"), "domains": N_("802.11r domains"), "gateways": N_("routers")}
    return [
        told(N_("{name}: {value}"), name=translate(names.get(kind, str(kind))), value=listed(map(_octets, values)))
        for kind, values in kinds.items()
        if values
    ]


def _octets(text: str) -> str:
    return ":".join(text[i : i + 2] for i in range(0, len(text), 2))


# The first channel's centre in MHz; the band counts its channels from one again.
_SIX_GIGAHERTZ = 5955


def _nearby(*, as_json: bool, verbose: bool) -> None:
    """Nothing is sent: the kernel remembers what it heard in its last scan."""
    from wifiguard.daemon.nearby import NothingHeard, nearby

    try:
        found = nearby(_trusted())
    except NothingHeard as error:
        raise failed(str(error)) from error
    if as_json:
        for line, _ in found:
            write_line(line)
        return
    if not found:
        say(told(N_("Nothing is in the air, or the laptop has not looked yet.")))
    else:
        say(
            _row("", translate(N_("signal")), translate(N_("channel")), translate(N_("protection")))
            + translate(N_("name"))
        )
    for line, bss in found:
        _show(line, six=(bss.frequency or 0) >= _SIX_GIGAHERTZ)
        if verbose:
            for detail in details(bss):
                for part in wrapped(translate(detail), "      ", "        "):
                    say(part, fg="bright_black")


def _show(line: Any, *, six: bool) -> None:
    """The name comes last: it is a stranger's, may be long, run from right to left, or look like the facts before it."""
    signal = f"{line['signal_dbm']} dBm" if line["signal_dbm"] is not None else ""
    channel = f"{line['channel'] or ''}{' (6 GHz)' if six else ''}"
    row = _row("->" if line["joined"] else "", signal, channel, translate(line["security"]))
    name = called({"name": line["ssid"], "security": line["security"]})
    for part in wrapped(name, row, " " * cells(row)):
        say(part, bold=bool(line["flags"]))
    for flag in line["flags"]:
        for part in wrapped(translate(FLAGS[flag]), "    ", "    "):
            say(part)


def _row(*facts: str) -> str:
    """The mark of the network that was joined, its signal, channel and protection, each in its column."""
    return "".join(padded(fact, width) for fact, width in zip(facts, (3, 9, 13, 19), strict=True))


def _trusted() -> list[Any]:
    """The networks that the user trusts, as far as names and protection matter."""
    from wifiguard.core.network import Security, wifi_network

    return [
        wifi_network(str(line["name"]).encode(), Security(line["security"]), trusted=True)
        for line in request("networks")
        if line["trusted"] and line["security"]
    ]
