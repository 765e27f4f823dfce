"""`wifiguard scan`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from wifiguard.cli.book import failed
from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, show_finding, show_not_checked, show_verdict

if TYPE_CHECKING:
    from wifiguard.daemon.scan import Scan

SEVERITIES = ("info", "low", "medium", "high", "critical", "never")
STEPS = {"interfaces": "interfaces", "wifi": "Wi-Fi", "traffic": "traffic", "done": "done"}


@click.command(epilog="Example:  sudo wifiguard scan --seconds 10")
@click.option("--quick", is_flag=True, help="Two seconds at most: no traffic, no active probe.")
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=6.0, show_default=True, help="How long to watch traffic."
)
@click.option("--interface", "-i", "interfaces", multiple=True, metavar="NAME", help="Only this interface; repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="high",
    show_default=True,
    help="Exit with 1 when a finding is this bad or worse.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="Show the evidence of every finding.")
def command(
    quick: bool, seconds: float, interfaces: tuple[str, ...], fail_on: str, as_json: bool, verbose: bool
) -> None:
    """Check everything now, and answer: safe to bank here?

    Exit status: 1 findings at or above --fail-on, 3 something could not be checked, 0 otherwise. It writes nothing to the log.
    """
    import asyncio
    import dataclasses

    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.lines import network_line, not_checked_line, summary_line
    from wifiguard.daemon.places import Places
    from wifiguard.daemon.scan import scan
    from wifiguard.store import Store
    from wifiguard.store.errors import StoreError

    places = Places.mine()
    store = None
    try:
        settings = load(places.config)
        if interfaces:
            settings = dataclasses.replace(settings, watch=dataclasses.replace(settings.watch, interfaces=interfaces))
        if places.database.exists():
            import time

            store = Store.open(places.database, read_only=True, now=time.time())
        with _bar() if not as_json and sys.stderr.isatty() else nullcontext(_nothing) as progress:
            result = asyncio.run(
                scan(
                    settings,
                    store,
                    seconds=seconds,
                    quick=quick,
                    news=(lambda decision, monitor: write_line(monitor.book.line(decision)))
                    if as_json
                    else lambda *_: None,
                    progress=progress,
                )
            )
    except (ConfigError, StoreError) as error:
        raise failed(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        if store is not None:
            store.close()
    if as_json:
        for network in result.networks.values():
            write_line(network_line(network))
        for item in result.not_checked:
            write_line(not_checked_line(item))
        count = len(result.not_checked)
        write_line(
            summary_line(
                result.verdict,
                [p.severity for p in result.problems],
                count,
                result.seconds,
                result.packets,
                result.dropped,
            )
        )
    else:
        _show(result, verbose=verbose)
    sys.exit(_status(result, fail_on))


def _status(result: Scan, fail_on: str) -> int:
    from wifiguard.core.severity import Severity

    if fail_on != "never" and any(not p.muted and p.severity >= Severity.parse(fail_on) for p in result.problems):
        return 1
    return 3 if result.not_checked else 0


def _show(result: Scan, *, verbose: bool) -> None:
    from wifiguard.daemon.desk import because
    from wifiguard.daemon.lines import finding_line, not_checked_line, state_of
    from wifiguard.rules import rule_files

    rules = {id: file.rule for id, file in rule_files().items()}
    show_verdict({"verdict": str(result.verdict.answer), "because": because(rules, result.verdict)})
    say()
    for interface, network in result.networks.items():
        trusted = "trusted by you" if network.trusted else "not trusted"
        protection = f", {network.security}" if network.security else ""
        say(f"Network   {network.name} on {interface}{protection}, {trusted}")
    if not result.networks:
        say("Network   none that WiFiGuard can tell")
    say(
        f"Traffic   {result.packets} packets looked at in {result.seconds:.0f} s"
        if result.packets
        else "Traffic   none seen"
    )
    if result.problems:
        say()
    for problem in result.problems:
        line = finding_line(rules.get(problem.rule), problem, state_of(problem), problem.last_seen)
        show_finding(line, verbose=verbose)
    show_not_checked([not_checked_line(item) for item in result.not_checked])


def _nothing(step: str, part: float) -> None:
    pass


class _bar:  # noqa: N801 - used as a context manager only
    """A progress bar on stderr, gone when the scan is done."""

    def __enter__(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("Checking {task.description:12}"), BarColumn(), console=console, transient=True
        )
        self._progress.start()
        task = self._progress.add_task("interfaces", total=1.0)
        return lambda step, part: self._progress.update(task, description=STEPS.get(step, step), completed=part)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
