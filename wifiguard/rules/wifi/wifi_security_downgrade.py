"""A trusted network is joined with weaker protection than it had.

What it means
    The name is that of a network you trust, but the access point that the laptop joined asks for less: no password where there
    was one, or an older kind of encryption.

Why it matters
    Networks become stronger over time, not weaker. A copy of the name that anyone can join is the usual trap.

What to do
    Leave it, and use mobile data for banking. If you changed the router's settings yourself, trust the network again.

False alarms
    A second access point at home that is set to an older mode. Set all of them to the strongest mode that they share.

Limits
    What the access point announces is believed. Protection that cannot be told is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.host import Remembered
from wifiguard.core.network import Network, Security, wifi_network
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.rule import Detector, Evidence, Example, Kind, Output, Remember, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible
from wifiguard.core.trusted import TrustedNetworks, strength
from wifiguard.core.wifi import Bss, WifiAssociated

RULE = Rule(
    id="wifi-security-downgrade",
    kind=Kind.POSTURE,
    source="wifi",
    texts={
        Severity.HIGH: Text(
            N_("A trusted Wi-Fi lost its protection"),
            N_("“{ssid}” had {before} and now offers {now}: it may be a copy that anyone can set up."),
            (
                N_("Leave this network and use mobile data for banking."),
                N_("If you changed the router yourself, forget the network in WiFiGuard and trust it again."),
            ),
        )
    },
)


class DowngradeEvidence(Evidence, frozen=True):
    """`before` and `now`: the protection, as in the machine-readable output."""

    ssid: str
    before: str
    now: str


class WifiSecurityDowngrade(Detector):
    """Compares every association with the strongest protection that a trusted network of that name ever had."""

    rule = RULE
    inputs = (WifiAssociated, TrustedNetworks, Remembered)

    def __init__(self) -> None:
        # Name → network id → the strongest protection.
        self._best: dict[bytes, dict[str, Security]] = {}

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case TrustedNetworks(networks=networks):
                kept = {id: best for each in self._best.values() for id, best in each.items()}
                self._best = {}
                for network in networks:
                    self._learn(network, kept.get(network.id))
                    self._learn(network, network.security)
            case Remembered(rule="wifi-security-downgrade", joined=joined, values=values):
                stored = dict(values).get("security")
                if joined.trusted and stored in set(Security):
                    self._learn(joined, Security(stored))
            case WifiAssociated(bss=bss):
                yield from self._joined(obs, bss)
            case _:
                pass

    def _joined(self, obs: WifiAssociated, bss: Bss) -> Iterator[Output]:
        now = strength(bss.security)
        if now is None:
            return
        network = obs.network
        if network is not None and network.trusted and self._learn(network, bss.security):
            yield Remember("wifi-security-downgrade", network, "security", str(bss.security))
        best = max(self._best.get(bss.ssid, {}).values(), key=lambda each: strength(each) or 0, default=None)
        if best is not None and now < (strength(best) or 0):
            evidence = DowngradeEvidence(visible(bss.ssid), str(best), str(bss.security))
            yield self.found(obs, Severity.HIGH, (str(bss.security),), evidence)

    def _learn(self, network: Network, security: Security | None) -> bool:
        """Whether it is stronger than what was known."""
        if network.ssid is None or security is None or strength(security) is None:
            return False
        mine = self._best.setdefault(network.ssid, {})
        known = mine.get(network.id)
        if known is not None and (strength(known) or 0) >= (strength(security) or 0):
            return False
        mine[network.id] = security
        return True


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0)
    mac = bytes.fromhex("a42bb011220b")

    def trusted(security: Security) -> TrustedNetworks:
        return TrustedNetworks(seen, (wifi_network(b"Home", security, mac, trusted=True),))

    def joined(security: Security, *, name: bytes = b"Home", known: bool = False) -> WifiAssociated:
        network = wifi_network(name, security, mac, trusted=known)
        return WifiAssociated(Seen(0.0, 1.0, network, "wlan0"), Bss(name, mac, security))

    def found(before: str, now: str) -> tuple[tuple[Severity, Evidence], ...]:
        return ((Severity.HIGH, DowngradeEvidence("Home", before, now)),)

    yield Example(
        "the password is gone",
        (trusted(Security.WPA2), joined(Security.OPEN)),
        found("wpa2-personal", "open"),
    )
    yield Example(
        "back to the first WPA",
        (trusted(Security.WPA2), joined(Security.WPA, known=True)),
        found("wpa2-personal", "wpa-personal"),
    )
    yield Example(
        "stronger than when it was trusted, remembered, and back again",
        (
            trusted(Security.WPA2),
            Remembered(
                seen,
                "wifi-security-downgrade",
                wifi_network(b"Home", Security.WPA2, trusted=True),
                (("security", "wpa3-personal"),),
            ),
            joined(Security.WPA2, known=True),
        ),
        found("wpa3-personal", "wpa2-personal"),
    )
    yield Example("an upgrade", (trusted(Security.WPA2), joined(Security.WPA3, known=True)))
    yield Example("as it was", (trusted(Security.WPA2), joined(Security.WPA2, known=True)))
    yield Example("another name", (trusted(Security.WPA2), joined(Security.OPEN, name=b"Cafe")))
    yield Example("nobody is trusted", (TrustedNetworks(seen, ()), joined(Security.OPEN)))
    yield Example("protection that cannot be told", (trusted(Security.WPA2), joined(Security.UNKNOWN)))
