"""Somebody told this laptop to send its traffic another way.

What it means
    A redirect message says "for this destination, there is a better first hop". It should come only from the router, and only
    in favour of another router. It is also a one-packet way to pull single connections through an attacker's machine.

Why it matters
    A laptop that obeys sends its packets for that destination to the machine that was named.

What to do
    Leave the network if it is not yours. On your own Linux machine, `sysctl net.ipv4.conf.all.accept_redirects=0` (and the same
    for net.ipv6) makes it deaf to redirects.

False alarms
    Networks with two routers send honest redirects; on a network that you trust, one that its router sends is information.

Limits
    Whether this laptop obeyed is not known; many systems ignore redirects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, mac_text
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen
from wifiguard.core.lan import Delivery, IcmpRedirect
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import ATTACKER6, ATTACKER_MAC, LAPTOP, LAPTOP6, ROUTER, ROUTER6, ROUTER_MAC, ip, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="icmp-redirect",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("Somebody redirects this laptop's traffic"),
            N_("{mac} said, in the name of {router}, that {destination} is reached through {gateway} {through}."),
            (
                N_("Leave this network, unless it is yours and has a second router."),
                N_("Let the laptop ignore redirects: sysctl net.ipv4.conf.all.accept_redirects=0, and for net.ipv6."),
            ),
        ),
        Severity.INFO: Text(
            N_("The router names a shorter way"),
            N_("The router of this trusted network said that {destination} is reached through {gateway}."),
            (N_("Nothing, if this network has a second router."),),
        ),
    },
    references=("RFC 792 (ICMP redirect)", "RFC 4861, 8 (IPv6 redirect)"),
)


class IcmpRedirectEvidence(Evidence, frozen=True):
    """`family` 4 or 6; `gateway` that was named for `destination`; `router`: who is said to have sent it; `mac`: who sent it.

    `through`: the gateway's hardware address, empty where the message does not say it.
    """

    family: int
    gateway: str
    destination: str
    router: str
    mac: str
    through: str = ""


class Config(Struct, frozen=True):
    """`quiet_seconds`: over, when there was no redirect for so long."""

    quiet_seconds: float = 300.0


class IcmpRedirects(Detector):
    """Fires on every redirect that names another first hop."""

    rule = RULE
    inputs = (IcmpRedirect, NeighbourSeen, *Uplinks.INPUTS)

    def __init__(self, config: Config = Config()) -> None:
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._uplinks = Uplinks()
        # Who was the first to have the address of a router, by interface.
        self._routers: dict[str, dict[bytes, bytes]] = {}

    def observe(self, obs: Observation) -> Iterator[Output]:
        if isinstance(obs, IcmpRedirect):
            yield from self._redirected(obs)
        elif isinstance(obs, NeighbourSeen):
            if obs.mac:
                self._routers.setdefault(obs.interface, {}).setdefault(obs.address, obs.mac)
        elif (left := self._uplinks.observe(obs)) is not None:
            self._routers.pop(left, None)
            self._ongoing.leave(left)

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)

    def _redirected(self, obs: IcmpRedirect) -> Iterator[Output]:
        mine = self._uplinks.addresses(obs.interface)
        if (mine and obs.victim not in mine) or obs.delivery.mac in self._uplinks.macs:
            return
        family = 4 if len(obs.gateway) == 4 else 6
        # A destination that is "reached directly", at a hardware address that is named with it, leads astray as well.
        if not self._ongoing.sighted(obs.seen, (str(family),)):
            return
        trusted = obs.network is not None and obs.network.trusted
        honest = trusted and obs.delivery.mac in self._routers.get(obs.interface, {}).values()
        found = IcmpRedirectEvidence(
            family,
            address_text(obs.gateway),
            address_text(obs.destination),
            address_text(obs.source),
            mac_text(obs.delivery.mac),
            mac_text(obs.link_address or b""),
        )
        yield self.found(obs, Severity.INFO if honest else Severity.HIGH, (str(family),), found)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    delivery = Delivery(ATTACKER_MAC, b"", 0, 64)
    v4 = IcmpRedirect(seen(1.0), delivery, ip(ROUTER), ip(LAPTOP), ip("192.168.1.66"), ip("203.0.113.9"))
    mac = mac_text(ATTACKER_MAC)
    found = IcmpRedirectEvidence(4, "192.168.1.66", "203.0.113.9", ROUTER, mac)
    yield Example("a redirect to the attacker", (v4,), ((Severity.HIGH, found),))
    v6 = IcmpRedirect(seen(1.0), delivery, ip(ROUTER6), ip(LAPTOP6), ip(ATTACKER6), ip("2001:db8::9"))
    found6 = IcmpRedirectEvidence(6, ATTACKER6, "2001:db8::9", ROUTER6, mac)
    yield Example("the same for IPv6", (v6,), ((Severity.HIGH, found6),))
    home = wifi_network(b"Home", Security.WPA2, trusted=True)
    trusted = replace(v4, seen=v4.seen._replace(network=home), delivery=Delivery(ROUTER_MAC, b"", 0, 64))
    yield Example(
        "the router of a trusted network names a second one",
        (NeighbourSeen(trusted.seen, ip(ROUTER), ROUTER_MAC), trusted),
        ((Severity.INFO, replace(found, mac=mac_text(ROUTER_MAC))),),
    )
    mine = LinkState(seen(0.0), 3, "wlan0", LinkKind.WIFI, up=True, addresses=("192.168.1.99/24",))
    yield Example("another machine is told", (mine, v4))
