"""A machine that is no router hands out name servers over DHCPv6.

What it means
    This network does not use DHCPv6, or its server is another one. Now a machine answers such requests, and names itself as the
    name server.

Why it matters
    Windows and other systems ask for DHCPv6 settings even on networks without IPv6, and prefer the name server that they get. Its
    owner then decides where every name leads (the attack is known as mitm6).

What to do
    Leave the network if it is not yours. On your own network, find the machine that is named below.

False alarms
    Networks whose routers announce DHCPv6 (the M or O flag), relayed answers, and routers that answer themselves are silent.

Limits
    On a managed network a stranger's server looks like a second honest one, unless the network is a trusted one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.claims import Place, place_of
from wifiguard.core.first_routers import FirstRouters
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen
from wifiguard.core.lan import ArpSeen, Delivery, Dhcp6Message, DhcpMessage, RouterAdvertisement
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import (
    ATTACKER6,
    ATTACKER_MAC,
    LAPTOP,
    LAPTOP_MAC,
    OTHER_ROUTER_MAC,
    ROUTER,
    ROUTER_MAC,
    arp_reply,
    dhcp,
    ip,
    router_advertisement,
    seen,
)
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="rogue-dhcpv6-server",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("A stranger hands out name servers"),
            N_(
                "{mac} ({address}) answers IPv6 configuration requests and names {dns} as name server; it is no router here."
            ),
            (
                N_("Leave this network, unless it is yours."),
                N_("On your own network: find the device {mac}."),
            ),
        )
    },
    references=("RFC 8415 (DHCPv6)", "RFC 7610 (DHCPv6-Shield)"),
)
_ADVERTISE, _REPLY = 2, 7
_LINK_LOCAL = b"\xfe\x80"


class RogueDhcpv6ServerEvidence(Evidence, frozen=True):
    """`address` and `mac` of the server; `prefixes`: addresses that it gives; `dns`: the name servers that it names."""

    address: str
    mac: str
    prefixes: tuple[str, ...]
    dns: tuple[str, ...]


class Config(Struct, frozen=True):
    """`without_seconds`: a network that showed no DHCPv6 for so long uses none. `quiet_seconds`: over after so long."""

    without_seconds: float = 20.0
    quiet_seconds: float = 600.0


class _Link(Struct):
    since: float
    routers: dict[bytes, bool] = field(default_factory=dict)  # hardware address → whether it announces DHCPv6
    v4: FirstRouters = field(default_factory=FirstRouters)


_MOST = 16


class RogueDhcpv6Server(Detector):
    """Fires on name servers from a host that is no router, on a network that is known to use no DHCPv6."""

    rule = RULE
    inputs = (Dhcp6Message, RouterAdvertisement, DhcpMessage, ArpSeen, NeighbourSeen, *Uplinks.INPUTS)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._uplinks = Uplinks()
        self._links: BoundedMap[Place, _Link] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case Dhcp6Message(relayed=False) if obs.kind in (_ADVERTISE, _REPLY) and obs.dns:
                yield from self._served(obs, self._link((obs.interface, obs.delivery.vlan), obs.tick))
            case RouterAdvertisement() if obs.delivery.mac:
                routers = self._link(place_of(obs), obs.tick).routers
                if obs.delivery.mac in routers or len(routers) < _MOST:
                    routers[obs.delivery.mac] = obs.managed or obs.other
            case DhcpMessage(from_server=True):
                self._link(place_of(obs), obs.tick).v4.leased(obs)
            case ArpSeen():
                if (known := self._links.get(place_of(obs), obs.tick)) is not None:
                    known.v4.claimed(obs.sender, obs.sender_mac)
            case NeighbourSeen(mac=bytes() as mac):
                self._link((obs.interface, 0), obs.tick).v4.bound(obs.address, mac)
            case _ if isinstance(obs, Uplinks.INPUTS):
                if (left := self._uplinks.observe(obs)) is not None:
                    self._links.drop(lambda place: place[0] == left)
                    self._ongoing.leave(left)
                if isinstance(obs, LinkState) and obs.up:
                    self._link((obs.name, 0), obs.tick)
            case _:
                pass

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        return self._ongoing.over(due)

    def _link(self, place: Place, tick: float) -> _Link:
        link = self._links.get(place, tick)
        if link is None:
            link = _Link(tick)
            self._links.put(place, link, tick)
        return link

    def _served(self, obs: Dhcp6Message, link: _Link) -> Iterator[Output]:
        mac = obs.delivery.mac
        if mac in link.v4.macs or mac in self._uplinks.macs:
            return
        others = {router: managed for router, managed in link.routers.items() if router != mac}
        if any(others.values()) or (not others and mac in link.routers):
            return  # a managed network, or the only router there is
        if others:
            used_none = True  # its routers say that there is no DHCPv6
        else:
            watched = self._uplinks.knows(obs.interface) and obs.tick - link.since >= self._config.without_seconds
            # Name servers and addresses that lead nowhere beyond this link are what such an attack hands out.
            odd = all(server[:2] == _LINK_LOCAL for server in (*obs.dns, *obs.addresses))
            used_none = bool(link.v4.macs) and (watched or odd)
        # One problem a network: the attacker may give himself any address.
        if used_none and self._ongoing.sighted(obs.seen, ()):
            yield self.found(obs, Severity.HIGH, (), evidence(obs))


def evidence(obs: Dhcp6Message) -> RogueDhcpv6ServerEvidence:
    """What is told of this server."""
    return RogueDhcpv6ServerEvidence(
        address=address_text(obs.source),
        mac=mac_text(obs.delivery.mac),
        prefixes=tuple(f"{address_text(address)}/128" for address in obs.addresses[:4]),
        dns=tuple(address_text(server) for server in obs.dns[:4]),
    )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    stranger = Dhcp6Message(
        *(seen(60.0), Delivery(ATTACKER_MAC, LAPTOP_MAC, 0, 64), ip(ATTACKER6), _ADVERTISE, 1),
        addresses=(ip("fe80::1234"),),
        dns=(ip(ATTACKER6),),
    )
    found = ((Severity.HIGH, evidence(stranger)),)
    unmanaged = router_advertisement(1.0)
    yield Example("the network's router announces no DHCPv6", (unmanaged, stranger), found)
    v4 = (dhcp(0.0, 5), arp_reply(0.1, ROUTER, ROUTER_MAC))
    yield Example("a network without IPv6, and addresses of this link only", (*v4, stranger), found)
    up = LinkState(seen(0.0), 3, "wlan0", LinkKind.WIFI, up=True, mac=LAPTOP_MAC, addresses=(f"{LAPTOP}/24",))
    common = replace(stranger, addresses=(ip("2001:db8::9"),), dns=(ip("2001:db8::53"),))
    yield Example("a network that showed no IPv6 for a while", (up, *v4, common), ((Severity.HIGH, evidence(common)),))
    yield Example("a managed network", (router_advertisement(1.0, managed=True), common))
    yield Example("nothing is known of the network", (common,))
    router = replace(common, delivery=Delivery(ROUTER_MAC, LAPTOP_MAC, 0, 64))
    yield Example("the router answers itself", (unmanaged, *v4, router))
    yield Example("a relayed answer", (unmanaged, replace(common, relayed=True)))
    settings = replace(common, dns=(), delivery=Delivery(OTHER_ROUTER_MAC, LAPTOP_MAC, 0, 64))
    yield Example("a server that names no name server", (unmanaged, settings))
