"""Somebody on the local network claims to be the router.

What it means
    All that this laptop sends to the internet goes to the router's hardware address, which it learns by asking the network
    (ARP, or neighbour discovery for IPv6). A second device now gives itself out as the router, while the true one is there.

Why it matters
    Whoever succeeds with this sits in the middle: every connection passes through his machine, which can read and change
    what is not encrypted, and can try to lead you to false copies of web sites.

What to do
    Leave the network now. If it is your own, look at which device has the hardware address that is named below, and restart
    the router.

False alarms
    Routers that stand in for each other with a shared address (VRRP, HSRP, CARP, GLBP), a stand-in that takes over from a
    router that fell silent, devices that answer for many others when asked, and another access point or lease are known and
    silent. A second router that is configured with the first one's address by mistake is told: that does need a look.

Limits
    An attacker who knocks the true router out, and then takes its place quietly, looks like a stand-in unless the network is a
    trusted one whose router is remembered. One who uses a shared address is only seen while the true router speaks too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from wifiguard.core.addresses import address_bytes, address_text, mac_bytes, mac_text
from wifiguard.core.bounded import BoundedMap
from wifiguard.core.claims import Claim, Claims, Owner, Place, place_of
from wifiguard.core.host import LinkState, NeighbourSeen, ProbeAnswer, Remembered, RouteState
from wifiguard.core.lan import ArpSeen, DhcpMessage, RouterAdvertisement
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import (
    AskProbe,
    Cleared,
    Detector,
    Evidence,
    Example,
    Finding,
    Kind,
    Output,
    Remember,
    Rule,
    Text,
)
from wifiguard.core.scenes import (
    ATTACKER_MAC,
    LAPTOP,
    LAPTOP6,
    LAPTOP_MAC,
    NEIGHBOUR,
    NEIGHBOUR_MAC,
    OTHER_ROUTER_MAC,
    ROUTER,
    ROUTER6,
    ROUTER_MAC,
    advertisement,
    arp_announcement,
    arp_reply,
    arp_request,
    dhcp,
    routed,
    router_advertisement,
    solicitation,
)
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="gateway-impersonated",
    kind=Kind.EVENT,
    texts={
        Severity.CRITICAL: Text(
            N_("Someone here pretends to be the router"),
            N_(
                "The router {address} is {expected}, and now {impostor} says that it has this address. What you send may"
                " pass through that machine."
            ),
            (
                N_("Leave this network now; do your banking over mobile data."),
                N_("If it is your own network: find the device {impostor} and restart the router."),
            ),
        )
    },
    references=("RFC 826 (ARP)", "RFC 4861 (IPv6 neighbour discovery)", "RFC 9568 (VRRP)"),
)
PROBE = "owners"


class GatewayImpersonatedEvidence(Evidence, frozen=True):
    """`address` of the router; `claimed_by`: the hardware addresses that say they have it, the expected one first.

    `family` 4 or 6. `impostor`: the latest of those that were not expected.
    """

    address: str
    claimed_by: tuple[str, ...]
    family: int
    expected: str
    impostor: str


class Config(Struct, frozen=True):
    """`quiet_seconds`: an attack of which nothing was seen for so long is over. `ask`: in doubt, ask both claimants."""

    quiet_seconds: float = 30.0
    ask: bool = True


class GatewayImpersonated(Detector):
    """Fires where a router's address is claimed by a second machine while the first is there, or in answer to no question."""

    rule = RULE
    inputs = (*Claims.INPUTS, *Uplinks.INPUTS, NeighbourSeen, Remembered, ProbeAnswer)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._claims = Claims()
        self._uplinks = Uplinks()
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds)
        # What was asked about lately, and what is kept with a network already.
        self._asked: BoundedMap[tuple[Place, bytes], bool] = BoundedMap(64, 10.0)
        self._kept: BoundedMap[tuple[str, bytes], bytes] = BoundedMap(64)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if isinstance(obs, Uplinks.INPUTS):
            self._moved(obs)
        elif isinstance(obs, NeighbourSeen):
            if obs.mac:
                self._claims.pin((obs.interface, 0), obs.address, obs.mac, obs.tick)
                owner = self._claims.owner((obs.interface, 0), obs.address, obs.tick)
                if owner is not None and owner.known == obs.mac:
                    yield from self._remember(obs, obs.address, obs.mac)
        elif isinstance(obs, Remembered):
            if obs.rule == RULE.id:
                yield from self._recall(obs)
        elif isinstance(obs, ProbeAnswer):
            if obs.rule == RULE.id and obs.answer is not None:
                yield from self._answered(obs)
        else:
            yield from self._learn(obs)
            for place, claim, owner in self._claims.observe(obs):
                yield from self._judge(obs, place, claim, owner)

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        over = self._ongoing.over(due)
        for cleared in over:
            interface, address = cleared.seen.interface, address_bytes(cleared.key[0]) or b""
            self._claims.settle(interface, address)
            self._asked.pop(((interface, 0), address))
        return over

    def _moved(self, obs: Observation) -> None:
        left = self._uplinks.observe(obs)
        self._claims.mine(self._uplinks.macs)
        if left is not None:
            self._claims.leave(left)
            self._ongoing.leave(left)
        interface = obs.name if isinstance(obs, LinkState | RouteState) and obs.name else obs.interface
        for router in self._uplinks.routers(interface):
            self._claims.pin((interface, 0), router, None, obs.tick)

    def _learn(self, obs: Observation) -> Iterator[Output]:
        """Which addresses are routers', by what the network itself says; and on a trusted network, who they are."""
        match obs:
            case ArpSeen(reply=True) if self._claims.is_pinned(place_of(obs), obs.sender):
                owner = self._claims.owner(place_of(obs), obs.sender, obs.tick)
                if owner is not None and owner.last == owner.known == obs.sender_mac:
                    yield from self._remember(obs, obs.sender, owner.known)
            case DhcpMessage(from_server=True, kind=2 | 5):
                for router in obs.routers[:4]:
                    self._claims.pin(place_of(obs), router, None, obs.tick)
            case RouterAdvertisement() if obs.lifetime:
                self._claims.pin(place_of(obs), obs.source, None, obs.tick)
            case _:
                pass

    def _judge(self, obs: Observation, place: Place, claim: Claim, owner: Owner) -> Iterator[Output]:
        if not self._claims.is_pinned(place, claim.address):
            return
        changes, unasked, races = owner.since(claim.tick)
        if unasked or changes >= 2 or (races and len(claim.address) == 16):
            yield from self._tell(obs, claim.address, owner)
        elif self._config.ask and claim.mac != owner.known and self._uplinks.knows(obs.interface):
            yield from self._ask(obs, place, claim.address, owner)

    def _tell(self, obs: Observation, address: bytes, owner: Owner) -> Iterator[Finding]:
        key = (address_text(address),)
        claimants = owner.claimed_by()
        if owner.last == owner.known and self._ongoing.holds(obs.seen, key):
            return  # the true router's own word renews nothing
        if self._ongoing.sighted(obs.seen, key):
            yield self.found(obs, Severity.CRITICAL, key, evidence(address, claimants, owner.suspect()))

    def _ask(self, obs: Observation, place: Place, address: bytes, owner: Owner) -> Iterator[AskProbe]:
        if self._asked.get((place, address), obs.tick) is None:
            self._asked.put((place, address), True, obs.tick)
            macs = ",".join(mac_text(mac) for mac in owner.claimed_by())
            yield AskProbe(RULE.id, PROBE, obs.seen, (("address", address_text(address)), ("macs", macs)))

    def _answered(self, obs: ProbeAnswer) -> Iterator[Output]:
        question, answer = dict(obs.question), dict(obs.answer or ())
        address = address_bytes(question.get("address", "")) or b""
        macs = [mac for text in answer.get("answered", "").split(",") if (mac := _mac(text)) is not None]
        owner = self._claims.owner((obs.interface, 0), address, obs.tick)
        if owner is None or not macs:
            return
        if len(macs) == 1:
            # The other one is gone: this is the router now.
            owner.known = owner.last = macs[0]
            yield from self._remember(obs, address, macs[0])
        elif not any(self._claims.proxies((obs.interface, 0), mac, obs.tick) for mac in macs):
            key = (address_text(address),)
            if self._ongoing.sighted(obs.seen, key):
                yield self.found(obs, Severity.CRITICAL, key, evidence(address, owner.claimed_by(), owner.suspect()))

    # What is known of trusted networks.

    def _remember(self, obs: Observation, address: bytes, mac: bytes) -> Iterator[Remember]:
        network = obs.network
        if network is None or not network.trusted or self._ongoing.holds(obs.seen, (address_text(address),)):
            return
        if self._kept.get((network.id, address), obs.tick) != mac:
            self._kept.put((network.id, address), mac, obs.tick)
            yield Remember(RULE.id, network, address_text(address), mac_text(mac))

    def _recall(self, obs: Remembered) -> Iterator[Output]:
        place = obs.interface, 0
        for key, value in obs.values:
            address, mac = address_bytes(key), _mac(value)
            if address is None or mac is None:
                continue  # an older version's notes
            self._kept.put((obs.joined.id, address), mac, obs.tick)
            owner = self._claims.owner(place, address, obs.tick)
            self._claims.pin(place, address, mac, obs.tick)
            if owner is not None and mac not in owner.heard:
                owner.known = mac
                owner.heard[mac] = obs.tick
                yield from self._ask(obs, place, address, owner)


def _mac(text: str) -> bytes | None:
    try:
        return mac_bytes(text)
    except ValueError:
        return None


def evidence(address: bytes, claimants: tuple[bytes, ...], suspect: bytes) -> GatewayImpersonatedEvidence:
    """The expected owner is the first of `claimants`."""
    return GatewayImpersonatedEvidence(
        address=address_text(address),
        claimed_by=tuple(mac_text(mac) for mac in claimants[:4]),
        family=4 if len(address) == 4 else 6,
        expected=mac_text(claimants[0]),
        impostor=mac_text(suspect),
    )


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    lease = dhcp(0.0, 5)
    asked = (lease, arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER), arp_reply(1.0, ROUTER, ROUTER_MAC))
    attack = (Severity.CRITICAL, evidence(lease.routers[0], (ROUTER_MAC, ATTACKER_MAC), ATTACKER_MAC))
    yield Example(
        "this laptop is told, unasked, that the router is elsewhere",
        (*asked, arp_reply(9.0, ROUTER, ATTACKER_MAC), arp_reply(10.0, ROUTER, ATTACKER_MAC)),
        (attack,),
    )
    yield Example(
        "everybody is told so, and the true router is still heard",
        (*asked, arp_announcement(9.0, ROUTER, ATTACKER_MAC), arp_request(11.0, ROUTER, ROUTER_MAC, LAPTOP)),
        (attack,),
    )
    yield Example(
        "the true router never speaks of itself, but the world's packets come from it",
        (
            lease,
            arp_reply(1.0, ROUTER, ATTACKER_MAC),
            arp_reply(3.0, ROUTER, ATTACKER_MAC),
            routed(3.5, ROUTER_MAC),
        ),
        (attack,),
    )
    yield Example(
        "the true router is never heard again: packets go to who said, unasked, that he is it",
        (
            routed(0.0, ROUTER_MAC, inward=False),
            arp_reply(1.0, ROUTER, ATTACKER_MAC),
            routed(1.5, ATTACKER_MAC, inward=False),
            routed(1.5, ATTACKER_MAC),
        ),
        (attack,),
    )
    yield Example(
        "an IPv6 router's address is answered for by another",
        (
            router_advertisement(0.0),
            solicitation(5.0, LAPTOP6, LAPTOP_MAC, ROUTER6),
            advertisement(5.0, ROUTER6, ROUTER_MAC, router=True),
            advertisement(5.1, ROUTER6, ATTACKER_MAC),
        ),
        ((Severity.CRITICAL, evidence(router_advertisement(0.0).source, (ROUTER_MAC, ATTACKER_MAC), ATTACKER_MAC)),),
    )
    yield Example("the router answers", (*asked, arp_request(40.0, ROUTER, ROUTER_MAC, LAPTOP)))
    yield Example(
        "a stand-in takes over from a router that fell silent",
        (*asked, arp_announcement(30.0, ROUTER, OTHER_ROUTER_MAC), arp_announcement(31.0, ROUTER, OTHER_ROUTER_MAC)),
    )
    yield Example(
        "packets go through another router from now on",
        (
            routed(0.0, ROUTER_MAC, inward=False),
            arp_request(1.0, LAPTOP, LAPTOP_MAC, ROUTER),
            arp_reply(1.0, ROUTER, OTHER_ROUTER_MAC),
            routed(1.5, OTHER_ROUTER_MAC, inward=False),
        ),
    )
    yield Example(
        "another host's address is claimed twice",
        (
            *asked,
            arp_reply(2.0, NEIGHBOUR, NEIGHBOUR_MAC),
            arp_reply(3.0, NEIGHBOUR, ATTACKER_MAC),
            arp_reply(4.0, NEIGHBOUR, NEIGHBOUR_MAC),
        ),
    )
