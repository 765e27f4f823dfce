"""`wifiguard replay`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from wifiguard.cli.book import failed
from wifiguard.cli.output import write_line
from wifiguard.cli.people import (
    by_severity,
    counted,
    listed,
    say,
    show_finding,
    show_not_checked,
    show_verdict,
    told,
    wrapped,
)
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

STANDARD_INPUT = "-"
# Said instead of a position: the whole file was read.
WHOLE = -1
# What is loaded stays, and flows come and go by their own bounds: there is little garbage to look for.
GARBAGE = (20_000, 20, 100)
Progress = Callable[[str, int], None]
SEVERITIES = ("info", "low", "medium", "high", "critical", "never")


@click.command(epilog="Example:  wifiguard replay --json trip.pcapng")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--frames", is_flag=True, help="Read every packet, so that findings carry true frame numbers; slower.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 64), default=1, show_default=True, help="Share the files among processes."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="high",
    show_default=True,
    help="Exit with 1 when a finding is this bad or worse.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="Show the evidence of every finding.")
def command(files: tuple[str, ...], frames: bool, jobs: int, fail_on: str, as_json: bool, verbose: bool) -> None:
    """Run the rules over capture files.

    Takes pcap and pcapng, also gzip-compressed; "-" is standard input. Every file is a world of its own; nothing is written to
    the log. Exit status: 1 findings at or above --fail-on, 2 a named file does not exist or none could be read, 3 a file could
    not be read to its end.
    """
    import gc
    import time

    gc.set_threshold(*GARBAGE)
    from wifiguard.core.severity import Severity
    from wifiguard.daemon.config import ConfigError, load
    from wifiguard.daemon.lines import summary_line
    from wifiguard.daemon.places import Places
    from wifiguard.daemon.replay import replay_files
    from wifiguard.daemon.rulebook import Rulebook

    try:
        book = Rulebook(load(*Places.mine().configs))
    except ConfigError as error:
        raise failed(str(error)) from error
    began = time.monotonic()
    problems: dict[tuple[str, str], str] = {}
    packets = unread = unfinished = not_checked = 0
    with _bar(files) if not as_json and sys.stderr.isatty() else _nothing() as progress:
        lines: Iterator[dict[str, Any]] = replay_files(
            files, book.detectors, book.line, frames=frames, jobs=jobs, progress=progress
        )
        for line in lines:
            match line["type"]:
                case "finding":
                    if line["state"] != "resolved":
                        problems[line["file"], line["id"]] = line["severity"]
                case "not_checked":
                    not_checked += 1
                case "capture":
                    packets += line["packets"]
                    unread += line["error"] is not None and line["packets"] == 0
                    unfinished += line["error"] is not None
                    progress(line["file"], WHOLE)
            if as_json:
                write_line(line)
            else:
                _show(line, verbose=verbose)
    worst = [Severity.parse(severity) for severity in problems.values()]
    summary = summary_line(book.verdict(worst), worst, not_checked + unfinished, time.monotonic() - began, packets)
    if as_json:
        write_line(summary)
    else:
        _end(summary, len(files))
    missing = any(file != STANDARD_INPUT and not Path(file).exists() for file in files)
    if missing or unread == len(files):
        sys.exit(2)
    if fail_on != "never" and any(severity >= Severity.parse(fail_on) for severity in worst):
        sys.exit(1)
    sys.exit(3 if unfinished or not_checked else 0)


def _show(line: dict[str, Any], *, verbose: bool) -> None:
    match line["type"]:
        case "finding":
            show_finding(line, verbose=verbose)
        case "network" if verbose:
            text = told(
                N_("network in the air: {name} ({security})"), name=line["ssid"], security=translate(line["security"])
            )
            say("         " + text, fg="bright_black")
        case "not_checked":
            show_not_checked([line])
        case "capture":
            protocols = listed(f"{name} {number}" for name, number in line["protocols"].items())
            said = counted(
                N_("{file}: {count} packet; {protocols}"),
                N_("{file}: {count} packets; {protocols}"),
                line["packets"],
                file=line["file"],
                protocols=protocols or told(N_("nothing that is read")),
            )
            for part in wrapped(said, "", "  "):
                say(part, bold=True)
            if line["error"]:
                for part in wrapped(
                    told(N_("not read to its end: {reason}"), reason=translate(line["error"])), "  ", "  "
                ):
                    say(part, fg="yellow")
        case _:
            pass


def _end(summary: dict[str, Any], files: int) -> None:
    say()
    show_verdict(summary)
    read = counted(
        N_("{count} file, {packets} packets, {seconds} s"),
        N_("{count} files, {packets} packets, {seconds} s"),
        files,
        packets=summary["packets"],
        seconds=f"{summary['seconds']:.1f}",
    )
    found = by_severity(summary["findings"]) or told(N_("no findings"))
    say(told(N_("{what}: {reason}"), what=read, reason=found))


@contextmanager
def _nothing() -> Iterator[Progress]:
    yield lambda path, position: None


@contextmanager
def _bar(files: tuple[str, ...]) -> Iterator[Progress]:
    """A bar on the terminal that is told how many bytes of which file were read."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    sizes = {file: _size(file) for file in files}
    done: dict[str, int] = {}
    columns = (TextColumn(told(N_("Reading"))), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    # What goes to a file or a pipe must not be drawn around the bar.
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task("files", total=sum(sizes.values()) or None)

        def reached(path: str, position: int) -> None:
            position = sizes[path] if position == WHOLE else min(position, sizes[path])
            bar.advance(task, position - done.get(path, 0))
            done[path] = position

        yield reached


def _size(file: str) -> int:
    """Bytes of a file, 0 of what has no size that is known."""
    try:
        return Path(file).stat().st_size if file != STANDARD_INPUT else 0
    except OSError:
        return 0
