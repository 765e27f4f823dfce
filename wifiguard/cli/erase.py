"""`wifiguard erase`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as clock

import click

from wifiguard.cli.book import failed, request
from wifiguard.cli.duration import DAY
from wifiguard.cli.output import write_line
from wifiguard.cli.people import called, say, told
from wifiguard.core.text import N_


@click.command(epilog="Example:  wifiguard erase --day 2027-01-10")
@click.option("--all", "everything", is_flag=True, help="All findings, networks, what was learned of them, mutes.")
@click.option("--network", metavar="NAME", help="One network with its findings, by name or id.")
@click.option("--day", type=DAY, metavar="DATE", help="One day, by this machine's clock.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(everything: bool, network: str | None, day: date | None, yes: bool, as_json: bool) -> None:
    """Erase what is kept, so that no file holds it any more.

    The log's file is written anew and the old one overwritten, with its journal. What copies of the disk hold (snapshots,
    backups), and titles in the system's journal, are beyond this program's reach.
    """
    if [everything, network is not None, day is not None].count(True) != 1:
        raise click.UsageError(told(N_("Say what to erase: --all, --network NAME or --day DATE.")))
    question, what = N_("Erase everything for good?"), ""
    if network is not None:
        (known,) = request("identity", network=network)
        question, what = N_("Erase the network {what} with its findings for good?"), called(known)
    elif day is not None:
        question, what = N_("Erase all of {what} for good?"), f"{day:%Y-%m-%d}"
    if not yes and not click.confirm(told(question, what=what), err=True):
        raise click.Abort
    if network is not None:
        (line,) = request("erase", network=network)
    elif day is not None:
        # Midnight to midnight of the local calendar: 23 or 25 hours on two days of the year.
        since, until = (datetime.combine(day + timedelta(days=n), clock()) for n in (0, 1))
        (line,) = request("erase", since=since.timestamp(), until=until.timestamp())
    else:
        (line,) = request("erase")
    _last_scan()
    if as_json:
        write_line(line)
    else:
        say(told(N_("Erased: {count} findings. No file of WiFiGuard's holds them any more."), count=line["findings"]))


def _last_scan() -> None:
    from wifiguard.daemon.lastscan import forget
    from wifiguard.daemon.places import Places

    folder = Places.mine().state
    try:
        forget(folder)
    except OSError as error:
        sentence = N_("the last scan in {folder} cannot be erased: {reason}")
        raise failed(told(sentence, folder=folder, reason=error.strerror)) from error
