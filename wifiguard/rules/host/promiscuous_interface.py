"""A program listens to everything that passes by, not only to what is meant for this laptop.

What it means
    A network interface is in promiscuous mode. Programs that record or analyse traffic switch it on, such as Wireshark.

Why it matters
    If it was not you, a program on this laptop may be collecting what others on the network send.

What to do
    If you are not analysing traffic, look for who does: `sudo ss -0 -p` lists the programs that read raw packets.

False alarms
    Bridges and virtual machines need it: an interface that belongs to one is left out. WiFiGuard itself reads without it.

Limits
    Most Wi-Fi hardware hands up only this laptop's own frames all the same. Which program switched it on is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.exposure import InterfaceMode
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_, visible

RULE = Rule(
    id="promiscuous-interface",
    kind=Kind.POSTURE,
    source="interface modes",
    texts={
        Severity.INFO: Text(
            N_("A program listens to the whole network"),
            N_("{interface} hands up every frame that it hears, not only those for this laptop."),
            (N_("If you are not analysing traffic, see who reads packets: sudo ss -0 -p"),),
        ),
    },
    references=("netdevice(7)", "packet(7), PACKET_MR_PROMISC"),
)


class PromiscuousEvidence(Evidence, frozen=True):
    """`interface`: its name."""

    interface: str


class PromiscuousInterface(Detector):
    """Fires for a promiscuous interface that no bridge and no virtual machine explains."""

    rule = RULE
    inputs = (InterfaceMode,)

    def observe(self, obs: InterfaceMode) -> Iterator[Finding]:  # type: ignore[override]
        if obs.promiscuous and obs.reason is None:
            evidence = PromiscuousEvidence(visible(obs.interface))
            yield self.found(obs, Severity.INFO, (obs.interface,), evidence)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    seen = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    found = PromiscuousEvidence("wlan0")
    yield Example("a sniffer", (InterfaceMode(seen, True, None),), ((Severity.INFO, found),))
    yield Example("a port of a bridge", (InterfaceMode(seen, True, "br0"),))
    yield Example("an ordinary interface", (InterfaceMode(seen, False, None),))
