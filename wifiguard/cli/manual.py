"""The manual page (man(7) macros) and the shells' completion, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import click
from click.shell_completion import get_completion_class

from wifiguard.cli.group import GROUPS, SETTINGS, Commands

_FILES = (
    ("/etc/wifiguard/wifiguard.toml", "Settings of the system's service. No file is needed."),
    ("~/.config/wifiguard/wifiguard.toml", "Settings of a monitor, a scan or an agent that a user starts."),
    ("/var/lib/wifiguard/wifiguard.db", "The log of the system's service."),
    ("/run/wifiguard/control.sock", "Where the service answers the other commands."),
)
_STATUS = (
    ("0", "Nothing at or above --fail-on was found."),
    ("1", "Something was."),
    ("2", "Wrong usage, settings or input file."),
    ("3", "Something asked for could not be checked, or the monitor is not running."),
    ("130", "Interrupted."),
)


def manual_page() -> str:
    """wifiguard(1)."""
    program = Commands(name="wifiguard")
    out = [
        f'.TH WIFIGUARD 1 "" "wifiguard {version("wifiguard")}" "User Commands"',
        ".SH NAME",
        "wifiguard \\- says when it is not safe to bank on this network",
        ".SH SYNOPSIS",
        ".B wifiguard",
        ".I COMMAND",
        "[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        _roff(program.help or ""),
    ]
    for title, commands in GROUPS.items():
        out.append(f'.SH "{_roff(title.upper())}"')
        for name in commands:
            out += _command(program, name)
    out.append(".SH EXIT STATUS")
    out += _table(_STATUS)
    out.append(".SH FILES")
    out += _table(_FILES)
    return "\n".join(out) + "\n"


def completion(shell: str) -> str:
    """What `shell` (bash, zsh, fish) is to read to complete our commands."""
    kind = get_completion_class(shell)
    assert kind is not None, f"click completes for {shell}"
    made = kind(Commands(name="wifiguard"), {}, "wifiguard", "_WIFIGUARD_COMPLETE")
    # Not source(): it runs the shell to see its version, which is not that of the machine this is read on.
    return made.source_template % made.source_vars()


def _command(group: click.Group, name: str, path: str = "") -> Iterator[str]:
    context = click.Context(group, info_name="wifiguard", **SETTINGS)
    command = group.get_command(context, name)
    assert command is not None
    inner = click.Context(command, info_name=name, parent=context)
    usage = " ".join(word for word in command.collect_usage_pieces(inner) if word != "[OPTIONS]")
    yield f'.SS "{_roff(f"{path}{name} {usage}".strip())}"'
    for paragraph in (command.help or "").replace("\b\n", "").split("\n\n"):
        yield from (".PP", _roff(" ".join(paragraph.split())))
    rows = [row for parameter in command.get_params(inner) if (row := parameter.get_help_record(inner)) is not None]
    yield from _table((option, text) for option, text in rows if not option.startswith("-h"))
    if command.epilog:
        yield from (".PP", _roff(command.epilog))
    if isinstance(command, click.Group):
        for sub in command.list_commands(inner):
            yield from _command(command, sub, f"{path}{name} ")


def _table(rows: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", f".B {_roff(term)}", _roff(" ".join(text.split())))


def _roff(text: str) -> str:
    """Text that no macro and no escape begins in."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in text.splitlines())
