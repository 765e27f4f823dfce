"""Two servers hand out network settings that contradict each other.

What it means
    A laptop that joins a network asks everybody for an address, for the router and for the name servers, and takes the answer
    that comes first. Here two different machines answer, and they name different routers or name servers.

Why it matters
    Whoever answers first decides where all your connections go and which addresses names lead to. A stranger's laptop with such
    a server is the easiest way into the middle of them.

What to do
    Leave the network if it is not yours. On your own network, look for a second router or a shared connection on another
    computer, and switch its DHCP server off.

False alarms
    Servers that stand in for each other name the same router and name servers, and are silent. So is a network that is joined
    after another one, and a server that only names files to boot from.

Limits
    A stranger who silences the true server first, or whose answer alone reaches this laptop, is seen only on a trusted network,
    whose server is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from wifiguard.core.addresses import address_bytes, address_text, mac_bytes, mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.claims import Place, place_of
from wifiguard.core.host import Remembered
from wifiguard.core.lan import DhcpMessage
from wifiguard.core.network import wired_network
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Finding, Kind, Output, Remember, Rule, Text
from wifiguard.core.scenes import ATTACKER_MAC, NEIGHBOUR_MAC, OTHER_ROUTER_MAC, ROUTER_MAC, dhcp, discover, seen
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="second-dhcp-server",
    kind=Kind.EVENT,
    texts={
        Severity.HIGH: Text(
            N_("A second server hands out network settings"),
            N_(
                "{expected} gives this network its settings; now {stranger} does so too, and names another router or name"
                " server. Whoever answers first decides where your connections go."
            ),
            (
                N_("Leave this network, unless it is yours."),
                N_(
                    "On your own network: look for a second router or a shared connection, and switch its DHCP server off."
                ),
            ),
        )
    },
    references=("RFC 2131 (DHCP)",),
)
_OFFER, _ACK = 2, 5


class DhcpServer(Struct, frozen=True):
    """What one server says: its own identifier, its hardware address, the first router and name server that it names."""

    server_id: str
    mac: str
    router: str | None
    dns: str | None


class SecondDhcpServerEvidence(Evidence, frozen=True):
    """`servers`: those that contradict each other, who was here first before. `expected`, `stranger`: in words."""

    servers: tuple[DhcpServer, ...]
    expected: str
    stranger: str


class Config(Struct, frozen=True):
    """`quiet_seconds`: over, when the second server was silent for so long."""

    quiet_seconds: float = 600.0


class _Offer(NamedTuple):
    mac: bytes
    server: bytes
    routers: tuple[bytes, ...]
    dns: tuple[bytes, ...]

    def agrees(self, other: _Offer) -> bool:
        """The same machine, or one that stands in for it."""
        return self.mac == other.mac or (self.routers == other.routers and set(self.dns) == set(other.dns))


class _Link(Struct):
    """The servers of one link. `first`: who served it before all others; `turns`: how often another took over."""

    first: _Offer
    last: _Offer
    subnet: bytes
    turns: list[float] = field(default_factory=list)


# Three turns within this many seconds: both serve at the same time, and this is not one network after another.
_WINDOW = 600.0


class SecondDhcpServer(Detector):
    """Fires where one question gets contradicting answers of two machines, or where two machines serve by turns."""

    rule = RULE
    inputs = (DhcpMessage, Remembered, *Uplinks.INPUTS)

    def __init__(self, config: Config = Config()) -> None:
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        self._links: BoundedMap[Place, _Link] = BoundedMap(64)
        # What a question was answered with: place, client, transaction.
        self._answers: BoundedMap[tuple[Place, bytes, int], _Offer] = BoundedMap(1024, 60.0)
        self._uplinks = Uplinks()
        self._kept: BoundedMap[str, bytes] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if isinstance(obs, Remembered):
            yield from self._recall(obs)
        elif not isinstance(obs, DhcpMessage):
            left = self._uplinks.observe(obs)
            if left is not None:
                self._links.drop(lambda place: place[0] == left)
                self._ongoing.leave(left)
        elif obs.from_server and obs.kind in (_OFFER, _ACK) and obs.server and (obs.routers or obs.dns):
            yield from self._served(obs, _Offer(obs.delivery.mac, obs.server, obs.routers[:4], obs.dns[:8]))

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        over = self._ongoing.over(due)
        for cleared in over:
            for (interface, _), link in self._links.items():
                if interface == cleared.seen.interface:
                    link.last = link.first
                    link.turns.clear()
        return over

    def _served(self, obs: DhcpMessage, offer: _Offer) -> Iterator[Output]:
        place = place_of(obs)
        question = place, obs.client, obs.transaction
        other = self._answers.get(question, obs.tick)
        self._answers.put(question, other or offer, obs.tick)
        subnet = bytes(a & m for a, m in zip(obs.yours, obs.netmask or b"\xff\xff\xff\0", strict=True))
        link = self._links.get(place, obs.tick)
        if link is None:
            link = _Link(offer, offer, subnet)
            self._links.put(place, link, obs.tick)
        if other is not None and not other.agrees(offer):
            first = link.first if link.first.agrees(other) or link.first.agrees(offer) else other
            yield from self._tell(obs, first, offer if first.agrees(other) else other)
        elif self._is_known(obs, link.first) and not link.first.agrees(offer):
            yield from self._tell(obs, link.first, offer)
        elif not link.last.agrees(offer):
            link.turns = [*[tick for tick in link.turns if tick > obs.tick - _WINDOW][-8:], obs.tick]
            if len(link.turns) >= 2 and link.subnet == subnet:
                yield from self._tell(obs, link.first, link.last if link.first.agrees(offer) else offer)
            elif len(link.turns) < 2:
                link.subnet = subnet
        link.last = offer
        yield from self._remember(obs, link)

    def _tell(self, obs: Observation, first: _Offer, other: _Offer) -> Iterator[Finding]:
        # One problem a network: an attacker may give himself any address.
        if self._ongoing.sighted(obs.seen, ()):
            yield self.found(obs, Severity.HIGH, (), evidence(first, other))

    # What is known of trusted networks.

    def _is_known(self, obs: Observation, first: _Offer) -> bool:
        """Whether a trusted network is known to be served so."""
        network = obs.network
        return network is not None and network.trusted and self._kept.get(network.id, obs.tick) == first.mac

    def _remember(self, obs: DhcpMessage, link: _Link) -> Iterator[Remember]:
        network = obs.network
        if network is None or not network.trusted or link.turns or self._ongoing.holds(obs.seen, ()):
            return
        if self._kept.get(network.id, obs.tick) != link.first.mac:
            self._kept.put(network.id, link.first.mac, obs.tick)
            yield Remember(RULE.id, network, "server", _written(link.first))

    def _recall(self, obs: Remembered) -> Iterator[Output]:
        for key, value in obs.values:
            if obs.rule == RULE.id and key == "server" and (offer := _read(value)) is not None:
                self._kept.put(obs.joined.id, offer.mac, obs.tick)
                place = obs.interface, 0
                # On a wired network the lease comes before it is known which network this is.
                leased = self._links.get(place, obs.tick)
                self._links.put(place, _Link(offer, offer, b""), obs.tick)
                if leased is not None and not offer.agrees(leased.last):
                    yield from self._tell(obs, offer, leased.last)


def _written(offer: _Offer) -> str:
    """For people to read too: hardware address, identifier, routers, name servers."""
    groups = ((offer.server,), offer.routers, offer.dns)
    return "; ".join([mac_text(offer.mac), *(", ".join(map(address_text, group)) for group in groups)])


def _read(text: str) -> _Offer | None:
    try:
        mac, *groups = text.split("; ")
        server, routers, dns = (tuple(filter(None, map(address_bytes, group.split(", ")))) for group in groups)
        return _Offer(mac_bytes(mac), server[0], routers, dns)
    except (ValueError, IndexError):
        return None  # an older version's notes


def evidence(first: _Offer, other: _Offer) -> SecondDhcpServerEvidence:
    """What is told of these two servers."""
    servers = tuple(
        DhcpServer(
            address_text(offer.server),
            mac_text(offer.mac),
            address_text(offer.routers[0]) if offer.routers else None,
            address_text(offer.dns[0]) if offer.dns else None,
        )
        for offer in (first, other)
    )
    expected, stranger = (f"{server.server_id} ({server.mac})" for server in servers)
    return SecondDhcpServerEvidence(servers, expected, stranger)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    rogue = dhcp(1.1, 2, "192.168.1.66", ATTACKER_MAC, routers=("192.168.1.66",), dns=("192.168.1.66",))
    honest = dhcp(1.2, 2)
    offers = [_Offer(m.delivery.mac, m.server or b"", m.routers, m.dns) for m in (honest, rogue)]
    yield Example(
        "two answers to one question name different routers",
        (discover(1.0), honest, rogue),
        ((Severity.HIGH, evidence(*offers)),),
    )
    others = [
        dhcp(tick, 5, server, mac, transaction=int(tick), routers=(server,), dns=(server,), client=NEIGHBOUR_MAC)
        for tick, server, mac in ((100.0, "192.168.1.66", ATTACKER_MAC), (200.0, "192.168.1.1", honest.delivery.mac))
    ]
    yield Example("two servers by turns", (dhcp(1.0, 5), *others), ((Severity.HIGH, evidence(*offers)),))
    home = wired_network(ROUTER_MAC, "eth0", trusted=True)
    yield Example(
        "a trusted network's server is another one, which is known a moment after the lease",
        (rogue, Remembered(seen(1.5)._replace(network=home), RULE.id, home, (("server", _written(offers[0])),))),
        ((Severity.HIGH, evidence(*offers)),),
    )
    yield Example(
        "a trusted network's server is the one that it was",
        (honest, Remembered(seen(1.5)._replace(network=home), RULE.id, home, (("server", _written(offers[0])),))),
    )
    yield Example(
        "a pair of servers that stand in for each other",
        (discover(1.0), dhcp(1.1, 2), dhcp(1.2, 2, "192.168.1.2", OTHER_ROUTER_MAC), dhcp(1.3, 5)),
    )
    yield Example(
        "one network after another",
        (dhcp(1.0, 5), dhcp(60.0, 5, "10.0.0.1", OTHER_ROUTER_MAC, routers=("10.0.0.1",), transaction=2)),
    )
    yield Example(
        "a server that only names a file to boot",
        (discover(1.0), dhcp(1.1, 2), dhcp(1.2, 2, "192.168.1.5", NEIGHBOUR_MAC, routers=(), dns=(), yours="0.0.0.0")),
    )
