"""The router of a network that you trust lets devices join by push button or PIN (WPS).

What it means
    The access point announces Wi-Fi Protected Setup.

Why it matters
    The PIN of WPS can be guessed within hours, on some routers within minutes, and gives away the password, however long it is.

What to do
    Switch WPS off in your router's settings. Devices join by the password, or by a QR code with it.

False alarms
    A router that only offers the push button is far less at risk; it announces itself in the same way.

Limits
    Only networks that you trust are judged: elsewhere you can change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.air import Elements
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated

RULE = Rule(
    id="wps-enabled",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.LOW: Text(
            N_("Your router lets devices join by PIN (WPS)"),
            N_("The PIN can be guessed and gives away the password of “{ssid}”, however long that is."),
            (N_("Switch WPS off in the router's settings."),),
        )
    },
    references=("CVE-2011-5053", "Viehböck, Brute forcing Wi-Fi Protected Setup, 2011"),
)


class WpsEnabledEvidence(Evidence, frozen=True):
    """`ssid`: the network's name, made visible."""

    ssid: str


class WpsEnabled(Detector):
    """Fires on a trusted network whose access point announces WPS."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        elements = obs.bss.elements
        if elements is not None and elements.wps and obs.network is not None and obs.network.trusted:
            yield self.found(obs, Severity.LOW, (), WpsEnabledEvidence(visible(obs.bss.ssid)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""

    def joined(*, wps: bool, trusted: bool = True) -> WifiAssociated:
        bss = Bss(b"Home", bytes.fromhex("a42bb0112209"), Security.WPA2, elements=Elements(akms=("PSK",), wps=wps))
        seen = Seen(0.0, 0.0, wifi_network(bss.ssid, bss.security, bss.bssid, trusted=trusted), "wlan0")
        return WifiAssociated(seen, bss)

    yield Example("the router at home", (joined(wps=True),), ((Severity.LOW, WpsEnabledEvidence("Home")),))
    yield Example("WPS is off", (joined(wps=False),))
    yield Example("somebody else's router", (joined(wps=True, trusted=False),))
