"""The Wi-Fi network that this laptop joined has no encryption.

What it means
    The access point asks for no password and encrypts nothing. Whatever a program does not encrypt by itself crosses the
    room as plain radio.

Why it matters
    Anyone in range can record it with an ordinary laptop, and can set up an access point of the same name that your laptop
    joins without a question.

What to do
    Reach your bank through its own app or over mobile data. If you must stay, use a VPN. Set the network to connect
    manually, so that the laptop does not join it by itself next time.

False alarms
    Networks with Enhanced Open (OWE) ask for no password either, but encrypt; they have a rule of their own. A hotel that
    asks for a code on a web page is still open on the air: the code pays for access and protects nothing.

Limits
    What the access point says about itself is believed. A network whose protection could not be read is "unknown", which is
    said by `status` and never counted as open or as protected.
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
    id="open-wifi",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.HIGH: Text(
            N_("This Wi-Fi is not encrypted"),
            N_("Anyone near you can read what leaves this laptop unprotected on “{ssid}”."),
            (
                N_("Do your banking over mobile data or in your bank's own app, not in this network."),
                N_("Set this network to connect manually, so that the laptop does not join it by itself."),
            ),
        )
    },
    references=("IEEE 802.11-2020, 9.4.1.4 (Privacy bit) and 9.4.2.24 (RSN element)",),
)


class OpenWifiEvidence(Evidence, frozen=True):
    """`ssid`: the network's name, made visible."""

    ssid: str


class OpenWifi(Detector):
    """Fires on every association to a network without encryption."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        if obs.bss.security is Security.OPEN:
            yield self.found(obs, Severity.HIGH, (), OpenWifiEvidence(visible(obs.bss.ssid)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, interface="wlan0")
    mac = bytes.fromhex("a42bb0112201")
    yield Example(
        "a café network without a password",
        (WifiAssociated(seen, Bss(b"CafeGuest", mac, Security.OPEN, frequency=2412)),),
        ((Severity.HIGH, OpenWifiEvidence("CafeGuest")),),
    )
    yield Example(
        "a name made of a terminal escape and a bidirectional override",
        (WifiAssociated(seen, Bss(b"\x1b[2J\xe2\x80\xae<b>", mac, Security.OPEN)),),
        ((Severity.HIGH, OpenWifiEvidence("\\x1b[2J\\u202e<b>")),),
    )
    for security in Security:
        if security is not Security.OPEN:
            yield Example(f"{security} is not open", (WifiAssociated(seen, Bss(b"Home", mac, security)),))
