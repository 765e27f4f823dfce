"""The network's encryption is so old that it can be broken.

What it means
    The network uses WEP or the first WPA with TKIP; or it offers newer encryption, but still sends what is meant for everybody
    under TKIP so that old devices can follow.

Why it matters
    WEP is broken within minutes by anyone with a laptop. TKIP lets an attacker forge and read single packets, and keeps out
    the protections that came later.

What to do
    At home: set the router to "WPA2 (AES)" or "WPA3", or ask your provider for a newer one. Elsewhere: treat it like an open
    network, and do your banking over mobile data or in your bank's own app.

False alarms
    A router in mixed mode that your laptop talks to with AES is only flagged when its broadcasts really are under TKIP, and
    only at medium.

Limits
    What the access point announces is believed; a network whose protection could not be read is "unknown" and not judged here.
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
    id="weak-wifi-encryption",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.HIGH: Text(
            N_("This Wi-Fi's encryption can be broken"),
            N_("“{ssid}” still uses {security}: someone nearby with the right tools can read along."),
            (
                N_("Treat it like an open network: bank over mobile data or in your bank's own app."),
                N_("If it is your router, set it to WPA2 (AES) or WPA3."),
            ),
        ),
        Severity.MEDIUM: Text(
            N_("This Wi-Fi still allows old encryption"),
            N_("“{ssid}” sends part of its traffic under an encryption that can be attacked (TKIP)."),
            (
                N_("If it is your router, switch off the mixed mode: choose WPA2 (AES) or WPA3."),
                N_("Elsewhere, bank over mobile data or in your bank's own app."),
            ),
        ),
    },
    references=("IEEE 802.11-2020, 12.3.2 and 12.5.2 (WEP and TKIP are obsolete)", "RFC 9325"),
)


class WeakWifiEvidence(Evidence, frozen=True):
    """`security`: as in the machine-readable output. `group_tkip`: broadcasts are under TKIP."""

    ssid: str
    security: str
    group_tkip: bool


class WeakWifiEncryption(Detector):
    """Fires on WEP and WPA1 (high), and on anything newer whose group cipher is TKIP (medium)."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        bss = obs.bss
        evidence = WeakWifiEvidence(visible(bss.ssid), str(bss.security), bss.group_tkip)
        if bss.security in (Security.WEP, Security.WPA):
            yield self.found(obs, Severity.HIGH, (), evidence)
        elif bss.group_tkip and bss.security not in (Security.OPEN, Security.UNKNOWN):
            yield self.found(obs, Severity.MEDIUM, (), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    mac = bytes.fromhex("a42bb0112203")
    for security in (Security.WEP, Security.WPA):
        yield Example(
            f"{security}",
            (WifiAssociated(seen, Bss(b"Old", mac, security)),),
            ((Severity.HIGH, WeakWifiEvidence("Old", str(security), False)),),
        )
    for security in (Security.WPA_WPA2, Security.WPA2):
        yield Example(
            f"{security} with a TKIP group cipher",
            (WifiAssociated(seen, Bss(b"Mixed", mac, security, group_tkip=True)),),
            ((Severity.MEDIUM, WeakWifiEvidence("Mixed", str(security), True)),),
        )
    for security in (
        Security.WPA2,
        Security.WPA3_TRANSITION,
        Security.WPA3,
        Security.WPA2_ENTERPRISE,
        Security.WPA3_ENTERPRISE,
        Security.ENHANCED_OPEN,
        Security.OPEN,
        Security.UNKNOWN,
    ):
        yield Example(f"{security} is not weak", (WifiAssociated(seen, Bss(b"Fine", mac, security)),))
