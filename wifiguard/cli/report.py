"""`wifiguard report`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from wifiguard.cli.book import failed, request, service
from wifiguard.cli.duration import DURATION
from wifiguard.cli.people import called, in_words, say, told
from wifiguard.core.text import N_
from wifiguard.core.wording import label, spoken
from wifiguard.daemon.language import translate

Line = dict[str, Any]
MONTH = 30 * 86_400.0
# More findings than these make a page that nobody reads; the newest are on it.
MOST = 20_000


@click.command(epilog="Example:  wifiguard report --since 7d --open")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), required=False)
@click.option(
    "--since",
    type=DURATION,
    default=MONTH,
    metavar="AGE",
    help="Only what was seen within this time: 12h, 7d. [default: 30d]",
)
@click.option("--open", "open_it", is_flag=True, help="Show it in the web browser.")
@click.option("--finding", metavar="ID", help="With --open: show this finding.")
def command(file: Path | None, since: float, open_it: bool, finding: str | None) -> None:
    """Write a page about what was found.

    One HTML FILE (default: wifiguard-report-DATE.html here; - for standard output) that loads nothing and runs no script.
    """
    if finding is not None and not open_it:
        raise click.UsageError(told(N_("--finding is for showing it: give --open as well.")))
    now = time.time()
    page = made(now - since, now)
    if file is not None and str(file) == "-":
        sys.stdout.write(page)
        return
    path = file or Path(time.strftime("wifiguard-report-%Y-%m-%d.html"))
    write(path, page)
    say(
        told(
            N_("{path}: {size} KiB. It names your networks: keep it as carefully as a diary."),
            path=path,
            size=len(page) // 1024 + 1,
        )
    )
    if open_it:
        show(path, finding)


def made(since: float, until: float) -> str:
    """The page over a stretch of time, from the service or the log."""
    from wifiguard.daemon.language import language

    status = (service("status") or [{}])[0]
    lines = request("log", since=since, limit=MOST)
    networks = [
        line for line in request("networks") if not line.get("last_seen") or _seconds(line["last_seen"]) >= since
    ]
    return page(
        answer=str(status.get("verdict", "unknown")),
        because=status.get("because", []),
        findings=lines,
        networks=networks,
        not_checked=status.get("not_checked"),
        since=since,
        until=until,
        language=language(),
    )


def page(
    *,
    because: list[str],
    findings: list[Line],
    networks: list[Line],
    not_checked: list[Line] | None,
    language: str,
    **content: Any,
) -> str:
    """The page of these lines, in the reader's language."""
    from wifiguard.report import Content, render

    made = Content(
        because=list(map(translate, because)),
        findings=list(map(_worded, findings)),
        networks=[{**network, "name": called(network)} for network in networks],
        not_checked=None if not_checked is None else list(map(_unchecked, not_checked)),
        **content,
    )
    return render(made, translate, language)


def _worded(line: Line) -> Line:
    said = in_words(line)
    network = line["network"] and {**line["network"], "name": called(line["network"])}
    evidence = {label(key, translate): _value(key, value) for key, value in line["evidence"].items()}
    told = {"title": said.title, "why": said.why, "advice": said.advice, "evidence": evidence}
    return {**line, **told, "network": network}


def _value(field: str, value: object) -> object:
    """Names and words as one text; what has a form of its own (yes or no, a table) as it is."""
    words = isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    return spoken(field, value, translate) if words else value


def _unchecked(item: Line) -> Line:
    return {**item, **{key: translate(str(item[key])) for key in ("what", "reason", "mend") if item.get(key)}}


def write(path: Path, page: str) -> None:
    """Write the page so that only its owner reads it. Raises click.ClickException."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(page)
    except OSError as error:
        raise failed(told(N_("{path} cannot be written: {reason}"), path=path, reason=error.strerror)) from error


def show(path: Path, finding: str | None = None) -> None:
    """Ask the desktop to show the page, at the finding with this id; says where it is when there is none."""
    opener = shutil.which("xdg-open")
    if opener is None or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        say(told(N_("There is no desktop here to show it; open {path} in a browser."), path=path.absolute()))
        return
    address = path.absolute().as_uri() + (f"#f-{quote(finding)}" if finding else "")
    subprocess.Popen([opener, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _seconds(instant: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(instant).timestamp()
