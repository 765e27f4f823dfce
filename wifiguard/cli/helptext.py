"""What `--help` shows, in the reader's language and in lines that fit where characters fill two cells."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable

import click

from wifiguard.core.text import N_, cells, folded, padded
from wifiguard.daemon.language import translate

Translate = Callable[[str], str]
# What click puts into usage lines.
METAVARS = (N_("[OPTIONS]"), N_("COMMAND [ARGS]..."), N_("[COMMAND] [ARGS]..."))
# How commands end their help; its command is the same in every language.
EXAMPLE = N_("Example:  {command}")


def in_language(command: click.Command, translate: Translate) -> click.Command:
    """The command with the texts of its own, of its options and of its subcommands translated; `command` stays as it is."""
    told = copy.copy(command)
    told.context_class = Context
    told.help = "\n\n".join(map(translate, paragraphs(command.help or ""))) or None
    told.options_metavar = translate(command.options_metavar) if command.options_metavar else None
    told.epilog = translate(command.epilog) if command.epilog else None
    told.params = [_option(param, translate) for param in command.params]
    if isinstance(told, click.Group) and isinstance(command, click.Group):
        told.subcommand_metavar = translate(command.subcommand_metavar)
        told.commands = {name: in_language(inner, translate) for name, inner in command.commands.items()}
    return told


def _option(param: click.Parameter, translate: Translate) -> click.Parameter:
    if not isinstance(param, click.Option) or not param.help:
        return param
    told = copy.copy(param)
    told.help = translate(param.help)
    return told


def paragraphs(text: str) -> list[str]:
    """A docstring's paragraphs, each in one line: what is translated as a whole."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n") if part.strip()]


class Formatter(click.HelpFormatter):
    """click's own, but for its lines: click counts characters."""

    def write_heading(self, heading: str) -> None:
        self.write(" " * self.current_indent + translate(N_("{heading}:")).format(heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        parts = (" ".join(part.splitlines()) for part in text.split("\n\n"))
        lines = (folded(part, self.width, indent, indent) for part in parts)
        self.write("\n\n".join("\n".join(each) for each in lines) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        column = min(max((cells(term) for term, _ in rows), default=0), col_max) + col_spacing
        indent, under = " " * self.current_indent, " " * (self.current_indent + column)
        for term, text in rows:
            fits = cells(term) + col_spacing <= column
            first = indent + padded(term, column) if fits else under
            if not fits:
                self.write(f"{indent}{term}\n")
            # As click does it: two cells are left free at the end.
            lines = folded(text, self.width - 2 + self.current_indent, first, under)
            self.write("\n".join(lines) + "\n")


class Context(click.Context):
    """click's own, with our lines."""

    formatter_class = Formatter
