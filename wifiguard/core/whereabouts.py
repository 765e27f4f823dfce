"""Which network each interface is attached to, worked out from observations alone."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field
from msgspec.structs import replace

from wifiguard.core.hardware import is_shared
from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, RouteState
from wifiguard.core.lan import DhcpMessage
from wifiguard.core.network import Network, unidentified_network, vpn_network, wifi_network, wired_network
from wifiguard.core.observation import Observation
from wifiguard.core.wifi import WifiAssociated, WifiLeft

# How long findings of an interface wait for its network to be known.
WAIT = 2.0


class _Place(Struct):
    link: LinkState
    network: Network | None = None
    waiting_since: float | None = None
    gateways: set[bytes] = field(default_factory=set)
    # That the lease gave.
    domain: str = ""


class Whereabouts:
    """The networks of all interfaces. `is_trusted(network id)` is asked whenever a network is entered or `refresh` is called.

    Wi-Fi: known at association. Wired: known by the gateway's MAC address, which the neighbour table tells; after `WAIT` seconds
    without it the network is "unidentified". The MAC address of a pair of routers (VRRP and its like) is the same in thousands of
    networks: there the lease's domain belongs to it, or `domain()`, this laptop's own, where the lease was not seen. A VPN device
    is a network of its own.
    """

    def __init__(
        self, is_trusted: Callable[[str], bool] = lambda _: False, domain: Callable[[], str] = lambda: ""
    ) -> None:
        self._is_trusted = is_trusted
        self._domain = domain
        self._places: dict[str, _Place] = {}
        # Interface → the association that stands until its end is told: the carrier of a radio comes and goes without one, and
        # of a radio that was pulled out and put in again the former end may be told after the new association.
        self._joined: dict[str, Network] = {}
        self._macs: dict[tuple[str, bytes], bytes] = {}
        self._gateway_of: dict[int, tuple[str, bytes]] = {}

    def network(self, interface: str) -> Network | None:
        """The interface's network; None while it is unknown or there is none."""
        place = self._places.get(interface)
        return place.network if place else None

    def networks(self) -> dict[str, Network]:
        """Interface → network, of all that are attached."""
        return {name: place.network for name, place in self._places.items() if place.network}

    def links(self) -> list[LinkState]:
        """Every interface that is present."""
        return [place.link for place in self._places.values()]

    def default_routes(self) -> dict[int, str]:
        """Address family (4, 6) → the interface that carries its default route."""
        return {family: name for family, (name, _) in self._gateway_of.items()}

    def waits(self, interface: str) -> bool:
        """Whether the interface's network may still become known soon."""
        place = self._places.get(interface)
        return place is not None and place.network is None and place.waiting_since is not None

    def deadline(self) -> float | None:
        """When the first wait ends."""
        return min((p.waiting_since + WAIT for p in self._places.values() if self._waiting(p)), default=None)  # type: ignore[operator]

    def refresh(self) -> list[tuple[str, Network]]:
        """Ask again which networks are trusted; returns those whose answer changed."""
        changed: list[tuple[str, Network]] = []
        for name, place in self._places.items():
            if place.network is not None:
                now = self._stamped(place.network)
                if now != place.network:
                    place.network = now
                    changed.append((name, now))
        return changed

    def observe(self, obs: Observation) -> list[tuple[str, Network | None]]:
        """Take one observation; returns (interface, network or None) of every interface that changed its network."""
        before = {name: place.network for name, place in self._places.items()}
        self._apply(obs)
        after = {name: place.network for name, place in self._places.items()}
        return [
            (name, after.get(name))
            for name in before.keys() | after.keys()
            if _id(before.get(name)) != _id(after.get(name))
        ]

    def advance(self, tick: float) -> list[tuple[str, Network | None]]:
        """End the waits that are over at `tick`: those networks stay unidentified."""
        out: list[tuple[str, Network | None]] = []
        for name, place in self._places.items():
            if self._waiting(place) and tick >= place.waiting_since + WAIT:  # type: ignore[operator]
                place.waiting_since = None
                place.network = self._stamped(unidentified_network(name))
                out.append((name, place.network))
        return out

    def _apply(self, obs: Observation) -> None:
        match obs:
            case LinkState():
                self._link(obs)
            case RouteState():
                self._route(obs)
            case NeighbourSeen(mac=bytes() as mac) if mac:
                self._macs[obs.interface, obs.address] = mac
                if len(self._macs) > 4096:
                    self._macs.pop(next(iter(self._macs)))
                self._identify(obs.interface)
            case DhcpMessage(from_server=True, kind=5, domain=str() as domain):
                self._leased(obs, domain)
            case WifiAssociated(bss=bss):
                place = self._places.get(obs.interface)
                if place is None:
                    link = LinkState(obs.seen, 0, obs.interface, LinkKind.WIFI, up=True)
                    place = self._places[obs.interface] = _Place(link)
                network = self._stamped(wifi_network(bss.ssid, bss.security, bss.bssid))
                place.network = self._joined[obs.interface] = network
                place.waiting_since = None
            case WifiLeft():
                self._joined.pop(obs.interface, None)
                if (place := self._places.get(obs.interface)) is not None:
                    place.network = None
                    place.waiting_since = None
            case _:
                pass

    def _link(self, link: LinkState) -> None:
        if link.former_name is not None and link.former_name in self._places:
            self._places[link.name] = self._places.pop(link.former_name)
            if (joined := self._joined.pop(link.former_name, None)) is not None:
                self._joined[link.name] = joined
        if not link.present:
            self._places.pop(link.name, None)
            self._macs = {key: mac for key, mac in self._macs.items() if key[0] != link.name}
            return
        place = self._places.setdefault(link.name, _Place(link))
        place.link = link
        if not link.up:
            # The cable was pulled or the radio left: the next network may be another one behind the same interface.
            place.network = None
            place.waiting_since = None
            place.domain = ""
            self._macs = {key: mac for key, mac in self._macs.items() if key[0] != link.name}
        elif link.kind is LinkKind.VPN and place.network is None:
            place.network = self._stamped(vpn_network(link.name))
        elif link.kind is LinkKind.WIFI:
            if place.network is None and (joined := self._joined.get(link.name)) is not None:
                place.network = self._stamped(joined)
        elif place.network is None:
            # Under a VPN, or beside a better route, the interface still leads to a network of its own.
            if place.waiting_since is None and (place.gateways or link.gateways):
                place.waiting_since = link.seen.tick
            self._identify(link.name)

    def _route(self, route: RouteState) -> None:
        former = self._gateway_of.pop(route.family, None)
        if former is not None and former[0] in self._places:
            self._places[former[0]].gateways.discard(former[1])
        if route.name is None:
            return
        gateway = route.gateway or b""
        self._gateway_of[route.family] = (route.name, gateway)
        place = self._places.get(route.name)
        if place is None or place.link.kind is LinkKind.VPN:
            return
        if gateway:
            place.gateways.add(gateway)
        if place.link.kind is LinkKind.WIFI:
            return  # its network is told by the association, never guessed from a router
        if place.network is None and place.waiting_since is None:
            place.waiting_since = route.seen.tick
        self._identify(route.name)

    def _leased(self, lease: DhcpMessage, domain: str) -> None:
        place = self._places.get(lease.interface)
        if place is not None and place.link.mac == lease.client:
            place.domain = domain
            self._identify(lease.interface)

    def _identify(self, interface: str) -> None:
        place = self._places.get(interface)
        if place is None or place.link.kind in (LinkKind.VPN, LinkKind.WIFI):
            return
        # IPv4's gateway first: with two families both name the same box, and the id must not depend on which came first.
        for gateway in sorted(place.gateways.union(place.link.gateways), key=lambda g: (len(g), g)):
            mac = self._macs.get((interface, gateway))
            domain = (place.domain or self._domain()) if mac and is_shared(mac) else ""
            if mac and (domain or not is_shared(mac)):
                found = self._stamped(wired_network(mac, interface, domain))
                current = place.network
                if current is None or current.id == unidentified_network(interface).id:
                    place.network = found
                    place.waiting_since = None
                return

    def _stamped(self, network: Network) -> Network:
        return replace(network, trusted=self._is_trusted(network.id))

    @staticmethod
    def _waiting(place: _Place) -> bool:
        return place.network is None and place.waiting_since is not None


def _id(network: Network | None) -> str | None:
    return network.id if network else None
