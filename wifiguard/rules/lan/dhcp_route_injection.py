"""The network's DHCP server pulls chosen destinations to a machine of its choice.

What it means
    Beside an address and a router, the server gave out routes of its own (option 121 or 249) for destinations far beyond this
    network. A laptop obeys them even while a VPN is on.

Why it matters
    Routes that are narrower than the VPN's win: traffic that you believe to be in the tunnel leaves it, and passes in the open
    through a machine of the attacker's choice (TunnelVision, CVE-2024-3661). The VPN still says that it is connected.

What to do
    Do not trust a VPN on this network. Leave it, or use mobile data.

False alarms
    Companies use such routes for their own address space: on a network that you trust, routes into private space are told as
    information only. Routes for this network itself, the router, name servers and link-local addresses are silent.

Limits
    What the laptop makes of the routes depends on its DHCP client; some ignore them. The rule sees what was offered.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, is_private
from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.lan import DhcpMessage, Route
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import ROUTER, dhcp, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_

RULE = Rule(
    id="dhcp-route-injection",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("This network pulls traffic out of VPNs"),
            N_("Its server gives out routes ({routes}) that a VPN does not hold against.{vpn}"),
            (
                N_("Do not rely on a VPN here; use mobile data for anything that matters."),
                N_("Leave this network, unless it is your own or your company's and the routes are known there."),
            ),
        ),
        Severity.INFO: Text(
            N_("This network gives out routes of its own"),
            N_("Its server directs private destinations ({routes}) to chosen machines, as companies do."),
            (N_("Nothing, if you know this network to do so."),),
        ),
    },
    references=("RFC 3442 (classless static routes)", "CVE-2024-3661 (TunnelVision)"),
)
_OFFER, _ACK = 2, 5
_MOST = 8


class DhcpRouteInjectionEvidence(Evidence, frozen=True):
    """`routes`: "prefix via gateway"; `option` 33, 121 or 249; `server`; `vpn`: a sentence, where a VPN is bypassed now."""

    routes: tuple[str, ...]
    option: int
    server: str
    vpn: str = ""


class Config(Struct, frozen=True):
    """`quiet_seconds`: over, when no such routes were offered for so long."""

    quiet_seconds: float = 1800.0


class DhcpRouteInjection(Detector):
    """Fires on every offer or lease whose own routes reach beyond the local network."""

    rule = RULE
    inputs = (DhcpMessage, LinkState)

    def __init__(self, config: Config = Config()) -> None:
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._tunnels: set[str] = set()

    def observe(self, obs: Observation) -> Iterator[Output]:
        if isinstance(obs, LinkState):
            if obs.kind is LinkKind.VPN and obs.up and obs.present:
                self._tunnels.add(obs.name)
            else:
                self._tunnels.discard(obs.name)
        elif isinstance(obs, DhcpMessage) and obs.from_server and obs.kind in (_OFFER, _ACK):
            yield from self._served(obs)

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)

    def _served(self, obs: DhcpMessage) -> Iterator[Output]:
        far = [route for route in obs.routes if _reaches_beyond(route, obs)]
        if not far or obs.route_option is None:
            if obs.kind == _ACK:
                yield from self._ongoing.clear(obs.seen, ())
            return
        trusted = obs.network is not None and obs.network.trusted
        severity = Severity.INFO if trusted and all(is_private(route.address) for route in far) else Severity.HIGH
        if self._ongoing.sighted(obs.seen, ()):
            vpn = ""
            if self._tunnels and severity is Severity.HIGH:
                vpn = " A VPN is on, and these destinations bypass it."
            server = address_text(obs.server or obs.source)
            yield self.found(obs, severity, (), DhcpRouteInjectionEvidence(written(far), obs.route_option, server, vpn))


def written(routes: Iterable[Route]) -> tuple[str, ...]:
    """Routes in words."""
    return tuple(
        f"{address_text(route.address)}/{route.length} via {address_text(route.gateway or bytes(4))}"
        for route in list(routes)[:_MOST]
    )


def _reaches_beyond(route: Route, lease: DhcpMessage) -> bool:
    """Whether the route is no default route, and for more than this network, its router and servers, or link-local addresses."""
    if route.length == 0:
        return False
    network = ipaddress.ip_network((route.address, route.length), strict=False)
    if network.is_multicast or network.is_link_local or network.is_loopback:
        return False
    mask = int.from_bytes(lease.netmask or b"\xff\xff\xff\0", "big")
    mine = int.from_bytes(lease.yours, "big") & mask
    if any(lease.yours) and int(network.network_address) & mask == mine and int(network.netmask) & mask == mask:
        return False
    # Cloud networks and providers give each host a network of its own, and the way to router and servers beside it.
    known = {lease.server, *lease.routers, *lease.dns}
    return not (route.length == 32 and route.address in known)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    halves = (("0.0.0.0/1", "192.168.1.66"), ("128.0.0.0/1", "192.168.1.66"))
    attack = dhcp(1.0, 5, routes=halves)
    found = DhcpRouteInjectionEvidence(("0.0.0.0/1 via 192.168.1.66", "128.0.0.0/1 via 192.168.1.66"), 121, ROUTER)
    yield Example("two halves of everything", (attack,), ((Severity.HIGH, found),))
    tunnel = LinkState(seen(0.0, "wg0"), 7, "wg0", LinkKind.VPN, up=True)
    bypassed = replace(found, vpn=" A VPN is on, and these destinations bypass it.")
    yield Example("while a VPN is on", (tunnel, attack), ((Severity.HIGH, bypassed),))
    company = dhcp(1.0, 5, routes=(("10.0.0.0/8", "192.168.1.2"),), route_option=249)
    private = DhcpRouteInjectionEvidence(("10.0.0.0/8 via 192.168.1.2",), 249, ROUTER)
    yield Example("private space on a network of strangers", (company,), ((Severity.HIGH, private),))
    office = wifi_network(b"Office", Security.WPA2_ENTERPRISE, trusted=True)
    trusted = replace(company, seen=company.seen._replace(network=office))
    yield Example("private space on a trusted network", (trusted,), ((Severity.INFO, private),))
    local = (
        ("0.0.0.0/0", ROUTER),
        ("192.168.1.0/24", "0.0.0.0"),
        ("192.168.1.128/25", ROUTER),
        ("169.254.169.254/32", ROUTER),
        ("192.168.1.1/32", "0.0.0.0"),
    )
    yield Example("the default route, this network and link-local addresses", (dhcp(1.0, 5, routes=local),))
