"""The plot of when things happened, and of which network was used when: SVG drawn here, with the same in numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from wifiguard.core.severity import Severity
from wifiguard.report.content import Content, counts, moment

# The drawing's own units; the page stretches it to its width, so it holds no text.
WIDTH, HEIGHT = 720, 132
BUCKETS = 30
WIDEST = 40.0
_HOUR, _DAY = 3600.0, 86_400.0
_LENGTHS = (
    _HOUR,
    2 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    _DAY,
    2 * _DAY,
    7 * _DAY,
    14 * _DAY,
    30 * _DAY,
    91 * _DAY,
    365 * _DAY,
)


class Bar(Struct, frozen=True):
    """One severity's part of a column."""

    severity: str
    x: float
    y: float
    width: float
    height: float


class Column(Struct, frozen=True):
    """One stretch of time: its beginning as the reader's date, what was found by severity, and the bars that show it."""

    begins: datetime
    label: str
    counts: dict[str, int]
    bars: tuple[Bar, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Timeline(Struct, frozen=True):
    """`scale`: what the lines of `grid` stand for, the highest first. `ticks`: dates along the time, evenly apart."""

    columns: tuple[Column, ...]
    scale: tuple[int, ...]
    grid: tuple[float, ...]
    ticks: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT


class Lane(Struct, frozen=True):
    """When a network was seen, as a part of the whole time, both in percent."""

    begins: float
    length: float


def timeline(content: Content) -> Timeline:
    """Columns of equal length over the whole time; every finding counts where it was seen last."""
    span = max(content.until - content.since, _HOUR)
    length = next((length for length in _LENGTHS if span / length <= BUCKETS), _LENGTHS[-1])
    number = max(1, min(BUCKETS, -int(-span // length)))
    begin = content.until - number * length
    buckets: list[list[object]] = [[] for _ in range(number)]
    for line in content.findings:
        at = moment(line["last_seen"]).timestamp()
        buckets[max(0, min(number - 1, int((at - begin) // length)))].append(line)
    told = [counts(bucket) for bucket in buckets]  # type: ignore[arg-type]
    top = _round_up(max((sum(count.values()) for count in told), default=0))
    width = WIDTH / number
    columns = []
    for index, count in enumerate(told):
        begins = content.local(datetime.fromtimestamp(begin + index * length, UTC))
        columns.append(Column(begins, _label(begins, length), count, _bars(count, index * width, width, top)))
    ticks = tuple(
        _tick(content.local(datetime.fromtimestamp(begin + (content.until - begin) * part / 4, UTC)), length)
        for part in range(5)
    )
    return Timeline(tuple(columns), (top, top // 2, 0), (1, HEIGHT / 2, HEIGHT - 1), ticks)


def lane(first: datetime, last: datetime, content: Content) -> Lane:
    """Where a network lies on the strip; at least wide enough to be seen."""
    span = max(content.until - content.since, 1.0)
    begins = min(max((first.timestamp() - content.since) / span * 100, 0.0), 99.0)
    ends = min(max((last.timestamp() - content.since) / span * 100, 0.0), 100.0)
    return Lane(round(begins, 2), round(min(max(ends - begins, 1.0), 100.0 - begins), 2))


def _bars(count: dict[str, int], x: float, width: float, top: int) -> tuple[Bar, ...]:
    bars = []
    bar = min(width * 0.76, WIDEST)
    y = float(HEIGHT)
    for severity in map(str, sorted(Severity, reverse=True)):
        if count[severity]:
            height = max(2.0, HEIGHT * count[severity] / top)
            y -= height
            bars.append(Bar(severity, round(x + (width - bar) / 2, 1), round(y, 1), round(bar, 1), round(height, 1)))
    return tuple(bars)


def _round_up(number: int) -> int:
    """The next even number of one significant figure: grid lines at the half are whole numbers."""
    for step in (2, 4, 10, 20, 50):
        if number <= step:
            return step
    size: int = 10 ** (len(str(number)) - 1)
    top = -(-number // size) * size
    return top if top % 2 == 0 else top + size


def _label(begins: datetime, length: float) -> str:
    return begins.strftime("%Y-%m-%d %H:%M" if length < _DAY else "%Y-%m-%d")


def _tick(begins: datetime, length: float) -> str:
    return begins.strftime("%H:%M" if length < 6 * _HOUR else "%m-%d")


def rows(made: Timeline) -> Sequence[Column]:
    """The columns in which something was found, for the table that says the same."""
    return [column for column in made.columns if column.total]
