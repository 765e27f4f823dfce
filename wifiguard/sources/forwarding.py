"""Whether this laptop passes other devices' packets on, and whether an interface listens to what is not meant for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from wifiguard.core.exposure import ForwardingState, InterfaceMode
from wifiguard.core.host import LinkKind
from wifiguard.core.observation import Observation
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.posture import Place
from wifiguard.sources.rtnetlink import Tables

FORWARDING = "forwarding"
MODES = "interface modes"
SETTINGS = Path("/proc/sys/net")
_VERSIONS = {4: "ipv4", 6: "ipv6"}
_BRIDGES = (LinkKind.CONTAINER, LinkKind.BRIDGE)


def forwarding(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`. What comes in by the network must be forwarded for it to matter: its own setting counts."""
    reason = tuple(sorted(place.link.name for place in places if place.link.kind in _BRIDGES))
    for place in places:
        if place.outward:
            families = tuple(family for family in (4, 6) if _forwards(family, place.link.name))
            yield ForwardingState(sink.seen(place.link.name), families, reason)


def _forwards(family: int, interface: str) -> bool:
    # IPv4 forwards what comes in by an interface where that interface says so; IPv6 goes by "all" alone, unless the newer
    # force_forwarding of the interface says so (ip-sysctl.rst).
    base = SETTINGS / _VERSIONS[family] / "conf"
    if family == 4:
        return _is_set(base / interface / "forwarding")
    return _is_set(base / "all" / "forwarding") or _is_set(base / interface / "force_forwarding")


def _is_set(path: Path) -> bool:
    try:
        return path.read_text().strip() not in ("", "0")
    except (FileNotFoundError, NotADirectoryError):
        # IPv6 is switched off, or the interface has just gone.
        return False
    except OSError as error:
        raise SourceUnavailable(f"{path} cannot be read: {error.strerror or error}") from error


def modes(sink: Sink, places: Sequence[Place]) -> Iterator[Observation]:
    """A look of `posture.Posture`. Our own captures are not promiscuous, so whatever is counted here is another program's."""
    try:
        with Tables() as tables:
            counts = {link.index: link.promiscuity for link in tables.links()}
    except OSError as error:
        raise SourceUnavailable(
            f"the kernel's table of interfaces cannot be read: {error.strerror or error}"
        ) from error
    stacked = {place.link.parent: place.link.name for place in places if place.link.parent}
    for place in places:
        link = place.link
        if place.outward:
            # A bridge, or a virtual machine's own interface on this card, must hear what is meant for others.
            reason = link.master or stacked.get(link.name)
            yield InterfaceMode(sink.seen(link.name), counts.get(link.index, 0) > 0, reason)
