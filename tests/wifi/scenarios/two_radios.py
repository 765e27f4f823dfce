"""A laptop with two radios, each on a network of its own: neither is taken for the other."""

from tests.wifi.guest.points import open_, wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """At home with one, in the café with the other, which then leaves."""
    home, cafe = world.point(wpa2("J-home")), world.point(open_("J-cafe"), channel=11)
    world.laptop.join(home)
    world.watcher.joined("J-home")
    other = world.second()
    other.join(cafe)
    world.expect("open-wifi", ssid="J-cafe", interface=other.interface, state="new")
    world.expect("unknown-wifi", ssid="J-home", interface="wlan0", state="new")
    other.leave()
    world.expect("open-wifi", ssid="J-cafe", interface=other.interface, state="resolved")
    assert world.watcher.joined("J-home")["security"] == "wpa2-personal"
    world.silent("evil-twin", "forced-disconnects", "wifi-security-downgrade")
