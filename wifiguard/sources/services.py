"""What this laptop offers to the networks that it is on: its listening sockets, and whether the firewall lets anybody through."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from wifiguard.core.exposure import ListeningSocket
from wifiguard.core.filtering import Address, Packet, Prefix, Reach, Ruleset
from wifiguard.core.host import SourceDone
from wifiguard.core.observation import Observation
from wifiguard.core.services import service_of
from wifiguard.sources import Sink, SourceUnavailable, firewall
from wifiguard.sources.owners import Owners, Process
from wifiguard.sources.posture import Place
from wifiguard.sources.sockets import Listener, ephemeral_ports, listeners
from wifiguard.sources.sshd import takes_passwords

NAME = "services"
# Services that are told for one network, at most.
MOST = 400
_LINK_LOCAL = ipaddress.ip_network("fe80::/10")
# Programs that ask, and must hear the answer; nobody is served there.
_CLIENTS = frozenset({("udp", 68), ("udp", 546)})
# Where the question comes by multicast, which a firewall may treat otherwise (RFC 6762, UPnP, WS-Discovery, RFC 4795).
_GROUPS = {
    5353: ("224.0.0.251", "ff02::fb"),
    1900: ("239.255.255.250", "ff02::c"),
    3702: ("239.255.255.250", "ff02::c"),
    5355: ("224.0.0.252", "ff02::1:3"),
}
Key = tuple[str, int, str]


class Services:
    """A look of `posture.Posture`."""

    def __init__(self) -> None:
        self._owners = Owners()

    def __call__(self, sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
        """Every service on every network with strangers in it, then how completely that could be told."""
        try:
            mine = [listener for listener in listeners() if _serves(listener)]
        except OSError as error:
            raise SourceUnavailable(f"the kernel does not tell who listens: {error.strerror or error}") from error
        outward = [place for place in places if place.outward]
        # Without a network nobody is asked about; the programs behind sockets are looked up when it matters.
        processes = self._owners.of(mine) if outward else {}
        try:
            ruleset = firewall.read() if outward else Ruleset({})
        except SourceUnavailable:
            # The source "firewall" says why.
            ruleset = None
        groups: dict[Key, list[Listener]] = defaultdict(list)
        for listener in mine:
            program = processes[listener.inode].owner.program if listener.inode in processes else None
            groups[listener.transport, listener.port, program or ""].append(listener)
        links = {place.link.name: place.prefixes() for place in places if place.link.up}
        offers = (
            _offer(sink, place, transport, port, reach, heard, processes)
            for place in outward
            for (transport, port, _), sockets in groups.items()
            if (heard := [s for s in sockets if s.device in (0, place.link.index)])
            and (reach := _reach(heard, place, ruleset, links))
        )
        told = list(islice(offers, MOST + 1))
        yield from told[:MOST]
        complete = len(told) <= MOST
        reason = "" if complete else f"more than {MOST} ports wait for others to talk to them; the rest is not judged"
        yield SourceDone(sink.seen(), NAME, ok=complete, reason=reason)


def _offer(
    sink: Sink,
    place: Place,
    transport: str,
    port: int,
    reach: tuple[tuple[int, Reach], ...],
    heard: list[Listener],
    processes: Mapping[int, Process],
) -> ListeningSocket:
    process = processes[heard[0].inode]
    addresses = tuple(sorted({"*" if s.address.is_unspecified else str(s.address) for s in heard}))
    return ListeningSocket(
        sink.seen(place.link.name),
        transport,
        port,
        addresses,
        reach,
        process.owner,
        _passwords(process, transport, port),
    )


def _passwords(process: Process, transport: str, port: int) -> bool | None:
    service = service_of(transport, port, process.owner.program)
    if service is None or service.id != "ssh":
        return None
    return takes_passwords(process) if process.passwords is None else process.passwords


def _serves(listener: Listener) -> bool:
    if listener.address.is_loopback or (listener.transport, listener.port) in _CLIENTS:
        return False
    # A UDP socket on a port of the kernel's choice waits for an answer.
    return listener.transport == "tcp" or listener.port not in ephemeral_ports()


def _reach(
    heard: list[Listener], place: Place, ruleset: Ruleset | None, links: dict[str, tuple[Prefix, ...]]
) -> tuple[tuple[int, Reach], ...]:
    """By address family, for those in which somebody listens on the interface's addresses."""
    out = []
    for family in (4, 6):
        packets = [
            Packet(place.link.name, listener.transport, address, listener.port, _senders(address, place))
            for listener in heard
            if family in listener.families
            for address in _destinations(listener, place, family)
        ]
        if not packets:
            continue
        ways = {Reach.PERHAPS} if ruleset is None else {ruleset.reach(packet, links) for packet in set(packets)}
        out.append((family, next(way for way in Reach if way in ways)))
    return tuple(out)


def _destinations(listener: Listener, place: Place, family: int) -> Iterator[Address]:
    """The addresses at which somebody on the interface's network finds the socket."""
    for address in place.addresses():
        if address.version == family and (listener.address.is_unspecified or listener.address == address):
            yield address
    group = _GROUPS.get(listener.port) if listener.transport == "udp" else None
    if group is not None and any(address.version == family for address in place.addresses()):
        yield ipaddress.ip_address(group[0 if family == 4 else 1])


def _senders(destination: Address, place: Place) -> tuple[Prefix, ...]:
    if destination.version == 6 and (destination.is_link_local or destination.is_multicast):
        return (_LINK_LOCAL,)
    return tuple(prefix for prefix in place.prefixes() if prefix.version == destination.version)
