"""Nothing on this laptop stops what comes in from the network unasked.

What it means
    The packet filter that the kernel holds, whoever put it there (firewalld, ufw, nftables, iptables), lets everything through.

Why it matters
    Without a firewall every program that listens is open to everyone on the network, those that you do not know of included.

What to do
    Switch on the firewall of your system: `sudo ufw enable`, or `sudo systemctl enable --now firewalld`. What you do yourself,
    such as browsing, goes on as before.

False alarms
    A laptop on which nothing listens is safe without a firewall too; the finding is then a precaution.

Limits
    What decides is what becomes of ordinary ports that no rule names. Filters in a program of their own (eBPF, XDP) and in the
    router are not seen. Only root can read the rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from wifiguard.core.exposure import FirewallState
from wifiguard.core.filtering import Reach
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Seen
from wifiguard.core.rule import Detector, Evidence, Example, Finding, Kind, Rule, Text
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="firewall-off",
    kind=Kind.POSTURE,
    source="firewall",
    texts={
        Severity.MEDIUM: Text(
            N_("No firewall on this laptop (IPv{family})"),
            N_(
                "Nothing stops what this network sends unasked (IPv{family}): every program that listens is open to it."
            ),
            (
                N_("Switch your firewall on: sudo ufw enable, or sudo systemctl enable --now firewalld."),
                N_("If this network is yours, trust it."),
            ),
        ),
        Severity.INFO: Text(
            N_("No firewall at home (IPv{family})"),
            N_("Nothing stops what this network, which you trust, sends unasked (IPv{family})."),
            (N_("Fine at home. To switch a firewall on: sudo ufw enable."),),
        ),
    },
    references=("nft(8)", "ufw(8)", "firewalld(1)"),
)


class FirewallOffEvidence(Evidence, frozen=True):
    """`family`: 4 or 6. `tools`: what put rules there that do not stop this ("firewalld", "ufw", …)."""

    family: int
    tools: tuple[str, ...]


class FirewallOff(Detector):
    """Fires for each address family in which ordinary ports are open. IPv4 and IPv6 have rules of their own."""

    rule = RULE
    inputs = (FirewallState,)

    def observe(self, obs: FirewallState) -> Iterator[Finding]:  # type: ignore[override]
        if obs.inbound is Reach.OPEN:
            trusted = obs.network is not None and obs.network.trusted
            severity = Severity.INFO if trusted else Severity.MEDIUM
            yield self.found(obs, severity, (str(obs.family),), FirewallOffEvidence(obs.family, obs.tools))


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    cafe = Seen(0.0, 0.0, wifi_network(b"Cafe", Security.WPA2), "wlan0")
    home = Seen(0.0, 0.0, wifi_network(b"Home", Security.WPA2, trusted=True), "wlan0")
    found = FirewallOffEvidence(4, ())
    yield Example("no rules at all", (FirewallState(cafe, 4, Reach.OPEN, ()),), ((Severity.MEDIUM, found),))
    yield Example(
        "rules for IPv4 only",
        (FirewallState(cafe, 4, Reach.STOPPED, ("iptables",)), FirewallState(cafe, 6, Reach.OPEN, ("iptables",))),
        ((Severity.MEDIUM, FirewallOffEvidence(6, ("iptables",))),),
    )
    yield Example("at home", (FirewallState(home, 4, Reach.OPEN, ()),), ((Severity.INFO, found),))
    yield Example("ufw is on", (FirewallState(cafe, 4, Reach.STOPPED, ("ufw",)),))
    yield Example("rules that nobody can judge", (FirewallState(cafe, 4, Reach.PERHAPS, ("nftables",)),))
