"""Who says that an address is his: the claims that ARP and neighbour discovery carry, and when two of them contradict.

One claim after another is how every network moves an address: a router fails over, a lease ends, a host sleeps and its proxy
answers. What an attacker cannot avoid is that the true owner still speaks, or that he answers what nobody asked.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, field

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.hardware import are_siblings, is_shared
from wifiguard.core.lan import (
    ArpSeen,
    DhcpMessage,
    NeighbourAdvertisement,
    NeighbourSolicitation,
    RouterAdvertisement,
    RouterTraffic,
)
from wifiguard.core.observation import Observation

# Seconds. Changes of owner further apart are no dispute; a claim this old says nothing about now.
WINDOW = 60.0
FORGET = 900.0
# How long an answer may take, and how close two answers to one question come.
ANSWER_WITHIN = 3.0
RACE_WITHIN = 0.5
# An owner that was silent for this long has given the address up to who has it since.
GIVEN_UP = 120.0
ADDRESSES = 4096
# Whoever answers for so many addresses, each when asked, answers for others as his trade (RFC 1027, RFC 4389).
PROXY = 4
_MACS = 8
_PINNED = 64
_FIRST = 4
_SIGNS = 8

Place = tuple[str, int]
_Key = tuple[Place, bytes]


def place_of(
    obs: ArpSeen | DhcpMessage | NeighbourAdvertisement | NeighbourSolicitation | RouterAdvertisement,
) -> Place:
    """The link that a message was on: its interface and, of a trunk, the tags."""
    return obs.interface, obs.delivery.vlan


class Claim(NamedTuple):
    """`address` is at `mac`. `asked`: an answer to a question; `unasked`: an answer to none. An announcement is neither."""

    address: bytes
    mac: bytes
    tick: float
    asked: bool
    unasked: bool


class Owner(Struct):
    """Who has an address. `known`: who had it first, or was told from outside; `last`: who claimed it last.

    `doubtful`: all that is known of him is that he said so unasked.
    """

    known: bytes
    last: bytes
    doubtful: bool = False
    heard: dict[bytes, float] = field(default_factory=dict)
    changes: list[float] = field(default_factory=list)
    unasked: list[tuple[float, bytes]] = field(default_factory=list)
    races: list[float] = field(default_factory=list)

    def since(self, tick: float) -> tuple[int, int, int]:
        """How often within the window the owner changed, was contradicted without a question, and two answered one."""
        begin = tick - WINDOW
        changes, races = (sum(sign > begin for sign in signs) for signs in (self.changes, self.races))
        unasked = sum(sign > begin and mac != self.known for sign, mac in self.unasked)
        return changes, unasked, races

    def settle(self) -> None:
        """Forget who disputed it."""
        self.last = self.known
        self.heard = {self.known: self.heard.get(self.known, 0.0)}
        self.changes.clear()
        self.unasked.clear()
        self.races.clear()

    def suspect(self) -> bytes:
        """Who claimed it last, apart from its known owner; the owner itself where nobody else did."""
        others = [mac for mac in self.heard if mac != self.known]
        return max(others, key=self.heard.__getitem__) if others else self.known

    def claimed_by(self) -> tuple[bytes, ...]:
        """Everybody who claimed it, who is known first."""
        return (self.known, *sorted(mac for mac in self.heard if mac != self.known))


class Contradiction(NamedTuple):
    """A claim that somebody else's address is at its maker's, with the owner as it stands now."""

    place: Place
    claim: Claim
    owner: Owner


class Claims:
    """The owners of addresses on all links, bounded. `observe` tells of every claim that contradicts another.

    Addresses that were pinned (those of routers) are kept whatever floods the rest.
    """

    INPUTS = (ArpSeen, NeighbourSolicitation, NeighbourAdvertisement, RouterAdvertisement, DhcpMessage, RouterTraffic)

    def __init__(self) -> None:
        self._owners: BoundedMap[_Key, Owner] = BoundedMap(ADDRESSES, FORGET)
        self._pinned: dict[_Key, Owner | None] = {}
        # Who was the first to claim something → what, the latest last.
        self._first: BoundedMap[tuple[Place, bytes], tuple[bytes, ...]] = BoundedMap(ADDRESSES, FORGET)
        # A host of this link → through whom it reached the world before.
        self._ways: BoundedMap[_Key, bytes] = BoundedMap(ADDRESSES, FORGET)
        # Place, who asked, for which address → until when an answer is one, and whom he asked (empty: everybody).
        self._asked: BoundedMap[tuple[Place, bytes, bytes], tuple[float, bytes]] = BoundedMap(ADDRESSES, ANSWER_WITHIN)
        # Who last answered a question for an address.
        self._answered: BoundedMap[_Key, bytes] = BoundedMap(ADDRESSES, RACE_WITHIN)
        self._answers_for: BoundedMap[tuple[Place, bytes], frozenset[bytes]] = BoundedMap(ADDRESSES, FORGET)
        self._unasked_by: BoundedMap[tuple[Place, bytes], bool] = BoundedMap(ADDRESSES, FORGET)
        self._mine: frozenset[bytes] = frozenset()

    def mine(self, macs: frozenset[bytes]) -> None:
        """These hardware addresses are this laptop's: what it says of itself contradicts nobody."""
        self._mine = macs

    def leave(self, interface: str) -> None:
        """Another network is behind the interface now."""
        for key in [key for key in self._pinned if key[0][0] == interface]:
            del self._pinned[key]
        self._owners.drop(lambda key: key[0][0] == interface)

    def pin(self, place: Place, address: bytes, mac: bytes | None, tick: float) -> None:
        """Keep this address; `mac`: who has it, where that is known from elsewhere and nobody has claimed it yet."""
        key = place, address
        if self._pinned.get(key) is None and (key in self._pinned or len(self._pinned) < _PINNED):
            owner = self._owners.pop(key)
            if owner is None and mac is not None:
                owner = Owner(mac, mac, heard={mac: tick})
            self._pinned[key] = owner

    def is_pinned(self, place: Place, address: bytes) -> bool:
        """Whether the address is one of those."""
        return (place, address) in self._pinned

    def settle(self, interface: str, address: bytes) -> None:
        """The dispute over this address is over: its known owner has it, and earlier signs count no more."""
        for place, claimed in [*self._pinned, *(key for key, _ in self._owners.items())]:
            if place[0] == interface and claimed == address:
                owner = self.owner(place, claimed, float("-inf"))
                if owner is not None:
                    owner.settle()

    def owner(self, place: Place, address: bytes, tick: float) -> Owner | None:
        """Who has the address."""
        return self._pinned.get((place, address)) or self._owners.get((place, address), tick)

    def proxies(self, place: Place, mac: bytes, tick: float) -> bool:
        """Whether `mac` answers for many addresses, and only when asked."""
        answers = self._answers_for.get((place, mac), tick)
        return answers is not None and len(answers) >= PROXY and self._unasked_by.get((place, mac), tick) is None

    def observe(self, obs: Observation) -> list[Contradiction]:
        """Take one message; returns what it contradicts."""
        match obs:
            case ArpSeen():
                return self._arp(obs)
            case NeighbourAdvertisement():
                return self._advertisement(obs)
            case NeighbourSolicitation():
                self._ask((place_of(obs), obs.source, obs.target), obs.delivery.to, obs.tick)
                if obs.link_address is not None and any(obs.source):
                    return self._claim(place_of(obs), Claim(obs.source, obs.link_address, obs.tick, False, False))
            case RouterAdvertisement(link_address=bytes() as mac):
                return self._claim(place_of(obs), Claim(obs.source, mac, obs.tick, False, False))
            case DhcpMessage(from_server=True, kind=5) if any(obs.yours):
                self._leased(obs)
            case RouterTraffic():
                return self._routed(obs)
            case _:
                pass
        return []

    def _arp(self, arp: ArpSeen) -> list[Contradiction]:
        place, tick = place_of(arp), arp.tick
        if not arp.reply and arp.target != arp.sender:
            self._ask((place, arp.sender, arp.target), arp.delivery.to, tick)
        if not any(arp.sender) or arp.sender_mac[0] & 1 or not any(arp.sender_mac):
            return []  # a probe (RFC 5227), or nobody's address
        # An announcement names its own address as target (RFC 5227, 3); a reply to others, or to 0.0.0.0, answers a question.
        asked = unasked = False
        if arp.reply and arp.target != arp.sender:
            asked = self._is_answer((place, arp.target, arp.sender), arp.sender_mac, tick)
            unasked = not asked
        return self._claim(place, Claim(arp.sender, arp.sender_mac, tick, asked, unasked))

    def _advertisement(self, nd: NeighbourAdvertisement) -> list[Contradiction]:
        mac = nd.link_address or nd.delivery.mac
        # Without the override flag it is a proxy's or an anycast address's (RFC 4861, 7.2.7 and 7.2.8), and replaces nothing.
        if not nd.override or not mac or mac[0] & 1:
            return []
        place, tick = place_of(nd), nd.tick
        asked = self._is_answer((place, nd.destination, nd.target), mac, tick)
        unasked = not asked and nd.destination[0] != 0xFF
        return self._claim(place, Claim(nd.target, mac, tick, asked, unasked))

    def _ask(self, question: tuple[Place, bytes, bytes], to: bytes, tick: float) -> None:
        self._asked.put(question, (tick + ANSWER_WITHIN, b"" if to[:1] and to[0] & 1 else to), tick)

    def _is_answer(self, question: tuple[Place, bytes, bytes], mac: bytes, tick: float) -> bool:
        """Whether `mac` was asked this, alone or with all others; a second one must be quick to answer after the first."""
        until, to = self._asked.get(question, tick) or (float("-inf"), b"")
        if tick > until or (to and to != mac):
            return False
        self._asked.put(question, (min(until, tick + RACE_WITHIN), to), tick)
        return True

    def _claim(self, place: Place, claim: Claim) -> list[Contradiction]:
        address, mac, tick, asked, unasked = claim
        if mac in self._mine:
            return []
        key = place, address
        owner = self.owner(place, address, tick)
        if asked:
            answers = self._answers_for.get((place, mac), tick) or frozenset()
            if len(answers) < PROXY:
                answers |= {address}
            self._answers_for.put((place, mac), answers, tick)
        if owner is None:
            owner = Owner(mac, mac, unasked, {mac: tick}, unasked=[(tick, mac)] if unasked else [])
            self._keep(key, owner, tick)
            self._first.put((place, mac), (*(self._first.get((place, mac), tick) or ())[1 - _FIRST :], address), tick)
            if asked:
                self._answered.put(key, mac, tick)
            return []
        self._keep(key, owner, tick)
        return [Contradiction(place, claim, owner)] if self._contradicts(key, owner, claim) else []

    def _keep(self, key: _Key, owner: Owner, tick: float) -> None:
        if key in self._pinned:
            self._pinned[key] = owner
        else:
            self._owners.put(key, owner, tick)

    def _contradicts(self, key: _Key, owner: Owner, claim: Claim) -> bool:
        place, _ = key
        _, mac, tick, asked, unasked = claim
        raced = self._answered.get(key, tick) if asked else None
        if asked:
            self._answered.put(key, mac, tick)
        if owner.doubtful and not unasked:
            # Who first spoke up unasked is the impostor, if there is one.
            owner.known, owner.doubtful = mac, False
        heard_known = owner.heard.get(owner.known, tick)
        before, owner.last = owner.last, mac
        owner.heard[mac] = tick
        if len(owner.heard) > _MACS:
            oldest = min((each for each in owner.heard if each not in (owner.known, mac)), key=owner.heard.__getitem__)
            del owner.heard[oldest]
        if unasked:
            owner.unasked = [*owner.unasked[1 - _SIGNS :], (tick, mac)]
        if mac == before and mac == owner.known:
            return False
        known = owner.known
        other = before if mac == known else known
        if is_shared(mac) and is_shared(other):
            return False
        if mac != known and not unasked and tick - heard_known > GIVEN_UP and not owner.since(tick)[1]:
            owner.known = mac
            owner.heard = {mac: tick}
            owner.changes.clear()
            return False
        siblings = are_siblings(mac, other)
        if mac != before and not (siblings or self.proxies(place, mac, tick) or self.proxies(place, before, tick)):
            owner.changes = [*owner.changes[1 - _SIGNS :], tick]
        if raced is not None and raced != mac and not siblings:
            owner.races = [*owner.races[1 - _SIGNS :], tick]
        if unasked and mac != known:
            self._unasked_by.put((place, mac), True, tick)
            if siblings or is_shared(mac):
                owner.unasked.pop()
        return mac != known or mac != before

    def _routed(self, traffic: RouterTraffic) -> list[Contradiction]:
        """Who carries the world's packets has a router's address; another who claims that one meanwhile contradicts him."""
        place, tick = (traffic.interface, traffic.vlan), traffic.tick
        if traffic.mac in self._mine:
            return []
        addresses = self._first.get((place, traffic.mac), tick) or ()
        if not traffic.inward:
            if addresses:
                self.pin(place, addresses[-1], None, tick)
            return self._diverted(place, traffic, addresses)
        out: list[Contradiction] = []
        for (where, router), owner in self._pinned.items():
            if where != place or owner is None or len(router) != 4 or owner.last == traffic.mac:
                continue
            if traffic.mac not in owner.heard:
                # He never said so himself. That the other says it unasked, and again, is what convicts.
                if sum(sign > tick - WINDOW for sign, _ in owner.unasked) < 2:
                    continue
                owner.known = traffic.mac
            elif owner.known != traffic.mac:
                continue
            claim = Claim(router, traffic.mac, tick, False, False)
            if self._contradicts((place, router), owner, claim):
                out.append(Contradiction(place, claim, owner))
        return out

    def _diverted(self, place: Place, traffic: RouterTraffic, addresses: tuple[bytes, ...]) -> list[Contradiction]:
        """A host's packets go to another machine than before, and all that this one ever said, it said unasked."""
        host, tick = (place, traffic.near), traffic.tick
        before = self._ways.get(host, tick)
        if before is None or before == traffic.mac:
            self._ways.put(host, traffic.mac, tick)
            return []
        for address in addresses:
            owner = self.owner(place, address, tick)
            if owner is not None and owner.doubtful and owner.known == traffic.mac:
                self.pin(place, address, None, tick)
                owner.known, owner.doubtful = before, False
                owner.heard.setdefault(before, tick)
                return [Contradiction(place, Claim(address, traffic.mac, tick, False, True), owner)]
        self._ways.put(host, traffic.mac, tick)
        return []

    def _leased(self, ack: DhcpMessage) -> None:
        # The server gives the address to somebody else now.
        place = place_of(ack)
        owner = self.owner(place, ack.yours, ack.tick)
        if owner is not None and owner.known != ack.client and (place, ack.yours) not in self._pinned:
            self._owners.pop((place, ack.yours))
