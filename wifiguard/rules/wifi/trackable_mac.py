"""The laptop shows its hardware's own address on a network that you have not trusted.

What it means
    Every radio has a number of its own. Shown here unchanged, it is the same in every café, hotel and shop.

Why it matters
    Whoever runs or overhears several such networks can tell that the same laptop was there, and when.

What to do
    Let the laptop use a random address for networks that you do not trust: `wifiguard profiles fix` sets it.

False alarms
    At home or at work the own address may be needed (filters, reservations): trust the network.

Limits
    Some drivers cannot change the address while they scan.
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
    id="trackable-mac",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.LOW: Text(
            N_("Your laptop can be recognised here"),
            N_("It shows its hardware's own number, the same in every network: a trail of where it was."),
            (N_("Use a random address on such networks: wifiguard profiles fix"),),
        )
    },
    references=("RFC 9724, State of Affairs for Randomized and Changing MAC Addresses",),
)


class TrackableMacEvidence(Evidence, frozen=True):
    """`ssid`: where it is shown. The address itself is not kept."""

    ssid: str


class TrackableMac(Detector):
    """Fires while the radio's own address is shown on a network that is not trusted."""

    rule = RULE
    inputs = (WifiAssociated,)

    def observe(self, obs: WifiAssociated) -> Iterator[Finding]:  # type: ignore[override]
        if obs.hardware_address and not (obs.network and obs.network.trusted):
            yield self.found(obs, Severity.LOW, (), TrackableMacEvidence(visible(obs.bss.ssid)))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    bss = Bss(b"Hotel", bytes.fromhex("a42bb0112208"), Security.WPA2)

    def joined(own: bool | None, *, trusted: bool = False) -> WifiAssociated:
        seen = Seen(0.0, 0.0, wifi_network(bss.ssid, bss.security, bss.bssid, trusted=trusted), "wlan0")
        return WifiAssociated(seen, bss, hardware_address=own)

    yield Example(
        "the radio's own address in a hotel", (joined(True),), ((Severity.LOW, TrackableMacEvidence("Hotel")),)
    )
    yield Example("at home", (joined(True, trusted=True),))
    yield Example("a random address", (joined(False),))
    yield Example("nobody knows", (joined(None),))
