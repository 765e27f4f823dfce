"""Listening sockets as the rules speak of them: a program with all its ports is one thing that is offered to a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from wifiguard.core.bounded import BoundedMap
from wifiguard.core.exposure import ListeningSocket
from wifiguard.core.filtering import Reach
from wifiguard.core.host import SourceDone
from wifiguard.core.rule import Detector, Finding
from wifiguard.core.services import Service, Topic, service_of
from wifiguard.core.severity import Severity

# More programs that listen than these are not told apart.
MOST_OFFERS = 512
# A program with more ports than these is told once, whatever it is.
MANY = 8


class Offer(Struct):
    """One program's ports on one network. `key`: what makes it the same problem. `obs`: the socket that is open widest.

    `ports` as "tcp/445"; `families`: those in which something is reached. `certain`: nothing stops it, as opposed to perhaps.
    """

    service: Service | None
    name: str
    key: tuple[str, ...]
    severity: Severity
    obs: ListeningSocket
    ports: set[str]
    addresses: set[str]
    families: set[int]
    certain: bool
    passwords: bool | None

    def add(self, other: Offer) -> None:
        """Another port of the same program."""
        if other.severity > self.severity:
            self.severity, self.obs = other.severity, other.obs
        self.ports |= other.ports
        self.addresses |= other.addresses
        self.families |= other.families
        self.certain |= other.certain
        # One that takes passwords is enough; one that does not say may take them.
        told = (self.passwords, other.passwords)
        self.passwords = True if True in told else None if None in told else False


class Offers:
    """What one look tells of a topic: every program once, whatever number of ports it has."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._offers: BoundedMap[tuple[str, ...], Offer] = BoundedMap(MOST_OFFERS)

    def take(self, obs: ListeningSocket) -> None:
        """A socket; what nothing gets through to, and what is another rule's, is left out."""
        made = _offer(obs, self._topic)
        if made is None:
            return
        where = (obs.interface, *made.key)
        known = self._offers.get(where, obs.tick)
        if known is None:
            self._offers.put(where, made, obs.tick)
        else:
            known.add(made)

    def drain(self) -> list[Offer]:
        """All of them; the next look begins anew."""
        programs: dict[tuple[str, ...], list[Offer]] = {}
        for where, offer in self._offers.items():
            programs.setdefault(where[:3], []).append(offer)
        self._offers.clear()
        out: list[Offer] = []
        for mine in programs.values():
            if len(mine) > MANY and mine[0].key[1]:
                first, *rest = mine
                for other in rest:
                    first.add(other)
                first.key = (*first.key[:2], "many")
                mine = [first]
            out += mine
        return out


class OfferDetector(Detector):
    """Base of the rules about listening sockets: gathers what a look tells, and judges it when the look is complete."""

    topic: ClassVar[Topic]
    inputs = (ListeningSocket, SourceDone)

    def __init__(self) -> None:
        self._offers = Offers(self.topic)

    def observe(self, obs: ListeningSocket | SourceDone) -> Iterator[Finding]:  # type: ignore[override]
        if isinstance(obs, ListeningSocket):
            self._offers.take(obs)
        elif obs.source == self.rule.source:
            yield from map(self.judged, self._offers.drain())

    def judged(self, offer: Offer) -> Finding:
        """The finding that an offer is."""
        raise NotImplementedError


def _offer(obs: ListeningSocket, topic: Topic) -> Offer | None:
    program = obs.owner.program
    service = service_of(obs.transport, obs.port, program)
    if obs.best is Reach.STOPPED or topic is not (service.topic if service else Topic.OTHER):
        return None
    severity = service.severity if service else Severity.HIGH
    if obs.network is not None and obs.network.trusted:
        # On a network of one's own that is what it is for.
        severity = Severity.INFO
    elif obs.best is Reach.PERHAPS and severity > Severity.LOW:
        severity = Severity(severity - 1)
    # What may be anything (a Python program) is told apart by its port, unless the kernel chose that anew at the start.
    port = "" if service is not None and service.ports else str(obs.port) if obs.port < 32_768 else "dynamic"
    name = service.name if service else program or f"Port {obs.port}/{obs.transport}"
    return Offer(
        service,
        name,
        (service.id if service else "", program or "", port),
        severity,
        obs,
        {f"{obs.transport}/{obs.port}"},
        set(obs.addresses),
        set(obs.families),
        obs.best is Reach.OPEN,
        obs.passwords,
    )
