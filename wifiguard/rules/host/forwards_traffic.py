"""This laptop passes other devices' packets on between networks.

What it means
    IP forwarding is switched on: a packet that somebody on this network sends through your laptop is passed on, into your VPN,
    your company's network or a virtual machine.

Why it matters
    A laptop is no router. Somebody on the same network can use it to reach what only your laptop can reach, or hide behind it.

What to do
    Switch it off if you do not share a connection: `sudo sysctl net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0`, and look
    in /etc/sysctl.d for who switched it on.

False alarms
    Containers and virtual machines need forwarding: with one of their bridges present (docker0, virbr0, podman) nothing is said.

Limits
    Whether the firewall stops such packets is not looked at. A bridge that nobody uses any more explains forwarding as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.exposure import ForwardingState
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="forwards-traffic",
    kind=Kind.POSTURE,
    source="forwarding",
    texts={
        Severity.MEDIUM: Text(
            N_("This laptop acts as a router"),
            N_("It passes on packets of other devices on this network (IP version {families})."),
            (
                N_("If you share no connection: sudo sysctl net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"),
                N_("Look in /etc/sysctl.d for what switched it on."),
            ),
        ),
        Severity.INFO: Text(
            N_("This laptop acts as a router at home"),
            N_("It passes on packets of other devices on this network, which you trust (IP version {families})."),
            (N_("Fine if you share a connection here."),),
        ),
    },
    references=("RFC 1812", "Linux kernel documentation: networking/ip-sysctl"),
)


class ForwardsTrafficEvidence(Evidence, frozen=True):
    """`families`: 4, 6."""

    families: tuple[int, ...]


class ForwardsTraffic(Detector):
    """Fires where forwarding is on and no bridge of containers or virtual machines explains it."""

    rule = RULE
    inputs = (ForwardingState,)

    def observe(self, obs: ForwardingState) -> Iterator[Finding]:  # type: ignore[override]
        if obs.families and not obs.reason:
            trusted = obs.network is not None and obs.network.trusted
            severity = Severity.INFO if trusted else Severity.MEDIUM
            yield self.found(obs, severity, (), ForwardsTrafficEvidence(obs.families))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    home = Seen(0.0, 0.0, wifi_network(b"Home", Security.WPA2, trusted=True), "wlan0")
    found = ForwardsTrafficEvidence((4,))
    yield Example("forwarding in a café", (ForwardingState(cafe, (4,), ()),), ((Severity.MEDIUM, found),))
    yield Example("forwarding at home", (ForwardingState(home, (4,), ()),), ((Severity.INFO, found),))
    yield Example("containers need it", (ForwardingState(cafe, (4, 6), ("docker0",)),))
    yield Example("it is off", (ForwardingState(cafe, (), ()),))
