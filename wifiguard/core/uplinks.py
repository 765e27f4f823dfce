"""What this laptop's own tables say about each interface: our hardware addresses, its routers, and when it left a network."""

from __future__ import annotations

import ipaddress

from wifiguard.core.host import LinkState, RouteState
from wifiguard.core.observation import Observation
from wifiguard.core.wifi import WifiAssociated, WifiLeft


class Uplinks:
    """Learns from `INPUTS`. In replay nothing of this is known, and everything is empty."""

    INPUTS = (LinkState, RouteState, WifiAssociated, WifiLeft)

    def __init__(self) -> None:
        self.macs: frozenset[bytes] = frozenset()
        self._links: dict[str, LinkState] = {}
        self._routes: dict[int, tuple[str, bytes]] = {}
        self._access_points: dict[str, bytes | None] = {}

    def observe(self, obs: Observation) -> str | None:
        """Take one observation; the interface behind which there is another network, or none, from now on."""
        match obs:
            case LinkState(present=True):
                former = self._links.get(obs.former_name or obs.name)
                self._links[obs.name] = obs
                self.macs = frozenset(link.mac for link in self._links.values() if link.mac)
                return obs.name if not obs.up or (former is not None and _moved(former, obs)) else None
            case LinkState():
                self._links.pop(obs.name, None)
                return obs.name
            case RouteState(name=str() as name, gateway=bytes() as gateway):
                self._routes[obs.family] = name, gateway
            case RouteState():
                self._routes.pop(obs.family, None)
            case WifiLeft():
                self._access_points.pop(obs.interface, None)
                return obs.interface
            case WifiAssociated():
                former_point = self._access_points.get(obs.interface)
                self._access_points[obs.interface] = obs.bss.bssid
                # Behind another access point of the same network, an extender may speak for the router.
                return obs.interface if former_point not in (None, obs.bss.bssid) else None
            case _:
                pass
        return None

    def routers(self, interface: str) -> frozenset[bytes]:
        """The addresses of the interface's routers."""
        link = self._links.get(interface)
        found = {gateway for name, gateway in self._routes.values() if name == interface}
        return frozenset(found.union(link.gateways if link else ()))

    def addresses(self, interface: str) -> frozenset[bytes]:
        """Our own addresses there."""
        link = self._links.get(interface)
        return frozenset(ipaddress.ip_interface(cidr).ip.packed for cidr in (link.addresses if link else ()))

    def knows(self, interface: str) -> bool:
        """Whether the interface is one of this laptop's."""
        return interface in self._links


def _moved(former: LinkState, now: LinkState) -> bool:
    """Whether the IPv4 networks changed altogether, as with the lease of another network."""
    before, after = _networks(former), _networks(now)
    return bool(before) and bool(after) and before.isdisjoint(after)


def _networks(link: LinkState) -> set[str]:
    return {str(ipaddress.ip_interface(cidr).network) for cidr in link.addresses if ":" not in cidr}
