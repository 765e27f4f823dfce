"""Does what the watch told agree with what two other readers of the system see now?"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from wifiguard.core.addresses import address_text
from wifiguard.core.host import MOST_GATEWAYS, LinkState
from wifiguard.core.text import visible

# More than these say no more.
SENTENCES = 10


def cross_check(links: Iterable[LinkState], routes: Mapping[int, str]) -> list[str]:
    """Sentences about what psutil and netifaces see otherwise; empty when all agree.

    `routes`: address family (4, 6) to the interface of its default route. Only what netifaces claims about gateways is
    held against the watch: of policy rules, other tables' metrics and device-only routes (VPNs) it knows nothing.
    """
    # A link without an index was told by another source than the watch.
    told = {link.name: link for link in links if link.index}
    return list(islice(_disagreements(told, routes), SENTENCES))


def _disagreements(told: Mapping[str, LinkState], routes: Mapping[int, str]) -> Iterator[str]:
    import netifaces
    import psutil

    stats = psutil.net_if_stats()
    # Names with a label ("eth0:1") are further addresses of the interface.
    names = {name.partition(":")[0] for name in (*stats, *netifaces.interfaces())}
    for name in sorted(names - told.keys()):
        yield f"{visible(name)} is there, but was not seen to appear"
    for name in sorted(told.keys() - names):
        yield f"{visible(name)} is gone, but was not seen to go"
    for name in sorted(told.keys() & stats.keys()):
        if stats[name].isup != told[name].up:
            yield f"{visible(name)} is {_up(stats[name].isup)}, but was last seen {_up(told[name].up)}"

    addresses: dict[str, set[bytes]] = {name: set() for name in names}
    for label, entries in psutil.net_if_addrs().items():
        found = addresses.setdefault(label.partition(":")[0], set())
        found.update(packed for entry in entries if (packed := _packed(entry.address)))
    for name in sorted(told.keys() & names):
        seen = {packed for cidr in told[name].addresses if (packed := _packed(cidr.partition("/")[0]))}
        if addresses[name] != seen:
            yield (
                f"{visible(name)} has the addresses {_texts(addresses[name])}, but was last seen with {_texts(seen)}"
            )

    for listed in netifaces.gateways().values():
        # Beside the lists, one a family, stands a dictionary with its choice among them; that choice is often wrong.
        for gateway, name, *_ in listed if isinstance(listed, list) else ():
            link, packed = told.get(name), _packed(str(gateway))
            if link and packed and packed not in link.gateways and len(link.gateways) < MOST_GATEWAYS:
                yield f"a default route by way of {address_text(packed)} on {visible(name)} was not seen"
    for family, name in sorted(routes.items()):
        if name not in names:
            yield f"the default route of IPv{family} was last seen on {visible(name)}, which is gone"


def _packed(text: str) -> bytes | None:
    """The bytes of an IP address, its scope left out; None for what is none (a MAC address)."""
    try:
        return ipaddress.ip_address(text.partition("%")[0]).packed
    except ValueError:
        return None


def _texts(addresses: Collection[bytes]) -> str:
    return ", ".join(map(address_text, sorted(addresses, key=lambda a: (len(a), a)))) or "none"


def _up(up: bool) -> str:
    return "up" if up else "down"
