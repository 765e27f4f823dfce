"""A saved company or university Wi-Fi gives its password to any access point that asks.

What it means
    The profile uses 802.1X ("enterprise") and names no certificate authority, or no name, that the network's server must prove.

Why it matters
    An access point of the same name can answer in the network's place. The laptop then runs the login with it, and your work or
    university password can be recorded or cracked.

What to do
    Set up the profile again with the certificate and the server name that your organisation publishes (for eduroam: the CAT
    installer). Do not tick "no certificate is required".

False alarms
    Methods that prove both sides by a shared key instead of a certificate (EAP-PWD, SIM) are not flagged.

Limits
    Whether the named authority is the right one cannot be known here. A profile that trusts every public authority and names no
    server is flagged as well: anyone can buy such a certificate.
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
    id="enterprise-wifi-unverified",
    kind=Kind.POSTURE,
    source="profiles",
    texts={
        Severity.HIGH: Text(
            N_("A saved Wi-Fi hands your login to anyone"),
            N_("“{profile}” checks no certificate: any access point of that name can take your password."),
            (
                N_("Set it up again with the certificate and server name of your organisation."),
                N_("Until then, set it to connect only when you ask, and not outside its own buildings."),
            ),
        )
    },
    references=("RFC 5216, 5.3 (checking the peer's certificate)",),
)


class EnterpriseUnverifiedEvidence(Evidence, frozen=True):
    """`ssid` and `profile`: the names of the network and of the saved profile. `keeper`: the program that keeps it."""

    ssid: str
    profile: str
    keeper: str


class EnterpriseWifiUnverified(Detector):
    """Fires on every saved 802.1X profile whose server need not prove itself."""

    rule = RULE
    inputs = (SavedProfile,)

    def observe(self, obs: SavedProfile) -> Iterator[Finding]:  # type: ignore[override]
        profile = obs.profile
        if profile.verified is False:
            evidence = EnterpriseUnverifiedEvidence(visible(profile.ssid), visible(profile.name), profile.keeper)
            yield self.found(obs, Severity.HIGH, (profile.keeper, profile.id), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""

    def saved(verified: bool | None, security: Security = Security.WPA2_ENTERPRISE) -> SavedProfile:
        profile = Profile("NetworkManager", "1", "eduroam", b"eduroam", security, True, verified=verified)
        return SavedProfile(Seen(0.0, 0.0), profile)

    found = ((Severity.HIGH, EnterpriseUnverifiedEvidence("eduroam", "eduroam", "NetworkManager")),)
    yield Example("no certificate is required", (saved(False),), found)
    yield Example("authority and server name are given", (saved(True),))
    yield Example("a home network has no server", (saved(None, Security.WPA2),))
