"""The laptop joined a network that you have not said you trust.

What it means
    WiFiGuard has not been told that this network is yours or that you trust who runs it. A network is recognised by its name
    and the kind of its protection together, so an open copy of your home network's name counts as unknown.

Why it matters
    Who runs a network sees where you go and can change what is not encrypted. Many laptops join networks by themselves, by
    name alone.

What to do
    If it is your home, your office or a place you rely on, press "Trust this network". Otherwise leave it, or keep banking
    to your bank's own app or mobile data while you are on it.

False alarms
    The first time at home or at work: one press ends it for good.

Limits
    Trust is about the network's identity, not about who else is on it. An attacker who copies both name and password
    protection is a matter for other rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated

RULE = Rule(
    id="unknown-wifi",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.MEDIUM: Text(
            N_("You are on a Wi-Fi that you have not trusted"),
            N_("Who runs “{ssid}” can see which sites you visit and change what is not encrypted."),
            (
                N_("If it is yours, trust it; otherwise keep banking to your bank's app or mobile data."),
                N_("Leave it if you did not mean to join."),
            ),
        )
    },
)


class UnknownWifiEvidence(Evidence, frozen=True):
    """`security`: as in the machine-readable output."""

    ssid: str
    security: str


class UnknownWifi(Detector):
    """Fires while the laptop is on a Wi-Fi network that is not trusted; once a network, since the key is the network."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        if obs.network is None or not obs.network.trusted:
            evidence = UnknownWifiEvidence(visible(obs.bss.ssid), str(obs.bss.security))
            yield self.found(obs, Severity.MEDIUM, (), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    bss = Bss(b"Home", bytes.fromhex("a42bb0112204"), Security.WPA2)

    def joined(*, trusted: bool) -> WifiAssociated:
        network = wifi_network(bss.ssid, bss.security, bss.bssid, trusted=trusted)
        return WifiAssociated(Seen(0.0, 0.0, network, "wlan0"), bss)

    yield Example(
        "a network with a password that nobody vouched for",
        (joined(trusted=False),),
        ((Severity.MEDIUM, UnknownWifiEvidence("Home", "wpa2-personal")),),
    )
    yield Example("the same network, trusted", (joined(trusted=True),))
