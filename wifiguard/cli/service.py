"""`wifiguard service`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wifiguard.cli.book import failed
from wifiguard.cli.people import say, told
from wifiguard.core.text import N_
from wifiguard.daemon.language import translate

if TYPE_CHECKING:  # only these commands need it
    from wifiguard.actions.installing import Layout


@click.group(epilog="Example:  sudo wifiguard service install")
def command() -> None:
    """Install, remove or restart the service that watches in the background."""


@command.command("install", epilog="Example:  sudo wifiguard service install")
@click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False), help="Fill this folder instead: nothing starts."
)
@click.option("--package", is_flag=True, help="Lay it out as a distribution's package does (with --root).")
def install(root: Path | None, package: bool) -> None:
    """Put the service, the agent, the manual page and the shells' completion into this system.

    The program is copied to a place that only root can change: a service of root's must never run what a user can write.
    An installation that is there is brought up to date; its log and its trusted networks stay.
    """
    from wifiguard.actions import installing
    from wifiguard.actions.program import NotInstallable

    if package and root is None:
        raise click.UsageError(told(N_("--package is for making a package: give --root as well.")))
    if root is None:
        _require_root()
    layout = installing.Layout.package(root) if package and root else installing.Layout.local(root or Path("/"))
    try:
        fresh = not installing.installed(layout)
        installing.write(layout, _texts(layout, fresh=fresh))
        done = N_("WiFiGuard is in {folder}.") if fresh else N_("WiFiGuard is brought up to date in {folder}.")
        say(told(done, folder=layout.at(layout.libraries)))
        if root is None:
            for sentence in installing.settle(layout, fresh=fresh):
                say(translate(sentence))
            if installing.agent_enabled():
                _begin_notifications()
            say(told(N_("Look: wifiguard status")))
    except NotInstallable as error:
        raise failed(str(error)) from error
    except OSError as error:
        raise failed(
            told(N_("It could not be installed: {reason}: {file}."), reason=error.strerror, file=error.filename)
        ) from error


@command.command("uninstall", epilog="Example:  sudo wifiguard service uninstall --keep-log")
@click.option("--erase-log/--keep-log", default=None, help="Also erase log, settings and user; without: it asks.")
def uninstall(erase_log: bool | None) -> None:
    """Stop the service and remove all that `service install` put there."""
    from wifiguard.actions import installing
    from wifiguard.actions.program import NotInstallable

    _require_root()
    layout = installing.Layout.local()
    if not installing.installed(layout):
        if installing.installed(installing.Layout.package(Path("/"))):
            raise failed(
                N_("WiFiGuard came as a package of your distribution: remove it with `sudo apt remove wifiguard`.")
            )
        raise failed(N_("The service is not installed; there is nothing to remove."))
    if erase_log is None:
        erase_log = sys.stdin.isatty() and click.confirm(
            told(N_("Erase the log, the trusted networks and the settings as well?"))
        )
    try:
        installing.remove(layout, erase=erase_log)
    except NotInstallable as error:
        raise failed(str(error)) from error
    say(told(N_("WiFiGuard is removed.")))
    if not erase_log:
        kept = N_("The log stays in {log}, the settings in {settings}.")
        say(told(kept, log=installing.STATE, settings=installing.CONFIG))


@command.command("restart", epilog="Example:  sudo wifiguard service restart")
def restart() -> None:
    """Start the service anew."""
    from wifiguard.actions import installing
    from wifiguard.actions.program import NotInstallable

    _require_root()
    try:
        installing.restart()
    except NotInstallable as error:
        raise failed(str(error)) from error
    say(told(N_("The service was started anew.")))


def _texts(layout: Layout, *, fresh: bool) -> dict[Path, str]:
    from wifiguard.actions.installing import CONFIG
    from wifiguard.cli.manual import completion, manual_page
    from wifiguard.daemon.config import template

    texts = {path: completion(shell) for shell, path in layout.completions().items()}
    texts[layout.manual] = manual_page()
    settings = CONFIG / "wifiguard.toml"
    if fresh and not layout.at(settings).exists():
        texts[settings] = template()
    return texts


def _begin_notifications() -> None:
    """Show notifications in the session of who called sudo, from now on."""
    from wifiguard.actions.installing import start_agent

    user = os.environ.get("SUDO_USER", "root")
    if user != "root":
        reason = start_agent(user)
        say(
            told(N_("Notifications are shown to {user} from now on."), user=user)
            if reason is None
            else told(N_("To {user} at the next login: {reason}"), user=user, reason=translate(reason))
        )


def _require_root() -> None:
    if os.geteuid() != 0:
        raise failed(N_("This changes the system: call it with sudo."))
