"""The packet filter that is in force, whoever put it there: nftables, firewalld, ufw, iptables of both kinds.

What counts is what the kernel holds, so the kernel is asked (by the tools that can read it), never a tool's own settings.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wifiguard.core.exposure import FirewallState
from wifiguard.core.filtering import Chain, Packet, Reach, Ruleset
from wifiguard.core.observation import Observation
from wifiguard.core.text import visible
from wifiguard.sources import Sink, SourceUnavailable, iptables, nftables
from wifiguard.sources.posture import Place

NAME = "firewall"

# Where root's tools are; not every user's PATH has them.
FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin"
TIMEOUT = 10.0
LONGEST = 32 << 20
# Ports that no rule is likely to name: what becomes of them is what becomes of everything. Only low ones, since desktop
# zones of firewalld leave the high ports open on purpose.
ORDINARY = (("tcp", 1009), ("udp", 1009), ("tcp", 743), ("udp", 743))
_LEGACY = {4: Path("/proc/net/ip_tables_names"), 6: Path("/proc/net/ip6_tables_names")}
_TOOLS = {4: "iptables", 6: "ip6tables"}


def read() -> Ruleset:
    """The whole ruleset as it is now. Blocks; raises SourceUnavailable where it cannot be read or is not understood."""
    chains = _chains()
    return Ruleset(chains, tuple(_tools(chains)))


def _chains() -> dict[str, Chain]:
    chains: dict[str, Chain] = {}
    try:
        if installed("nft"):
            told = _output("nft", "-j", "list", "ruleset")
            chains = nftables.parse(told)
            if nftables.uses_extensions(told):
                # What iptables-nft put there only iptables can tell in full; the chains' names are the same.
                for family, tool in _TOOLS.items():
                    chains |= iptables.parse(_output(f"{tool}-nft-save", f"{tool}-save"), family)
        else:
            for family, tool in _TOOLS.items():
                chains |= iptables.parse(_output(f"{tool}-save"), family)
        for family, tool in _TOOLS.items():
            if _has_legacy(family):
                saved = _output(f"{tool}-legacy-save", f"{tool}-save")
                chains |= iptables.parse(saved, family, "legacy ")
    except ValueError as error:
        raise SourceUnavailable(f"the firewall's rules are not understood: {error}") from error
    return chains


def _has_legacy(family: int) -> bool:
    try:
        return bool(_LEGACY[family].read_text().split())
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _not_root() from error


def _output(*names: str) -> str:
    """What the first tool of these names says that is there. `nft` brings its arguments along."""
    name, *arguments = names if names[0] == "nft" else (next((n for n in names if installed(n)), names[0]),)
    path = installed(name)
    if path is None:
        raise SourceUnavailable(
            f"the firewall's rules cannot be read: {name} is not installed",
            "Install the packages nftables and iptables.",
        )
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, timeout=TIMEOUT, env={"LC_ALL": "C", "PATH": FOLDERS}, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceUnavailable(f"the firewall's rules cannot be read: {name}: {type(error).__name__}") from error
    said = done.stderr.decode("utf-8", "replace")
    if "not permitted" in said or "Permission denied" in said:
        raise _not_root()
    if done.returncode or len(done.stdout) > LONGEST:
        raise SourceUnavailable(f"the firewall's rules cannot be read: {name} failed ({visible(said.strip(), 120)})")
    return done.stdout.decode("utf-8", "replace")


def _not_root() -> SourceUnavailable:
    return SourceUnavailable("only root can read the firewall's rules", "Run it as root: `sudo wifiguard scan`.")


def installed(name: str) -> str | None:
    """Where a tool of the system's is; not every user's PATH has those folders."""
    return shutil.which(name, path=FOLDERS)


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
