"""The table of commands, grouped as `--help` shows them, each loaded when it is called."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import click

# Group → command → the first line of its help. A test keeps the lines in step with the commands' own.
GROUPS: dict[str, dict[str, str]] = {
    "Every day": {
        "status": "Is it safe to bank here? The network, open problems, what can't be checked.",
        "scan": "Check everything now, and answer: safe to bank here?",
        "log": "Review what was found.",
        "watch": "Look at the live state: network, traffic, findings.",
        "report": "Write a page about what was found.",
        "check": "Is this link the bank or shop it looks like? Nothing is sent.",
    },
    "Networks": {
        "networks": "List the known networks and those you trust.",
        "trust": "Trust the present network, or one by name.",
        "distrust": "No longer trust a network.",
        "forget": "Forget a network and what was learned of it.",
        "profiles": "List saved Wi-Fi profiles that put you at risk.",
    },
    "Quiet": {
        "mute": "Keep quiet about a rule, a finding or a network.",
        "unmute": "Speak again about what was muted.",
        "explain": "What a rule means, why it matters, what to do.",
    },
    "Captures": {
        "replay": "Run the rules over capture files.",
    },
    "Service": {
        "run": "Watch, in the foreground.",
        "agent": "Show the monitor's findings on this desktop.",
        "doctor": "What is installed, permitted, missing, and what mends it.",
        "selftest": "Try every rule, the log and the notification path on this machine.",
        "config": "Show or check the settings.",
        "service": "Install, remove or restart the service that watches in the background.",
    },
    "Your data": {
        "privacy": "What is kept, why and for how long.",
        "erase": "Erase what is kept, so that no file holds it any more.",
    },
}
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


class Commands(click.Group):
    """The top-level command."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            help="Watches this laptop's networks and says, in plain words, when it is not safe to bank here.",
            epilog="Start with:  wifiguard scan",
            context_settings=SETTINGS,
            no_args_is_help=True,
            **kwargs,
        )
        self.params.append(
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_version,
                help="Show the version.",
            )
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for group in GROUPS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"wifiguard.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.list_commands(ctx), 1, 0.5)
            hint = f" Did you mean '{near[0]}'?" if near else " `wifiguard -h` lists them."
            raise click.UsageError(f"There is no command {name!a}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"wifiguard {version('wifiguard')}")
        ctx.exit()
