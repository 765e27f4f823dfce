"""`wifiguard scan`."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import structs

from wifiguard.cli.book import failed, service
from wifiguard.cli.output import write_line
from wifiguard.cli.people import counted, listed, say, show_finding, show_network, show_not_checked, show_verdict, told
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate
from wifiguard.daemon.places import Places
from wifiguard.rules import rule_files

if TYPE_CHECKING:
    from wifiguard.daemon.scan import Scan

SEVERITIES = ("info", "low", "medium", "high", "critical", "never")
STEPS = {"wifi": N_("Wi-Fi"), "vpn": N_("VPN")}
LAST = "last"
# Cells for what is checked, before the bar.
BAR = 25
# The one command that comes next, where it is not to read more about it.
NEXT = {
    "unknown-wifi": "wifiguard trust",
    "firewall-off": "sudo ufw enable",
    "forwards-traffic": "sudo sysctl net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0",
    "promiscuous-interface": "sudo ss -0 -p",
    "open-network-autojoin": "wifiguard profiles fix",
    "enterprise-wifi-unverified": "wifiguard profiles",
    "hidden-network-profile": "wifiguard profiles",
    "proxy-configured": "wifiguard mute proxy-configured",
}
# What root can always read, and a service with few rights may not.
WITH_ROOT = frozenset({"firewall"})
MORE_WITH_ROOT = N_(
    "As root this would also look at traffic, firewall rules and other users' programs: sudo wifiguard scan"
)


@click.command(epilog="Example:  sudo wifiguard scan --seconds 10")
@click.option("--quick", is_flag=True, help="Two seconds at most: no traffic, no active probe.")
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=6.0, show_default=True, help="How long to watch traffic."
)
@click.option("--interface", "-i", "interfaces", multiple=True, metavar="NAME", help="Only this interface; repeatable.")
@click.option("--only", multiple=True, metavar="RULE", help="Judge by this rule alone; repeatable.")
@click.option(
    "--against", metavar="LAST", help="What is new or gone since the scan before: last, or a file that --json wrote."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="high",
    show_default=True,
    help="Exit with 1 when a finding is this bad or worse.",
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also write it as a page."
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="Show the evidence of every finding.")
def command(
    quick: bool,
    seconds: float,
    interfaces: tuple[str, ...],
    only: tuple[str, ...],
    against: str | None,
    fail_on: str,
    html: Path | None,
    as_json: bool,
    verbose: bool,
) -> None:
    """Check everything now, and answer: safe to bank here?

    Where the monitor runs it is asked, else this looks for itself. It writes nothing to the log.

    Exit status: 1 findings at or above --fail-on, 3 something that was asked for could not be checked, 0 otherwise.
    """
    unknown = [rule for rule in only if rule not in rule_files()]
    if unknown:
        raise failed(told(N_("no rule is called {rule}; `wifiguard explain` lists them"), rule=ascii(unknown[0])))
    present = [name for _, name in socket.if_nameindex()]
    for name in interfaces:
        if name not in present:
            sentence = N_("there is no interface {name}; there are {names}")
            raise failed(told(sentence, name=ascii(name), names=listed(present)))
    places = Places.mine()
    before = _before(places, against)
    began = time.time()
    stream = as_json and before is None
    with _bar() if not as_json and sys.stderr.isatty() else nullcontext(_nothing) as progress:
        result = None if interfaces else _asked(frozenset(only), progress)
        streamed = stream and result is None
        if result is None:
            result = _looked(places, seconds, quick, interfaces, frozenset(only), streamed, progress)
    if not only and not interfaces:
        _keep(places, result)
    if before is not None:
        from wifiguard.daemon.lastscan import compared

        chosen = {id: line for id, line in before.items() if not only or line["rule"] in only}
        result = structs.replace(result, findings=tuple(map(dict, compared(result.findings, chosen))))
    if as_json:
        _write(result, findings=not streamed)
    else:
        _show(result, verbose=verbose, compared=before is not None)
    if html is not None:
        _page(result, html, began, quiet=as_json)
    sys.exit(_status(result, fail_on))


def _asked(only: frozenset[str], progress: Any) -> Scan | None:
    """The running service's state after a fresh look; None where no service runs, or one that sees less than we can."""
    from wifiguard.daemon.scan import of_service

    progress(N_("the monitor"), 0.3)
    began = time.monotonic()
    answer = service("look")
    if answer is None:
        return None
    missing = {item["what"] for item in answer[0]["not_checked"]}
    if os.geteuid() == 0 and missing & WITH_ROOT:
        # The service has fewer rights than we have: what it could not see, we can.
        return None
    progress(N_("done"), 1.0)
    return of_service(answer[0], time.monotonic() - began, only)


def _looked(
    places: Places,
    seconds: float,
    quick: bool,
    interfaces: tuple[str, ...],
    only: frozenset[str],
    stream: bool,
    progress: Any,
) -> Scan:
    import asyncio

    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.scan import scan
    from wifiguard.store import Store
    from wifiguard.store.errors import StoreError

    store = None
    try:
        settings = load(*places.configs)
        if interfaces:
            settings = structs.replace(settings, watch=structs.replace(settings.watch, interfaces=interfaces))
        if places.database.exists():
            store = Store.open(places.database, read_only=True, now=time.time())
        news = (lambda decision, monitor: write_line(monitor.book.line(decision))) if stream else (lambda *_: None)
        return asyncio.run(scan(settings, store, seconds=seconds, quick=quick, only=only, news=news, progress=progress))
    except (ConfigError, StoreError) as error:
        raise failed(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        if store is not None:
            store.close()


def _before(places: Places, against: str | None) -> dict[str, Any] | None:
    """The findings of the scan to compare with; None where none is asked for."""
    if against is None:
        return None
    from wifiguard.daemon.lastscan import NAME, Unreadable, earlier

    try:
        return dict(earlier(places.state / NAME if against.lower() == LAST else Path(against)))
    except Unreadable as error:
        raise failed(str(error)) from error


def _keep(places: Places, result: Scan) -> None:
    from wifiguard.daemon.lastscan import keep

    try:
        keep(places.state, result.findings)
    except OSError as error:
        sentence = N_("This scan cannot be compared with later ones: {folder}: {reason}")
        say(told(sentence, folder=places.state, reason=error.strerror), err=True)


def _status(result: Scan, fail_on: str) -> int:
    from wifiguard.core.severity import Severity

    if fail_on != "never":
        least = Severity.parse(fail_on)
        counted = (line for line in result.findings if line["state"] not in ("suppressed", "resolved"))
        if any(Severity.parse(str(line["severity"])) >= least for line in counted):
            return 1
    return 3 if result.missing else 0


def _write(result: Scan, *, findings: bool) -> None:
    from wifiguard.core.severity import Severity
    from wifiguard.daemon.lines import summary_line

    for line in (*(result.findings if findings else ()), *result.networks, *result.not_checked):
        write_line(line)
    severities = [Severity.parse(str(line["severity"])) for line in result.findings if line["state"] != "resolved"]
    count = len(result.not_checked)
    write_line(summary_line(result.answer, severities, count, result.seconds, result.packets, result.dropped))


def _show(result: Scan, *, verbose: bool, compared: bool) -> None:
    show_verdict({"verdict": result.answer, "because": list(result.because)})
    say()
    for network in result.networks:
        show_network({**network, "name": network["ssid"]}, verbose=verbose)
    if not result.networks:
        say(told(N_("Network   none that WiFiGuard can tell")))
    if not result.packets:
        say(told(N_("Traffic   none seen")))
    elif result.by_service:
        say(told(N_("Traffic   {count} packets looked at since the monitor started"), count=result.packets))
    else:
        say(
            counted(
                N_("Traffic   {count} packet looked at in {seconds} s"),
                N_("Traffic   {count} packets looked at in {seconds} s"),
                result.packets,
                seconds=round(result.seconds),
            )
        )
    if result.by_service:
        say(told(N_("Source    the running monitor, after a fresh look")))
    if result.findings:
        say()
    for line in result.findings:
        if compared and line["state"] == "new":
            say(told(N_("NEW")), bold=True)
        show_finding(line if line["state"] != "repeat" else {**line, "count": 1}, verbose=verbose)
        if line["state"] != "resolved":
            rule = str(line["rule"])
            following = NEXT.get(rule, f"wifiguard explain {rule}")
            say("         " + told(N_("next: {command}"), command=following), fg="bright_black")
    if compared and not any(line["state"] in ("new", "resolved") for line in result.findings):
        say(told(N_("Nothing is new and nothing is gone since the scan before.")))
    show_not_checked(list(result.not_checked))
    if not result.by_service and os.geteuid() != 0:
        say()
        say(told(MORE_WITH_ROOT), fg="bright_black")


def _page(result: Scan, path: Path, began: float, *, quiet: bool) -> None:
    from wifiguard.cli.report import page, write
    from wifiguard.daemon.language import language

    write(
        path,
        page(
            answer=result.answer,
            because=list(result.because),
            findings=[line for line in result.findings if line["state"] != "resolved"],
            networks=[{**network, "name": network["ssid"]} for network in result.networks],
            not_checked=list(result.not_checked),
            since=began,
            until=time.time(),
            scan=True,
            language=language(),
        ),
    )
    if not quiet:
        say()
        say(told(N_("Written to {path}."), path=path))


def _nothing(step: str, part: float) -> None:
    pass


def _checking(step: str) -> str:
    return told(N_("Checking {step}"), step=translate(STEPS.get(step, step)))


class _bar:  # noqa: N801 - used as a context manager only
    """A progress bar on stderr, gone when the scan is done."""

    def __enter__(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        console = Console(stderr=True)
        text = TextColumn("{task.description}", table_column=Column(width=BAR, no_wrap=True))
        self._progress = Progress(text, BarColumn(), console=console, transient=True)
        self._progress.start()
        task = self._progress.add_task(_checking("interfaces"), total=1.0)
        return lambda step, part: self._progress.update(task, description=_checking(step), completed=part)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
