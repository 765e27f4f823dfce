"""A VPN is up, and yet part of what you do goes past it.

What it means
    The VPN is meant to carry everything: it offers a default route. But name look-ups, one of the two address families, or a
    range of addresses leave by the network under it.

Why it matters
    You believe that you are protected, and are not: this network sees which sites you visit, or the traffic itself. Whoever runs
    the network can cause it on purpose, by handing out routes that are more precise than the VPN's (TunnelVision).

What to do
    Connect the VPN again; switch on its "kill switch" or "block connections without VPN"; for IPv6, let the VPN carry it or
    switch it off while you are here. Until then, do not bank here.

False alarms
    A VPN that never offered a default route (a company's own addresses only) is not judged. If yours leaves something out on
    purpose, name it: `[rules.vpn-bypassed] split = ["tun0"]`, or the ranges that may pass: `allow = ["192.0.2.0/24"]`.

Limits
    What the kernel would do with a packet is what counts. One route to a single address is taken for the way to the VPN's own
    server. A program that binds itself to an interface, and look-ups that a browser encrypts by itself, are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from msgspec import Struct

from wifiguard.core.exposure import Leak, VpnLeak
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

RULE = Rule(
    id="vpn-bypassed",
    kind=Kind.POSTURE,
    source="vpn",
    texts={
        Severity.HIGH: Text(
            N_("Part of your traffic goes past the VPN"),
            N_("{device} is up, but this leaves by the network under it: {leak} {destination} (IPv{family})."),
            (
                N_("Connect the VPN again, and switch on its kill switch."),
                N_("Until then, do not bank here."),
            ),
        ),
    },
    references=("CVE-2024-3661 (TunnelVision)", "RFC 7359 (VPN leakages in dual-stack hosts)"),
)


class VpnBypassedEvidence(Evidence, frozen=True):
    """`device`: the VPN. `leak`: default-route, route or dns. `destination`: the range or name server; `family`: 4 or 6."""

    device: str
    leak: str
    destination: str
    family: int


class Config(Struct, frozen=True):
    """`split`: VPN devices that leave something out on purpose. `allow`: ranges that may go past a VPN."""

    split: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for text in self.allow:
            ip_network(text)


class VpnBypassed(Detector):
    """Fires for each kind of leak of each VPN; ranges that an attacker can vary for free are one problem."""

    rule = RULE
    inputs = (VpnLeak,)

    def __init__(self, config: Config = Config()) -> None:
        self._split = frozenset(config.split)
        self._allowed = [ip_network(text) for text in config.allow]

    def observe(self, obs: VpnLeak) -> Iterator[Finding]:  # type: ignore[override]
        if obs.device in self._split:
            return
        wanted = ip_network(obs.destination)
        if any(wanted.version == a.version and wanted.subnet_of(a) for a in self._allowed):  # type: ignore[arg-type]
            return
        evidence = VpnBypassedEvidence(visible(obs.device), str(obs.leak), obs.destination, obs.family)
        yield self.found(obs, Severity.HIGH, (obs.device, str(obs.leak), str(obs.family)), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    for leak, family, destination in (
        (Leak.DEFAULT_ROUTE, 6, "::/0"),
        (Leak.ROUTE, 4, "198.51.100.0/24"),
        (Leak.DNS, 4, "192.168.1.1"),
    ):
        found = VpnBypassedEvidence("wg0", str(leak), destination, family)
        leaking = VpnLeak(seen, "wg0", leak, family, destination)
        yield Example(f"{leak} past the VPN", (leaking,), ((Severity.HIGH, found),))
    yield Example("no leak is told", ())
