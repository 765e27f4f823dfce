"""The laptop calls the name of a hidden network wherever it is.

What it means
    A saved profile says that its network hides its name. Such a network can only be found by calling it, so the laptop does, at
    every scan and in every place.

Why it matters
    The name tells listeners where you live or work, and an attacker's access point only has to answer to it.

What to do
    At home, let the router announce its name again: hiding it protects nothing. Then delete the profile and join anew.

False alarms
    None: the setting is as it says.

Limits
    Only profiles that this user or the service may read are seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.network import Security
from wifiguard.core.observation import Seen
from wifiguard.core.profiles import Profile, SavedProfile
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

RULE = Rule(
    id="hidden-network-profile",
    kind=Kind.POSTURE,
    source="profiles",
    texts={
        Severity.LOW: Text(
            N_("This laptop calls a hidden Wi-Fi's name"),
            N_("Everywhere it goes it asks for “{ssid}”, which tells listeners where you live or work."),
            (N_("If it is your router, let it show its name; then delete the profile and join anew."),),
        )
    },
)


class HiddenProfileEvidence(Evidence, frozen=True):
    """`ssid` and `profile`: the names of the network and of the saved profile. `keeper`: the program that keeps it."""

    ssid: str
    profile: str
    keeper: str


class HiddenNetworkProfile(Detector):
    """Fires on every saved profile of a hidden network that connects automatically: one set to manual calls nobody."""

    rule = RULE
    inputs = (SavedProfile,)

    def observe(self, obs: SavedProfile) -> Iterator[Finding]:  # type: ignore[override]
        profile = obs.profile
        if profile.hidden and profile.autojoin:
            evidence = HiddenProfileEvidence(visible(profile.ssid), visible(profile.name), profile.keeper)
            yield self.found(obs, Severity.LOW, (profile.keeper, profile.id), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""

    def saved(*, hidden: bool, autojoin: bool = True) -> SavedProfile:
        profile = Profile("iwd", "Home.psk", "Home", b"Home", Security.WPA2, autojoin, hidden)
        return SavedProfile(Seen(0.0, 0.0), profile)

    found = ((Severity.LOW, HiddenProfileEvidence("Home", "Home", "iwd")),)
    yield Example("a home network that hides", (saved(hidden=True),), found)
    yield Example("one that does not", (saved(hidden=False),))
    yield Example("set to manual", (saved(hidden=True, autojoin=False),))
