"""What every day brings, told alike whoever looks after the radio: wpa_supplicant alone, NetworkManager, iwd."""

from __future__ import annotations

from collections.abc import Callable

from tests.wifi.guest.laptops import Laptop
from tests.wifi.guest.points import open_, wpa2
from tests.wifi.guest.world import World


def everyday(world: World, laptop: Laptop, who: str, revive: Callable[[], None]) -> None:
    """The café's network and the home's; who looks after the radio dies and comes back; the user leaves; a twin appears."""
    point = world.point(open_(f"{who}-open"), wpa2(f"{who}-home"))
    point.serve_dhcp()
    for index, security in enumerate(("open", "wpa2-personal")):
        name = point.offers[index].ssid.decode()
        since = world.watcher.mark()
        laptop.join(point, index)
        assert world.watcher.joined(name)["security"] == security
        world.watcher.expect("unknown-wifi", since=since, ssid=name, security=security)
    world.expect("open-wifi", ssid=f"{who}-open", severity="high")
    world.trust()
    revive()
    world.watcher.joined(f"{who}-home", point.bssid(1))
    laptop.leave()
    world.watcher.gone()
    world.silent("evil-twin", "wifi-security-downgrade", "forced-disconnects", "weak-wifi-encryption")
    twin = world.point(open_(f"{who}-home").but(bssid="00:c0:ca:44:55:66"), channel=11)
    world.hear(twin)
    world.expect("evil-twin", severity="critical", ssid=f"{who}-home", differs=["security"])
