"""What is in the air, from the kernel's memory of earlier scans: none of our own is made, which would disturb the connection."""

from __future__ import annotations

from collections.abc import Iterable

from wifiguard.core.network import Network, wifi_network
from wifiguard.core.protection import flags
from wifiguard.core.trusted import proof
from wifiguard.core.wifi import Bss
from wifiguard.daemon.lines import Line, channel_of, network_line
from wifiguard.sources import SourceUnavailable
from wifiguard.sources.genl import Generic
from wifiguard.sources.nl80211 import interfaces, scan_results


class NothingHeard(Exception):
    """Why nothing can be told, in one sentence."""


def nearby(trusted: Iterable[Network]) -> list[tuple[Line, Bss]]:
    """Every access point that the kernel knows, the strongest first, each once. Raises NothingHeard."""
    try:
        with Generic("nl80211") as kernel:
            found = [(each.name, *result) for each in interfaces(kernel) for result in scan_results(kernel, each.index)]
    except (OSError, SourceUnavailable) as error:
        raise NothingHeard("this laptop has no Wi-Fi that the kernel tells of (nl80211)") from error
    needed = {network.ssid: proof(network.security) for network in trusted}
    best: dict[tuple[bytes, bytes | None], tuple[str, Bss, bool]] = {}
    for interface, bss, joined in sorted(found, key=lambda each: (each[2], _strength(each[1]))):
        best[bss.ssid, bss.bssid] = interface, bss, joined
    return [
        (_line(interface, bss, joined, needed.get(bss.ssid)), bss) for interface, bss, joined in reversed(best.values())
    ]


def _strength(bss: Bss) -> int:
    return -200 if bss.signal is None else bss.signal


def _line(interface: str, bss: Bss, joined: bool, needed: int | None) -> Line:
    network = wifi_network(bss.ssid, bss.security, bss.bssid)
    channel = channel_of(bss.frequency)
    raised = list(flags(bss))
    given = proof(bss.security)
    if needed is not None and given is not None and given < needed:
        raised.insert(0, "weaker-than-trusted")
    line = network_line(network, channel=channel, signal_dbm=bss.signal, hidden=bss.hidden)
    return {**line, "interface": interface, "joined": joined, "flags": raised}
