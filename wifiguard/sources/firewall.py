"""The packet filter that is in force, whoever put it there: nftables, firewalld, ufw, iptables of both kinds.

What counts is what the kernel holds, so the kernel is asked (by the tools that can read it), never a tool's own settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wifiguard.core.exposure import FirewallState
from wifiguard.core.filtering import Chain, Packet, Reach, Ruleset
from wifiguard.core.observation import Observation
from wifiguard.sources import Sink, SourceUnavailable, iptables, look, nftables
from wifiguard.sources.posture import Place

NAME = "firewall"

# Ports that no rule is likely to name: what becomes of them is what becomes of everything. Only low ones, since desktop
# zones of firewalld leave the high ports open on purpose.
ORDINARY = (("tcp", 1009), ("udp", 1009), ("tcp", 743), ("udp", 743))
_TOOLS = {4: "iptables", 6: "ip6tables"}


def read() -> Ruleset:
    """The whole ruleset as it is now. Blocks; raises SourceUnavailable where it cannot be read or is not understood."""
    with look.reader() as reader:
        chains = _chains(reader)
    return Ruleset(chains, tuple(_tools(chains)))


def _chains(read: look.Reader) -> dict[str, Chain]:
    chains: dict[str, Chain] = {}
    try:
        if look.installed("nft"):
            told = read("nft")
            chains = nftables.parse(told)
            if nftables.uses_extensions(told):
                # What iptables-nft put there only iptables can tell in full; the chains' names are the same.
                for family, tool in _TOOLS.items():
                    chains |= iptables.parse(read(_first(f"{tool}-nft-save", f"{tool}-save")), family)
        else:
            for family, tool in _TOOLS.items():
                chains |= iptables.parse(read(f"{tool}-save"), family)
        for family, tool in _TOOLS.items():
            if read(f"legacy-{family}").split():
                saved = read(_first(f"{tool}-legacy-save", f"{tool}-save"))
                chains |= iptables.parse(saved, family, "legacy ")
    except ValueError as error:
        raise SourceUnavailable(f"the firewall's rules are not understood: {error}") from error
    return chains


def _first(*tools: str) -> str:
    """The first of these that is there."""
    return next((tool for tool in tools if look.installed(tool)), tools[0])


def _tools(chains: Mapping[str, Chain]) -> Iterator[str]:
    """What put the rules there, as far as names tell."""
    used = [name for name, chain in chains.items() if chain.rules]
    if any(" firewalld " in name for name in used):
        yield "firewalld"
    if any(" ufw" in name for name in used):
        yield "ufw"
    if any(name.startswith("legacy ") for name in used):
        yield "iptables (legacy)"
    if any(" firewalld " not in name and " ufw" not in name and not name.startswith("legacy ") for name in used):
        yield "nftables or iptables"


def inbound(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`: whether unasked traffic is stopped as a rule, by interface and address family."""
    outward = [place for place in places if place.outward]
    if not outward:
        return
    ruleset = read()
    links = {place.link.name: place.prefixes() for place in places if place.link.up}
    for place in outward:
        for family in (4, 6):
            mine = [a for a in place.addresses() if a.version == family]
            # An address that every IPv6 interface has by itself is not an IPv6 network.
            if all(address.is_link_local for address in mine) and family == 6:
                continue
            senders = tuple(prefix for prefix in place.prefixes() if prefix.version == family)
            packets = [
                Packet(place.link.name, transport, address, port, senders)
                for address in mine[:1]
                for transport, port in ORDINARY
            ]
            ways = {ruleset.reach(packet, links) for packet in packets}
            if ways:
                reach = ways.pop() if len(ways) == 1 else Reach.PERHAPS
                yield FirewallState(sink.seen(place.link.name), family, reach, ruleset.tools)
