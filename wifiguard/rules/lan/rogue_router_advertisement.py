"""A machine that was no router before offers itself as the router for IPv6.

What it means
    Routers introduce themselves by advertisements, and every system believes them. A second machine does so now, or a network
    that had no IPv6 suddenly has a router, or the known router's name servers are replaced.

Why it matters
    Systems prefer IPv6. Whoever is its router, or names the name servers, sees and steers most of what you do, even on a network
    whose owner has never heard of IPv6.

What to do
    Leave the network if it is not yours. On your own network, find the machine that is named below: often a phone or computer
    that shares its connection.

False alarms
    Two routers that hand out the same, border routers of smart homes that offer no default route, a router that says goodbye or
    renumbers, and the box that is the IPv4 router as well are known and silent. A neighbour who shares his own connection into
    this network by mistake is told.

Limits
    A second router that repeats the first one's settings exactly, without asking to be preferred, looks like one of a pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.addresses import address_text, mac_bytes, mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.claims import Place, place_of
from wifiguard.core.first_routers import FirstRouters
from wifiguard.core.hardware import is_shared
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, Remembered, RouteState
from wifiguard.core.lan import ArpSeen, DhcpMessage, RouterAdvertisement, RouterSolicitation
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.router_book import Advertised, is_local
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Finding, Kind, Output, Remember, Rule, Text
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
    router_advertisement,
    seen,
)
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="rogue-router-advertisement",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("A machine here offers itself as router"),
            N_("{mac} ({address}) now offers to route or to resolve names for IPv6; expected: {expected}."),
            (
                N_("Leave this network, unless it is yours."),
                N_("On your own network: find the device {mac}; it may share its own connection."),
            ),
        )
    },
    references=("RFC 4861, 6 (router advertisements)", "RFC 6104 (rogue router advertisements)", "RFC 8106 (RDNSS)"),
)


class RogueRouterAdvertisementEvidence(Evidence, frozen=True):
    """`address` and `mac` of who advertises; `prefixes` and `dns` that it hands out; `expected`: who routes here, in words."""

    address: str
    mac: str
    prefixes: tuple[str, ...]
    dns: tuple[str, ...]
    expected: str


class Config(Struct, frozen=True):
    """`without_seconds`: a network that had no IPv6 router for so long has none. `quiet_seconds`: over after so long."""

    without_seconds: float = 20.0
    quiet_seconds: float = 1800.0


class _Link(Struct):
    """One link. `since`: when it was first seen; `asked`: when somebody asked in vain for a router."""

    since: float
    asked: float | None = None
    routers: dict[bytes, Advertised] = field(default_factory=dict)
    known: frozenset[bytes] = frozenset()  # hardware addresses from memory
    v4: FirstRouters = field(default_factory=FirstRouters)
    own: dict[bytes, float] = field(default_factory=dict)  # this laptop's IPv6 routers, since when; rogues: never
    told: set[tuple[bytes, bytes]] = field(default_factory=set)  # address and hardware address of rogues

    def forget_rogues(self) -> None:
        """They fell silent; should one come back, it is news."""
        self.routers = {source: r for source, r in self.routers.items() if (source, r.mac) not in self.told}
        self.told.clear()


_ROUTERS = 16
_BEFORE = 0.5
_LINK_LOCAL = b"\xfe\x80"
_LINKS = 64


class RogueRouterAdvertisements(Detector):
    """Fires on a second default router that differs, on one where there was none, and on name servers that are replaced."""

    rule = RULE
    inputs = (
        *(RouterAdvertisement, RouterSolicitation, ArpSeen, DhcpMessage, NeighbourSeen, Remembered),
        *Uplinks.INPUTS,
    )

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._uplinks = Uplinks()
        self._links: BoundedMap[Place, _Link] = BoundedMap(_LINKS)

    def observe(self, obs: Observation) -> Iterator[Output]:
        match obs:
            case RouterAdvertisement():
                yield from self._advertised(obs, self._link(place_of(obs), obs.tick))
            case RouterSolicitation():
                link = self._link((obs.interface, obs.delivery.vlan), obs.tick)
                if link.asked is None:
                    link.asked = obs.tick
            case DhcpMessage(from_server=True):
                self._link(place_of(obs), obs.tick).v4.leased(obs)
            case ArpSeen():
                if (known := self._links.get(place_of(obs), obs.tick)) is not None:
                    known.v4.claimed(obs.sender, obs.sender_mac)
            case NeighbourSeen(mac=bytes() as mac):
                self._link((obs.interface, 0), obs.tick).v4.bound(obs.address, mac)
            case Remembered(rule=RULE.id):
                link = self._link((obs.interface, 0), obs.tick)
                link.known |= set(_macs(key for key, _ in obs.values[:_ROUTERS]))
            case _ if isinstance(obs, Uplinks.INPUTS):
                self._moved(obs)
            case _:
                pass

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        over = self._ongoing.over(due)
        for cleared in over:
            for (interface, _), link in self._links.items():
                if interface == cleared.seen.interface:
                    link.forget_rogues()
        return over

    def _link(self, place: Place, tick: float) -> _Link:
        link = self._links.get(place, tick)
        if link is None:
            link = _Link(tick)
            self._links.put(place, link, tick)
        return link

    def _moved(self, obs: Observation) -> None:
        left = self._uplinks.observe(obs)
        if left is not None:
            self._links.drop(lambda place: place[0] == left)
            self._ongoing.leave(left)
        interface = obs.name if isinstance(obs, LinkState | RouteState) and obs.name else obs.interface
        if not interface or (isinstance(obs, LinkState) and not obs.up):
            return
        link = self._link((interface, 0), obs.tick)
        for router in self._uplinks.routers(interface):
            # Advertisements come from link-local addresses; a gateway that was set by hand may have another one.
            if router[:2] == _LINK_LOCAL and len(link.own) < _ROUTERS:
                link.own.setdefault(router, obs.tick)

    def _advertised(self, ra: RouterAdvertisement, link: _Link) -> Iterator[Output]:
        now = Advertised.of(ra)
        if now.mac in self._uplinks.macs:
            return
        before = link.routers.get(now.source)
        if not now.default and not now.dns and before is not None and before.mac == now.mac:
            # Its own goodbye.
            link.routers.pop(now.source)
            if (now.source, now.mac) in link.told:
                link.told.discard((now.source, now.mac))
                if not link.told:
                    yield from self._ongoing.clear(ra.seen, ())
            return
        others = [r for r in link.routers.values() if r.source != now.source and (r.source, r.mac) not in link.told]
        if (now.source, now.mac) in link.told or self._is_rogue(ra, now, before, others, link):
            if len(link.told) < _ROUTERS:
                link.told.add((now.source, now.mac))
            if before is None and len(link.own) < 4 * _ROUTERS:
                # The kernel may keep it as a router for hours; that makes it none.
                link.own[now.source] = float("inf")
            yield from self._tell(ra, now, before, others, link)
        elif now.default or now.dns:
            yield from self._remember(ra, now, link)
        if (now.default or now.dns) and (now.source in link.routers or len(link.routers) < _ROUTERS):
            link.routers[now.source] = now if before is None or before.mac == now.mac else before

    def _is_rogue(
        self, ra: RouterAdvertisement, now: Advertised, before: Advertised | None, others: list[Advertised], link: _Link
    ) -> bool:
        if before is not None and before.mac != now.mac:
            # Somebody speaks in a router's name, be it to bid farewell.
            return not (is_shared(now.mac) or is_shared(before.mac))
        if not (now.default or now.dns) or (not now.default and all(map(is_local, now.prefixes)) and not now.dns):
            return False
        if now.mac in link.v4.macs or now.mac in link.known or is_shared(now.mac):
            return self._names_replaced(now, before)
        if link.known:
            return True
        if before is not None:
            return self._names_replaced(now, before)
        rivals = [r for r in others if (r.default or r.dns) and r.mac != now.mac]
        if rivals:
            return (now.default or bool(now.dns)) and not any(now.agrees(r) or r.agrees(now) for r in rivals)
        # Those that were there before: the kernel takes a rogue's word, too, and its table may be read before the packet.
        mine = self._uplinks.routers(ra.interface)
        known = {router for router, since in link.own.items() if router in mine and since < ra.tick - _BEFORE}
        if known:
            # This laptop routes through another one, whose advertisements came before we listened.
            return now.source not in known
        return self._had_none(ra.interface, link, ra.tick)

    @staticmethod
    def _names_replaced(now: Advertised, before: Advertised | None) -> bool:
        """All name servers are others now, and outside of what the router hands out: renumbering moves them along."""
        return (
            before is not None
            and bool(now.dns)
            and bool(before.dns)
            and now.dns.isdisjoint(before.dns)
            and not any(now.serves_itself(server) for server in now.dns)
        )

    def _had_none(self, interface: str, link: _Link, tick: float) -> bool:
        """Whether this link is known to have had no IPv6 router: an IPv4 one is known, and waiting was in vain.

        A laptop asks when it joins (RFC 4861, 6.3.7); in a capture, somebody must be seen to have asked.
        """
        if not link.v4:
            return False
        without = self._config.without_seconds
        asked = self._uplinks.knows(interface) or (link.asked is not None and tick - link.asked >= without / 2)
        return tick - link.since >= without and asked

    def _tell(
        self, ra: RouterAdvertisement, now: Advertised, before: Advertised | None, others: list[Advertised], link: _Link
    ) -> Iterator[Finding]:
        # One problem a network: the attacker may give himself any address.
        if not self._ongoing.sighted(ra.seen, ()):
            return
        if before is not None and before.mac != now.mac:
            expected = f"{address_text(before.source)} at {mac_text(before.mac)}"
        elif before is not None and before.dns.isdisjoint(now.dns):
            expected = f"the name servers {', '.join(sorted(map(address_text, before.dns)))}"
        elif others:
            expected = ", ".join(f"{address_text(r.source)} ({mac_text(r.mac)})" for r in others[:2])
        elif link.known:
            expected = ", ".join(sorted(map(mac_text, link.known)))
        else:
            expected = "no router"
        yield self.found(ra, Severity.HIGH, (), evidence(now, expected))

    def _remember(self, ra: RouterAdvertisement, now: Advertised, link: _Link) -> Iterator[Remember]:
        network = ra.network
        if network is not None and network.trusted and now.mac not in link.known and not link.told:
            link.known |= {now.mac}
            yield Remember(RULE.id, network, mac_text(now.mac), address_text(now.source))


def _macs(texts: Iterable[str]) -> Iterator[bytes]:
    for text in texts:
        try:
            yield mac_bytes(text)
        except ValueError:
            continue  # an older version's notes


def evidence(now: Advertised, expected: str) -> RogueRouterAdvertisementEvidence:
    """What is told of this router."""
    return RogueRouterAdvertisementEvidence(
        address=address_text(now.source),
        mac=mac_text(now.mac),
        prefixes=tuple(f"{address_text(address)}/{length}" for address, length in sorted(now.prefixes)[:4]),
        dns=tuple(sorted(map(address_text, now.dns))[:4]),
        expected=expected,
    )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    honest = router_advertisement(0.0, dns=("2001:db8:1::53",))
    rogue = router_advertisement(30.0, ATTACKER6, ATTACKER_MAC, prefixes=("2001:db8:bad::/64",), dns=(ATTACKER6,))
    by = evidence(Advertised.of(rogue), f"fe80::1 ({mac_text(ROUTER_MAC)})")
    yield Example("a second default router with a prefix of its own", (honest, rogue), ((Severity.HIGH, by),))
    v4 = (dhcp(0.0, 5), arp_reply(0.1, ROUTER, ROUTER_MAC))
    up = LinkState(seen(0.0), 3, "wlan0", LinkKind.WIFI, up=True, mac=LAPTOP_MAC, addresses=(f"{LAPTOP}/24",))
    asked = RouterSolicitation(seen(1.0), honest.delivery._replace(mac=LAPTOP_MAC), bytes(16))
    yield Example(
        "a router on a network that had none, hidden behind an extension header",
        (up, *v4, asked, replace(rogue, delivery=rogue.delivery._replace(extended=True))),
        ((Severity.HIGH, replace(by, expected="no router")),),
    )
    goodbye = router_advertisement(5.0, mac=ATTACKER_MAC, lifetime=0, prefixes=())
    yield Example(
        "a goodbye in the router's name",
        (honest, goodbye),
        ((Severity.HIGH, evidence(Advertised.of(goodbye), f"fe80::1 at {mac_text(ROUTER_MAC)}")),),
    )
    replaced = router_advertisement(60.0, dns=("2001:db8:bad::53",))
    yield Example(
        "the router's name servers are replaced",
        (honest, replaced),
        ((Severity.HIGH, evidence(Advertised.of(replaced), "the name servers 2001:db8:1::53")),),
    )
    yield Example("one router", (honest, router_advertisement(600.0, dns=("2001:db8:1::53",))))
    yield Example(
        "a pair of routers that hand out the same",
        (honest, router_advertisement(1.0, "fe80::2", OTHER_ROUTER_MAC, dns=("2001:db8:1::53",))),
    )
    thread = router_advertisement(
        40.0, "fe80::7", OTHER_ROUTER_MAC, lifetime=0, prefixes=("fd12:3456::/64",), routes=("fd99::/64",)
    )
    yield Example("a border router of a smart home", (up, *v4, asked, honest, thread))
    yield Example("the router says goodbye", (honest, router_advertisement(9.0, lifetime=0, prefixes=())))
    yield Example("the IPv4 router gets IPv6", (up, *v4, asked, router_advertisement(40.0)))
    renumbered = router_advertisement(99.0, prefixes=("2001:db8:2::/64",), dns=("2001:db8:2::53",))
    yield Example("the router renumbers", (honest, renumbered))
