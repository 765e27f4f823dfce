"""`wifiguard profiles`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from wifiguard.cli.book import failed, request
from wifiguard.cli.output import write_line
from wifiguard.cli.people import counted, listed, say, show_not_checked, told, wrapped
from wifiguard.core.text import N_, visible
from wifiguard.daemon.language import translate

if TYPE_CHECKING:
    from wifiguard.core.mending import Change
    from wifiguard.daemon.mending import Outcome

FLAWS = {
    "autojoin-open": N_("joins by itself, and anyone can offer a network of that name"),
    "hidden": N_("its name is called wherever this laptop goes"),
    "own-address": N_("shows the hardware's own address, by which the laptop is recognised"),
    "weak": N_("its encryption can be broken"),
    "unverified": N_("checks no certificate: any access point can take the password"),
}
CHANGES = {
    ("autojoin", "no"): N_("connects only when you ask"),
    ("autojoin", "yes"): N_("connects by itself"),
    ("address", "random"): N_("shows a random address"),
    ("address", "own"): N_("shows the hardware's own address"),
    ("address", ""): N_("shows the address that the program chooses"),
}


@click.group(invoke_without_command=True, epilog="Example:  wifiguard profiles fix --dry-run")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
@click.option("-v", "--verbose", is_flag=True, help="List the profiles that are all right too.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, verbose: bool) -> None:
    """List saved Wi-Fi profiles that put you at risk.

    Exit status: 0, or 3 when some profiles could not be read.
    """
    if ctx.invoked_subcommand is not None:
        return
    from wifiguard.daemon.mending import profile_line, read_profiles

    found, trouble = read_profiles()
    lines = [profile_line(profile) for profile in found]
    unread: list[dict[str, Any]] = [
        {"schema": 1, "type": "not_checked", "what": "profiles", "reason": each, "mend": "sudo wifiguard profiles"}
        for each in trouble
    ]
    if as_json:
        for line in (*lines, *unread):
            write_line(line)
    else:
        shown = [line for line in lines if verbose or line["flaws"]]
        for line in shown:
            _show(line)
        if not shown:
            say(
                counted(
                    N_("{count} saved Wi-Fi profile, and it does not put you at risk."),
                    N_("{count} saved Wi-Fi profiles, none of them puts you at risk."),
                    len(lines),
                )
            )
        elif any({"autojoin-open", "own-address"} & set(line["flaws"]) for line in shown):  # type: ignore[call-overload]
            say()
            say(told(N_("`wifiguard profiles fix` shows what it would change, and asks first.")))
        show_not_checked(unread)  # type: ignore[arg-type]
    sys.exit(3 if trouble else 0)


@command.command("fix", epilog="Example:  wifiguard profiles fix")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines; needs --yes or --dry-run.")
def fix(yes: bool, dry_run: bool, as_json: bool) -> None:
    """Set open profiles to manual, and random addresses for networks you do not trust.

    Shows exactly what will change and asks first. `wifiguard profiles undo` takes it back.

    Exit status: 0, or 3 when something could not be changed.
    """
    from wifiguard.daemon.mending import apply, plan, read_profiles
    from wifiguard.daemon.places import Places

    if as_json and not (yes or dry_run):
        raise failed(N_("--json asks nothing: add --yes or --dry-run"))
    found, trouble = read_profiles()
    changes = list(plan(found, _trusted_names()))
    for sentence in trouble:
        say(told(N_("Left out: {reason}"), reason=translate(sentence)), fg="bright_black", err=as_json)
    if not changes:
        if not as_json:
            say(told(N_("There is nothing to fix.")))
        sys.exit(3 if trouble else 0)
    if not as_json:
        say(told(N_("This would change:") if dry_run else N_("This will change:")))
        for change in changes:
            _show_change(change)
    if dry_run:
        if as_json:
            for change in changes:
                write_line(_line(change, "planned"))
        return
    if not yes and not click.confirm(told(N_("Change this?")), default=False):
        say(told(N_("Nothing was changed.")))
        return
    try:
        outcomes = apply(changes, Places.mine().state)
    except OSError as error:
        raise failed(f"the way back cannot be kept, so nothing was changed: {error.strerror}") from error
    _finish(outcomes, as_json, N_("Changed. `wifiguard profiles undo` takes it back."))


@command.command("undo", epilog="Example:  wifiguard profiles undo")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def undo(as_json: bool) -> None:
    """Take back what `profiles fix` and the button "Leave this network" changed."""
    from wifiguard.daemon import mending
    from wifiguard.daemon.places import Places

    outcomes = mending.undo(Places.mine().state)
    if not outcomes and not as_json:
        say(told(N_("There is nothing to undo.")))
        return
    _finish(outcomes, as_json, N_("Everything is as it was."))


def _trusted_names() -> frozenset[bytes]:
    names = (line.get("name") for line in request("networks") if line.get("trusted"))
    return frozenset(name.encode() for name in names if isinstance(name, str))


def _show(line: dict[str, Any]) -> None:
    how = translate(N_("joins by itself") if line["autojoin"] else N_("manual"))
    facts = listed([line["keeper"], translate(line["security"]), how])
    say(told(N_("{name}  ({facts})"), name=visible(line["name"]), facts=facts), bold=bool(line["flaws"]))
    for flaw in line["flaws"]:
        for part in wrapped(translate(FLAWS[flaw]), "    ", "    "):
            say(part)


def _show_change(change: Change) -> None:
    before, after = (translate(CHANGES[str(change.setting), value]) for value in (change.before, change.after))
    form = N_("“{name}” ({keeper}): {after}; so far it {before}")
    text = told(form, name=visible(change.name), keeper=change.keeper, after=after, before=before)
    for part in wrapped(text, "  ", "    "):
        say(part)


def _finish(outcomes: list[Outcome], as_json: bool, sentence: str) -> None:
    failures = [outcome for outcome in outcomes if outcome.error]
    if as_json:
        for outcome in outcomes:
            write_line(_line(outcome.change, "failed" if outcome.error else "changed", outcome.error or None))
    else:
        for outcome in outcomes:
            if outcome.error:
                for part in wrapped(
                    told(
                        N_("“{name}” stays: {reason}"),
                        name=visible(outcome.change.name),
                        reason=translate(outcome.error),
                    ),
                    "  ",
                    "    ",
                ):
                    say(part)
        if len(failures) < len(outcomes):
            part = N_("{changed} of {count} changed.")
            changed = len(outcomes) - len(failures)
            say(told(part, changed=changed, count=len(outcomes)) if failures else told(sentence))
    sys.exit(3 if failures else 0)


def _line(change: Change, state: str, reason: str | None = None) -> dict[str, Any]:
    return {
        "schema": 1,
        "type": "profile_change",
        "state": state,
        "name": change.name,
        "keeper": change.keeper,
        "setting": str(change.setting),
        "before": change.before,
        "after": change.after,
        "reason": reason,
    }
