"""Durations and days as people write them: 90m, 12h, 7d; 2027-01-10."""

from __future__ import annotations

import re
from datetime import date

import click

from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Duration(click.ParamType[float]):
    """Seconds from a number and a unit."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        match = re.fullmatch(r"(\d{1,6})([smhdw])", str(value).strip().lower())
        if match is None:
            text = translate(N_("{text} is no duration: write 90m, 12h, 7d or 2w"))
            self.fail(text.format(text=ascii(str(value)[:40])), param, ctx)
        return float(int(match[1]) * _UNITS[match[2]])


class Day(click.ParamType[date]):
    """A day of the calendar."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            text = translate(N_("{text} is no date: write it as 2027-01-10"))
            self.fail(text.format(text=ascii(str(value)[:40])), param, ctx)


DURATION = Duration()
DAY = Day()
