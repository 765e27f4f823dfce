"""The table of commands, grouped as `--help` shows them, each loaded when it is called."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import click

from wifiguard.cli.helptext import Context, Translate, in_language
from wifiguard.core.text import N_

# Group → command → the first line of its help. A test keeps the lines in step with the commands' own.
GROUPS: dict[str, dict[str, str]] = {
    N_("Every day"): {
        "status": N_("Is it safe to bank here? The network, open problems, what can't be checked."),
        "scan": N_("Check everything now, and answer: safe to bank here?"),
        "log": N_("Review what was found."),
        "watch": N_("Look at the live state: network, traffic, findings."),
        "report": N_("Write a page about what was found."),
        "check": N_("Is this link the bank or shop it looks like? Nothing is sent."),
    },
    N_("Networks"): {
        "networks": N_("List the known networks and those you trust."),
        "trust": N_("Trust the present network, or one by name."),
        "distrust": N_("No longer trust a network."),
        "forget": N_("Forget a network and what was learned of it."),
        "profiles": N_("List saved Wi-Fi profiles that put you at risk."),
    },
    N_("Quiet"): {
        "mute": N_("Keep quiet about a rule, a finding or a network."),
        "unmute": N_("Speak again about what was muted."),
        "explain": N_("What a rule means, why it matters, what to do."),
    },
    N_("Captures"): {
        "replay": N_("Run the rules over capture files."),
    },
    N_("Service"): {
        "run": N_("Watch, in the foreground."),
        "agent": N_("Show the monitor's findings on this desktop."),
        "doctor": N_("What is installed, permitted, missing, and what mends it."),
        "selftest": N_("Try every rule, the log and the notification path on this machine."),
        "config": N_("Show or check the settings."),
        "service": N_("Install, remove or restart the service that watches in the background."),
    },
    N_("Your data"): {
        "privacy": N_("What is kept, why and for how long."),
        "erase": N_("Erase what is kept, so that no file holds it any more."),
    },
}
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


class Commands(click.Group):
    """The top-level command, its help translated."""

    context_class = Context

    def __init__(self, translate: Translate = lambda text: text, **kwargs: Any) -> None:
        self._translate = translate
        super().__init__(
            help=translate(
                N_("Watches this laptop's networks and says, in plain words, when it is not safe to bank here.")
            ),
            epilog=translate(N_("Start with:  wifiguard scan")),
            context_settings=SETTINGS,
            no_args_is_help=True,
            options_metavar=translate("[OPTIONS]"),
            subcommand_metavar=translate("COMMAND [ARGS]..."),
            **kwargs,
        )
        self.params.append(
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_version,
                help=translate(N_("Show the version.")),
            )
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for group in GROUPS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"wifiguard.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return in_language(command, self._translate)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.list_commands(ctx), 1, 0.5)
            hint = N_("Did you mean '{near}'?") if near else N_("`wifiguard -h` lists them.")
            unknown = self._translate(N_("There is no command {name}.")).format(name=ascii(name))
            raise click.UsageError(f"{unknown} {self._translate(hint).format(near=''.join(near))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(self._translate(title)):
                formatter.write_dl([(name, self._translate(text)) for name, text in commands.items()], col_max=12)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"wifiguard {version('wifiguard')}")
        ctx.exit()
