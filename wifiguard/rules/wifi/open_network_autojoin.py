"""The laptop joins an open network by itself wherever its name is in the air.

What it means
    A saved Wi-Fi profile asks for no password and is set to connect automatically.

Why it matters
    Anyone can offer a network of that name, and the laptop joins it without a question, perhaps in your bag. What programs send
    then passes through a stranger's hands.

What to do
    Run `wifiguard profiles fix`, which sets such profiles to connect only when you ask. Delete those that you no longer need.

False alarms
    None: the setting is as it says. A network that you need often can stay; mute the finding.

Limits
    Only profiles that this user or the service may read are seen. Networks with Enhanced Open (OWE) count as well: they encrypt,
    but anyone can offer them.
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
    id="open-network-autojoin",
    kind=Kind.POSTURE,
    source="profiles",
    texts={
        Severity.MEDIUM: Text(
            N_("This laptop joins an open Wi-Fi by itself"),
            N_("Anyone can offer a network called “{ssid}”, and this laptop would join it without asking."),
            (N_("Set it to manual: wifiguard profiles fix"), N_("Or delete the profile if you no longer need it.")),
        )
    },
)


class OpenAutojoinEvidence(Evidence, frozen=True):
    """`ssid` and `profile`: the names of the network and of the saved profile. `keeper`: the program that keeps it."""

    ssid: str
    profile: str
    keeper: str


class OpenNetworkAutojoin(Detector):
    """Fires on every saved profile without a password that connects automatically."""

    rule = RULE
    inputs = (SavedProfile,)

    def observe(self, obs: SavedProfile) -> Iterator[Finding]:  # type: ignore[override]
        profile = obs.profile
        if profile.autojoin and profile.security in (Security.OPEN, Security.ENHANCED_OPEN):
            evidence = OpenAutojoinEvidence(visible(profile.ssid), visible(profile.name), profile.keeper)
            yield self.found(obs, Severity.MEDIUM, (profile.keeper, profile.id), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""

    def saved(security: Security, *, autojoin: bool = True) -> SavedProfile:
        return SavedProfile(Seen(0.0, 0.0), Profile("NetworkManager", "1", "Cafe", b"Cafe", security, autojoin))

    for security in (Security.OPEN, Security.ENHANCED_OPEN):
        found = ((Severity.MEDIUM, OpenAutojoinEvidence("Cafe", "Cafe", "NetworkManager")),)
        yield Example(f"a café joined once ({security})", (saved(security),), found)
    yield Example("set to manual", (saved(Security.OPEN, autojoin=False),))
    yield Example("with a password", (saved(Security.WPA2),))
