"""`wifiguard run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wifiguard.cli.book import failed
from wifiguard.cli.output import write_line
from wifiguard.cli.people import (
    by_severity,
    called,
    listed,
    local,
    say,
    show_finding,
    show_not_checked,
    show_title,
    show_verdict,
    told,
)
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

if TYPE_CHECKING:
    from wifiguard.core.host import SourceDone
    from wifiguard.daemon.config import Settings
    from wifiguard.daemon.monitor import Monitor


@click.command(epilog="Example:  sudo wifiguard run")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Another settings file.")
@click.option(
    "--interface", "-i", "interfaces", multiple=True, metavar="NAME", help="Watch only this interface; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("--no-notify", is_flag=True, help="Start no desktop notifications.")
@click.option("-v", "--verbose", is_flag=True, help="Show the evidence of every finding.")
def command(config: Path | None, interfaces: tuple[str, ...], as_json: bool, no_notify: bool, verbose: bool) -> None:
    """Watch, in the foreground.

    Without root everything runs but the reading of packets; what that leaves out is said. Ctrl-C ends it with a summary.

    Exit status: 2 wrong settings, 3 the log or the control socket cannot be used, 0 otherwise.
    """
    from wifiguard.cli.lean import load_without_openssl

    load_without_openssl("wifiguard.daemon.run")
    import asyncio

    from msgspec import structs

    from wifiguard.daemon import defects
    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.control import SocketTaken
    from wifiguard.daemon.descriptors import TooFew, provide
    from wifiguard.daemon.journal import under_systemd
    from wifiguard.daemon.places import Places
    from wifiguard.daemon.run import Presenter, Service
    from wifiguard.store.errors import StoreError

    places = Places.mine()
    chosen = (config,) if config else places.configs
    screen = Machine() if as_json else People(verbose=verbose, quiet=under_systemd())

    def settings() -> Settings:
        read = load(*chosen)
        named = interfaces or read.watch.interfaces
        return structs.replace(read, watch=structs.replace(read.watch, interfaces=named))

    try:
        provide()
        presenter = Presenter(screen.started, screen.news, screen.health, screen.said)

        async def serve() -> None:
            desktop = not no_notify and not under_systemd()
            await Service(places, settings, presenter, desktop=desktop).run(settings())

        sys.unraisablehook = defects.ignored
        asyncio.run(serve())
    except (ConfigError, TooFew) as error:
        raise failed(str(error)) from error
    except (StoreError, SocketTaken) as error:
        raise Unusable(translate(str(error))) from error
    screen.ended()
    sys.exit(0)


class Unusable(click.ClickException):
    """The log or the control socket, for now: systemd starts the monitor again."""

    exit_code = 3


class People:
    """Lines for a person at a terminal. Under systemd (`quiet`) only what the journal does not get as entries."""

    def __init__(self, *, verbose: bool, quiet: bool) -> None:
        self._verbose = verbose
        self._quiet = quiet
        self._monitor: Monitor | None = None
        self._found: dict[str, dict[str, Any]] = {}

    def started(self, monitor: Monitor) -> None:
        """The header: what is watched, what is not and why, what is kept and how to narrow it."""
        self._monitor = monitor
        from wifiguard.daemon.lines import network_object

        where = monitor.pipeline.whereabouts
        networks = where.networks()
        names = listed(
            told(N_("{name} on {interface}"), name=called(network_object(network) or {}), interface=interface)
            for interface, network in networks.items()
        )
        days = monitor.settings.log.keep_days
        say(told(N_("WiFiGuard watches this laptop's networks. Ctrl-C ends it.")), bold=True)
        say(told(N_("  network  {names}"), names=names or translate(N_("none yet"))))
        traffic = listed(monitor.capture.status())
        if traffic:
            say(told(N_("  traffic  watched on {interfaces}"), interfaces=traffic))
        else:
            say(told(N_("  traffic  not watched")))
        kept = N_("  kept     findings only, for {days} days, on this machine: no page, no password, no list of sites")
        say(told(kept, days=days))
        say(told(N_("  narrow   [watch] in the settings file (`wifiguard config path`); `wifiguard mute` for less")))
        show_not_checked([_line(item) for item in monitor.not_checked()])
        say()

    def news(self, line: dict[str, Any]) -> None:
        """One finding as it happens."""
        over = line["state"] == "resolved"
        if over:
            self._found.pop(line["id"], None)
        else:
            self._found[line["id"]] = line
        if self._quiet or line["state"] in ("repeat", "suppressed"):
            return
        say(local(line["at"])[11:], fg="bright_black")
        if over:
            show_title(line)
        else:
            show_finding(line, verbose=self._verbose)

    def health(self, done: SourceDone) -> None:
        """A source began to work again or failed; before the header everything is said there."""
        if self._monitor is None:
            return
        if done.ok:
            say("         " + told(N_("{source} works"), source=translate(done.source)), fg="bright_black")
        else:
            mend = f" {translate(done.mend)}" if done.mend else ""
            why = told(
                N_("{source} can't be checked: {reason}."),
                source=translate(done.source),
                reason=translate(done.reason),
            )
            say(f"         {why}{mend}", fg="bright_black")

    def said(self, sentence: str) -> None:
        """Anything else."""
        say(translate(sentence))

    def ended(self) -> None:
        """The summary."""
        if self._quiet:
            return
        counts: dict[str, int] = {}
        for line in self._found.values():
            counts[line["severity"]] = counts.get(line["severity"], 0) + 1
        say()
        if self._monitor is not None:
            show_verdict({"verdict": str(self._monitor.pipeline.verdict().answer)})
        found = by_severity(counts) or translate(N_("nothing"))
        say(told(N_("Found in this session: {found}. `wifiguard log` shows all that was found."), found=found))


class Machine:
    """JSON Lines."""

    def __init__(self) -> None:
        self._monitor: Monitor | None = None

    def started(self, monitor: Monitor) -> None:
        """What could not be checked."""
        self._monitor = monitor
        for item in monitor.not_checked():
            write_line(_line(item))

    def news(self, line: dict[str, Any]) -> None:
        """One finding."""
        write_line(line)

    def health(self, done: SourceDone) -> None:
        """A failed source."""
        if self._monitor is not None and not done.ok:
            write_line(
                {"schema": 1, "type": "not_checked", "what": done.source, "reason": done.reason, "mend": done.mend}
            )

    def said(self, sentence: str) -> None:
        """Anything else."""
        click.echo(sentence, err=True)

    def ended(self) -> None:
        """Nothing more."""


def _line(item: Any) -> dict[str, Any]:
    from wifiguard.daemon.lines import not_checked_line

    return not_checked_line(item)
