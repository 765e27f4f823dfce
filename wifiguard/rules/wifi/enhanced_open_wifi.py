"""The network encrypts without a password (Enhanced Open), but nobody proves who runs it.

What it means
    Laptop and access point agreed on a key by themselves (Opportunistic Wireless Encryption). Listeners in the room hear
    nothing readable.

Why it matters
    There is no password and no certificate, so anyone can run an access point of this name. Whoever runs it sees what your
    programs do not encrypt.

What to do
    Treat it as a better café network: fine for browsing, and for banking in your bank's own app. If the place shows the
    network's name on a sign, compare it.

False alarms
    None are known: this is what the standard provides.

Limits
    It says nothing about the network behind the access point.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.network import Security
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated

RULE = Rule(
    id="enhanced-open-wifi",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.INFO: Text(
            N_("Encrypted, but nobody proves who runs it"),
            N_("“{ssid}” protects you from listeners nearby, but anyone could run a network of that name."),
            (N_("For banking, use your bank's own app or mobile data."),),
        )
    },
    references=("RFC 8110, Opportunistic Wireless Encryption",),
)


class EnhancedOpenWifiEvidence(Evidence, frozen=True):
    """`ssid`: the network's name, made visible."""

    ssid: str


class EnhancedOpenWifi(Detector):
    """Fires on every association with OWE."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        if obs.bss.security is Security.ENHANCED_OPEN:
            yield self.found(obs, Severity.INFO, (), EnhancedOpenWifiEvidence(visible(obs.bss.ssid)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    mac = bytes.fromhex("a42bb0112202")
    yield Example(
        "an airport with OWE",
        (WifiAssociated(seen, Bss(b"Airport", mac, Security.ENHANCED_OPEN)),),
        ((Severity.INFO, EnhancedOpenWifiEvidence("Airport")),),
    )
    yield Example("open without OWE has its own rule", (WifiAssociated(seen, Bss(b"Airport", mac, Security.OPEN)),))
    yield Example("a password network", (WifiAssociated(seen, Bss(b"Home", mac, Security.WPA3)),))
