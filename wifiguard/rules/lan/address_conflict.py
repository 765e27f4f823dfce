"""Two machines on the local network claim the same address.

What it means
    An address belongs to one machine at a time. Here two hardware addresses take turns in claiming one, or one of them tells
    single hosts, unasked, that the address is his.

Why it matters
    Mostly it is a mistake: an address was set by hand twice, and both machines have trouble with their connections. It is also
    how somebody reads what two others say to each other.

What to do
    Nothing, if the network is not yours and your own connections work. On your own network, find the two devices by the
    hardware addresses that are named below, and let the router give out all addresses.

False alarms
    A lease that goes to another machine, duplicate address detection, devices that answer for sleeping or distant ones, ports
    of one device and bonds are known and silent. The router's own address is judged by `gateway-impersonated`.

Limits
    At most a few conflicts are told for each network at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from wifiguard.core.addresses import address_bytes, address_text, mac_text
from wifiguard.core.claims import Claims, Owner
from wifiguard.core.host import NeighbourSeen
from wifiguard.core.lan import DhcpMessage, RouterAdvertisement
from wifiguard.core.observation import Observation
from wifiguard.core.ongoing import Ongoing
from wifiguard.core.rule import Cleared, Detector, Evidence, Example, Kind, Output, Rule, Text
from wifiguard.core.scenes import (
    ATTACKER_MAC,
    LAPTOP,
    LAPTOP_MAC,
    NEIGHBOUR,
    NEIGHBOUR_MAC,
    ROUTER,
    ROUTER_MAC,
    arp_announcement,
    arp_reply,
    arp_request,
    dhcp,
)
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.uplinks import Uplinks

RULE = Rule(
    id="address-conflict",
    kind=Kind.EVENT,
    texts={
        Severity.LOW: Text(
            N_("Two devices here claim the same address"),
            N_("{address} is claimed by {claimed_by}. One of them has it by mistake, or listens in on the other."),
            (
                N_("On your own network: find the two devices, and let the router give out all addresses."),
                N_("On a network of others there is nothing to do; your own connections are checked apart from this."),
            ),
        )
    },
    references=("RFC 5227 (IPv4 address conflict detection)",),
)


class AddressConflictEvidence(Evidence, frozen=True):
    """`address`; `claimed_by`: the hardware addresses that say they have it, who had it first before. `family` 4 or 6."""

    address: str
    claimed_by: tuple[str, ...]
    family: int


class Config(Struct, frozen=True):
    """`changes` of owner, or claims that nobody asked for (`unasked`), within a minute. `quiet_seconds`: over after so long."""

    changes: int = 3
    unasked: int = 3
    quiet_seconds: float = 60.0


class AddressConflict(Detector):
    """Fires where an address that is no router's changes its owner to and fro, or is taken over unasked again and again."""

    rule = RULE
    inputs = (*Claims.INPUTS, *Uplinks.INPUTS, NeighbourSeen)

    def __init__(self, config: Config = Config()) -> None:
        self._config = config
        self._claims = Claims()
        self._uplinks = Uplinks()
        self._ongoing = Ongoing(RULE.id, config.quiet_seconds, most=3)

    def observe(self, obs: Observation) -> Iterator[Output]:
        if isinstance(obs, Uplinks.INPUTS):
            left = self._uplinks.observe(obs)
            self._claims.mine(self._uplinks.macs)
            if left is not None:
                self._claims.leave(left)
                self._ongoing.leave(left)
            return
        # Routers' addresses are another rule's.
        match obs:
            case NeighbourSeen():
                self._claims.pin((obs.interface, 0), obs.address, None, obs.tick)
            case DhcpMessage(from_server=True):
                for router in obs.routers[:4]:
                    self._claims.pin((obs.interface, obs.delivery.vlan), router, None, obs.tick)
            case RouterAdvertisement():
                self._claims.pin((obs.interface, obs.delivery.vlan), obs.source, None, obs.tick)
            case _:
                pass
        for place, claim, owner in self._claims.observe(obs):
            if not self._claims.is_pinned(place, claim.address):
                yield from self._judge(obs, claim.address, owner)

    def deadline(self) -> float | None:
        return self._ongoing.deadline()

    def on_time(self, due: float) -> Iterable[Cleared]:
        over = self._ongoing.over(due)
        for cleared in over:
            self._claims.settle(cleared.seen.interface, address_bytes(cleared.key[0]) or b"")
        return over

    def _judge(self, obs: Observation, address: bytes, owner: Owner) -> Iterator[Output]:
        changes, unasked, _ = owner.since(obs.tick)
        key = (address_text(address),)
        if (changes >= self._config.changes or unasked >= self._config.unasked) and self._ongoing.sighted(
            obs.seen, key
        ):
            yield self.found(obs, Severity.LOW, key, evidence(address, owner.claimed_by()))


def evidence(address: bytes, claimants: tuple[bytes, ...]) -> AddressConflictEvidence:
    """What is told of these claimants."""
    macs = tuple(mac_text(mac) for mac in claimants[:4])
    return AddressConflictEvidence(address_text(address), macs, 4 if len(address) == 4 else 6)


def examples() -> Iterator[Example]:
    """Cases that fire and cases that stay silent."""
    conflict = (Severity.LOW, evidence(bytes([192, 168, 1, 30]), (NEIGHBOUR_MAC, ATTACKER_MAC)))
    turns = (NEIGHBOUR_MAC, ATTACKER_MAC, NEIGHBOUR_MAC, ATTACKER_MAC)
    yield Example(
        "two machines with one address take turns",
        tuple(arp_announcement(float(tick), NEIGHBOUR, mac) for tick, mac in enumerate(turns)),
        (conflict,),
    )
    yield Example(
        "somebody tells a host, unasked, that another's address is his",
        (
            arp_request(0.0, LAPTOP, LAPTOP_MAC, NEIGHBOUR),
            arp_reply(0.0, NEIGHBOUR, NEIGHBOUR_MAC),
            *(arp_reply(5.0 + 2 * turn, NEIGHBOUR, ATTACKER_MAC) for turn in range(3)),
        ),
        (conflict,),
    )
    yield Example(
        "a host sleeps, its proxy answers, it wakes",
        (
            arp_announcement(0.0, NEIGHBOUR, NEIGHBOUR_MAC),
            arp_announcement(300.0, NEIGHBOUR, ATTACKER_MAC),
            arp_announcement(330.0, NEIGHBOUR, NEIGHBOUR_MAC),
        ),
    )
    yield Example(
        "a lease goes to another machine",
        (
            arp_announcement(0.0, NEIGHBOUR, NEIGHBOUR_MAC),
            dhcp(10.0, 5, yours=NEIGHBOUR, client=ATTACKER_MAC),
            *(arp_announcement(11.0 + turn, NEIGHBOUR, ATTACKER_MAC) for turn in range(3)),
        ),
    )
    yield Example(
        "the router's address is another rule's",
        (dhcp(0.0, 5), *(arp_announcement(float(tick), ROUTER, mac) for tick, mac in enumerate((ROUTER_MAC, *turns)))),
    )
