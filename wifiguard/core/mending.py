"""What would be changed of saved profiles, and why: a plan that is shown before anything is done, and its way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from wifiguard.core.network import Security
from wifiguard.core.profiles import Profile

OPEN = frozenset({Security.OPEN, Security.ENHANCED_OPEN})


class Setting(StrEnum):
    """What of a profile can be mended."""

    AUTOJOIN = "autojoin"
    ADDRESS = "address"


class Change(Struct, frozen=True):
    """One setting of one profile. Values are words: yes, no for AUTOJOIN; own, random, "" (decided elsewhere) for ADDRESS."""

    keeper: str
    id: str
    name: str
    setting: Setting
    before: str
    after: str

    def undone(self) -> Change:
        """The change that takes this one back."""
        return Change(self.keeper, self.id, self.name, self.setting, self.after, self.before)


def flaws(profile: Profile) -> tuple[str, ...]:
    """What is wrong with a profile, as words for machines: autojoin-open, hidden, own-address, weak, unverified."""
    out: list[str] = []
    if profile.autojoin and profile.security in OPEN:
        out.append("autojoin-open")
    if profile.hidden and profile.autojoin:
        out.append("hidden")
    if profile.hardware_address:
        out.append("own-address")
    if profile.security in (Security.WEP, Security.WPA):
        out.append("weak")
    if profile.verified is False:
        out.append("unverified")
    return tuple(out)


def plan(profiles: Iterable[Profile], trusted: frozenset[bytes]) -> Iterator[Change]:
    """The changes that mend: open networks no longer join by themselves; names that are not trusted see a random address."""
    for profile in profiles:
        if profile.autojoin and profile.security in OPEN:
            yield _change(profile, Setting.AUTOJOIN, "yes", "no")
        if profile.hardware_address and profile.ssid not in trusted:
            yield _change(profile, Setting.ADDRESS, "own", "random")


def _change(profile: Profile, setting: Setting, before: str, after: str) -> Change:
    return Change(profile.keeper, profile.id, profile.name, setting, before, after)
