"""Every protection that an access point can offer is told by its right name when the laptop joins, whoever joins for it."""

from __future__ import annotations

from tests.wifi.guest.laptops import Laptop
from tests.wifi.guest.points import mixed, open_, owe, transition, wpa1, wpa2, wpa3
from tests.wifi.guest.world import World

JUDGED = ("open-wifi", "enhanced-open-wifi", "weak-wifi-encryption")
# How it is offered → how it is told, and the finding about it.
KINDS = {
    open_: ("open", ("open-wifi", "high")),
    owe: ("enhanced-open", ("enhanced-open-wifi", "info")),
    wpa1: ("wpa-personal", ("weak-wifi-encryption", "high")),
    mixed: ("wpa+wpa2-personal", ("weak-wifi-encryption", "medium")),
    wpa2: ("wpa2-personal", None),
    wpa3: ("wpa3-personal", None),
    transition: ("wpa3-transition", None),
}


def protections(world: World, laptop: Laptop, who: str) -> None:
    """One access point with seven names."""
    point = world.point(*(offer(f"{who}-{security}") for offer, (security, _) in KINDS.items()))
    point.serve_dhcp()
    for index, (security, finding) in enumerate(KINDS.values()):
        name = f"{who}-{security}"
        since = world.watcher.mark()
        laptop.join(point, index)
        assert world.watcher.joined(name)["security"] == security, name
        world.watcher.expect("unknown-wifi", since=since, ssid=name, security=security)
        if finding is None:
            # What was said of the network before is repeated when NetworkManager confirms it, which may be as late as this.
            world.watcher.silent(*JUDGED, since=since, ssid=name)
        else:
            rule, severity = finding
            world.watcher.expect(rule, since=since, ssid=name, severity=severity)
