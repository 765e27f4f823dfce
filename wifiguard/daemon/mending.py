"""Saved profiles read, changed and changed back; a network left for good. The way back is kept in a file of the user's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from wifiguard.actions.profiles import CannotChange, change, leave
from wifiguard.core.mending import Change, Setting, flaws, plan
from wifiguard.core.profiles import Profile
from wifiguard.core.text import visible
from wifiguard.daemon.lines import Line
from wifiguard.sources.profiles import read_profiles

FILE = "changed-profiles.json"
_SIZE = 1 << 20


class Outcome(Struct, frozen=True):
    """What came of a change; `error` empty: it is made."""

    change: Change
    error: str = ""


def profile_line(profile: Profile) -> Line:
    """A `profile` of the machine-readable output."""
    return {
        "schema": 1,
        "type": "profile",
        "name": profile.name,
        "keeper": profile.keeper,
        "security": str(profile.security),
        "autojoin": profile.autojoin,
        "hidden": profile.hidden,
        "hardware_address": profile.hardware_address,
        "verified": profile.verified,
        "flaws": list(flaws(profile)),
    }


def apply(changes: Iterable[Change], state: Path) -> list[Outcome]:
    """Make the changes, each by itself; those that were made can be undone. Raises OSError where the way back cannot be kept."""
    made = remembered(state)
    out: list[Outcome] = []
    for wanted in changes:
        # First the way back, then the change: a crash in between leaves one entry too many, which does no harm.
        _remember(state, [*made, wanted])
        try:
            change(wanted)
        except CannotChange as error:
            out.append(Outcome(wanted, str(error)))
            _remember(state, made)
        else:
            made.append(wanted)
            out.append(Outcome(wanted))
    return out


def undo(state: Path) -> list[Outcome]:
    """Take back every change that was made, the latest first; those that cannot be taken back stay remembered."""
    out: list[Outcome] = []
    left: list[Change] = []
    for done in reversed(remembered(state)):
        try:
            change(done.undone())
        except CannotChange as error:
            left.insert(0, done)
            out.append(Outcome(done.undone(), str(error)))
        else:
            out.append(Outcome(done.undone()))
    _remember(state, left)
    return out


def remembered(state: Path) -> list[Change]:
    """The changes that can be undone; none where there is no file of ours."""
    try:
        with (state / FILE).open("rb") as file:
            rows = json.loads(file.read(_SIZE))
        return [Change(**{**row, "setting": Setting(row["setting"])}) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def leave_network(
    interface: str,
    name: str,
    state: Path,
    read: Callable[[], tuple[list[Profile], list[str]]] = read_profiles,
    *,
    joined: bool,
) -> list[Outcome]:
    """Keep the network's profiles from joining by themselves, and disconnect. `name`: as people are shown it.

    `joined`: whether the interface is in this network now; else it keeps its connection, which is to another one. Raises
    CannotChange where it stays connected, or the profiles of a network that was left cannot be read.
    """
    profiles, trouble = read()
    mine = [profile for profile in profiles if visible(profile.ssid) == name]
    # First the profile: one that may join by itself would be back before it is changed.
    stay_away = [Change(p.keeper, p.id, p.name, Setting.AUTOJOIN, "yes", "no") for p in mine if p.autojoin]
    outcomes = apply(stay_away, state)
    if not joined:
        if trouble and not mine:
            raise CannotChange(trouble[0])
        return outcomes
    keepers = list(dict.fromkeys(profile.keeper for profile in mine)) or ["NetworkManager", "iwd", "wpa_supplicant"]
    refusals: list[str] = []
    for keeper in keepers:
        try:
            leave(interface, keeper)
        except CannotChange as error:
            refusals.append(str(error))
        else:
            return outcomes
    raise CannotChange(refusals[0])


def _remember(state: Path, changes: Sequence[Change]) -> None:
    path = state / FILE
    if not changes:
        path.unlink(missing_ok=True)
        return
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(each) for each in changes]))
    fresh.chmod(0o600)
    fresh.rename(path)


__all__ = [
    "CannotChange",
    "Outcome",
    "apply",
    "leave_network",
    "plan",
    "profile_line",
    "read_profiles",
    "remembered",
    "undo",
]
