"""Anyone nearby can throw devices off a network that you trust.

What it means
    The access point does not protect the messages that end a connection (802.11w, "protected management frames").

Why it matters
    They can be forged: your devices are thrown off at will, which is also the first step towards a false copy of the network.

What to do
    Set the router to WPA3, or to WPA2 with protected management frames "capable" or "required".

False alarms
    Very old devices cannot join when it is "required"; "capable" suits them too.

Limits
    Only networks that you trust are judged, and only where the access point's own announcement can be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.air import Elements, FrameProtection
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.wifi import Bss, WifiAssociated

RULE = Rule(
    id="management-frames-unprotected",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.INFO: Text(
            N_("Anyone nearby can disconnect your devices"),
            N_("“{ssid}” does not protect the messages that end a connection, so they can be forged."),
            (N_("Set the router to WPA3, or switch on protected management frames (802.11w)."),),
        )
    },
    references=("IEEE 802.11-2020, 12.6 (robust security network association) and 9.4.2.24.4 (MFPC, MFPR)",),
)

_NEWER = frozenset(
    {
        Security.WPA2,
        Security.WPA2_ENTERPRISE,
        Security.WPA3_TRANSITION,
        Security.WPA3,
        Security.WPA3_ENTERPRISE,
    }
)


class UnprotectedFramesEvidence(Evidence, frozen=True):
    """`security`: as in the machine-readable output."""

    ssid: str
    security: str


class ManagementFramesUnprotected(Detector):
    """Fires on a trusted WPA2 or WPA3 network without 802.11w; older ones have rules of their own."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        bss = obs.bss
        if bss.elements is None or bss.elements.protection is not FrameProtection.OFF or bss.security not in _NEWER:
            return
        if obs.network is not None and obs.network.trusted:
            yield self.found(obs, Severity.INFO, (), UnprotectedFramesEvidence(visible(bss.ssid), str(bss.security)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""

    def joined(
        protection: FrameProtection, security: Security = Security.WPA2, *, trusted: bool = True
    ) -> WifiAssociated:
        elements = Elements(akms=("PSK",), protection=protection)
        bss = Bss(b"Home", bytes.fromhex("a42bb011220a"), security, elements=elements)
        seen = Seen(0.0, 0.0, wifi_network(bss.ssid, bss.security, bss.bssid, trusted=trusted), "wlan0")
        return WifiAssociated(seen, bss)

    found = ((Severity.INFO, UnprotectedFramesEvidence("Home", "wpa2-personal")),)
    yield Example("WPA2 as most routers have it", (joined(FrameProtection.OFF),), found)
    yield Example("capable", (joined(FrameProtection.CAPABLE),))
    yield Example("required", (joined(FrameProtection.REQUIRED, Security.WPA3),))
    yield Example("open: another rule's matter", (joined(FrameProtection.OFF, Security.OPEN),))
    yield Example("somebody else's network", (joined(FrameProtection.OFF, trusted=False),))
