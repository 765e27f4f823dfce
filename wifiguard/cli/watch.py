"""`wifiguard watch`."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from wifiguard.cli.book import failed, service
from wifiguard.cli.people import ANSWERS, COLOURS, called, in_words, listed, local, told
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

Line = Mapping[str, Any]
# Seconds of traffic that the sparkline shows, and how they are drawn.
HISTORY = 60
BLOCKS = " ▁▂▃▄▅▆▇█"
NOT_RUNNING = N_("The monitor is not running, so there is nothing to watch. Start it: `wifiguard run`.")


@click.command(epilog="Example:  wifiguard watch")
@click.option(
    "--every",
    type=click.FloatRange(0.2, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@click.option("--once", is_flag=True, help="Show it once and end.")
def command(every: float, once: bool) -> None:
    """Look at the live state: network, traffic, findings.

    It asks the running monitor; Ctrl-C ends it.
    """
    from rich.console import Console
    from rich.live import Live

    page = Page()
    console = Console()
    try:
        page.take(_status())
        if once or not console.is_terminal:
            console.print(page.drawn())
            return
        with Live(page.drawn(), console=console, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(every)
                page.take(_status())
                live.update(page.drawn(), refresh=True)
    except KeyboardInterrupt:
        sys.exit(130)


def _status() -> Line:
    answer = service("status")
    if answer is None:
        raise failed(told(NOT_RUNNING))
    return answer[0]


class Page:
    """What is drawn: the newest status, and how many packets there were in each of the last seconds."""

    def __init__(self) -> None:
        self._status: Line = {}
        self._packets: deque[int] = deque(maxlen=HISTORY)
        self._total: int | None = None

    def take(self, status: Line) -> None:
        """A newer status."""
        total = sum(int(figures["packets"]) for figures in status["traffic"].values())
        if self._total is not None:
            # A capture that began again counts from nothing.
            self._packets.append(max(0, total - self._total))
        self._total = total
        self._status = status

    def drawn(self) -> Group:
        """The whole page, for rich."""
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        status = self._status
        colour, sentence = ANSWERS[str(status["verdict"])]
        answer = Text(translate(sentence), style=f"bold {colour}")
        for reason in status["because"]:
            answer.append(f"\n{translate(reason)}", style="default not bold")
        parts: list[RenderableType] = [Panel(answer, border_style=colour), self._networks(), self._traffic()]
        parts.append(self._problems(status["problems"]))
        if status["not_checked"]:
            unchecked = "\n".join(
                told(N_("{what}: {reason}"), what=translate(item["what"]), reason=translate(item["reason"]))
                for item in status["not_checked"]
            )
            parts.append(
                Panel(Text(unchecked, style="bright_black"), title=told(N_("Could not be checked")), title_align="left")
            )
        return Group(*parts)

    def _networks(self) -> Table:
        from rich.text import Text

        table = _table(N_("Network"), N_("On"), N_("Protection"), N_("Trust"))
        for network in self._status["networks"]:
            trusted = N_("trusted by you") if network["trusted"] else N_("not trusted")
            table.add_row(
                Text(called(network)),
                Text(network["interface"]),
                translate(network["security"] or ""),
                translate(trusted),
            )
        if not self._status["networks"]:
            table.add_row(told(N_("none that WiFiGuard can tell")), "", "", "")
        return table

    def _traffic(self) -> Table:
        table = _table(N_("Traffic"), N_("Packets"), N_("The last minute"))
        figures = self._status["traffic"]
        names = listed(figures) or told(N_("not watched"))
        total = sum(int(count["packets"]) for count in figures.values())
        table.add_row(names, str(total), spark(self._packets))
        kinds = "  ".join(f"{name} {count}" for name, count in list(self._status.get("protocols", {}).items())[:12])
        if kinds:
            table.add_row("", "", kinds)
        return table

    def _problems(self, problems: Iterable[Line]) -> Table:
        from rich.text import Text

        table = _table(N_("Severity"), N_("Open problems"), N_("Last seen"))
        empty = True
        for problem in problems:
            empty = False
            severity = str(problem["severity"])
            count = f" ×{problem['count']}" if problem["count"] > 1 else ""
            muted = told(N_(" (muted)")) if problem["state"] == "suppressed" else ""
            table.add_row(
                Text(translate(severity), style=COLOURS[severity]),
                Text(in_words(problem).title + count + muted),
                local(str(problem["last_seen"]))[11:],
            )
        if empty:
            table.add_row("", told(N_("none")), "")
        return table


def spark(counts: Iterable[int]) -> str:
    """Numbers as a row of blocks, the highest the tallest."""
    numbers = list(counts)
    top = max(numbers, default=0)
    return "".join(BLOCKS[-(-number * (len(BLOCKS) - 1) // top) if top else 0] for number in numbers)


def _table(*headings: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
    for heading in headings:
        table.add_column(translate(heading), overflow="fold")
    return table
