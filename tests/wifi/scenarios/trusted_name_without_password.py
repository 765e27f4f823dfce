"""A trusted network with a password; then an open access point of its name beside it, which the laptop joins at last."""

from tests.wifi.guest.points import open_, wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """The twin is told as soon as it is in the air, and the loss of protection when it is joined."""
    home = world.point(wpa2("T-home"))
    world.laptop.join(home)
    world.watcher.joined("T-home")
    world.trust()
    world.silent("evil-twin", "wifi-security-downgrade")
    twin = world.point(open_("T-home").but(bssid="00:c0:ca:11:22:33"), channel=11)
    world.hear(twin)
    world.expect("evil-twin", severity="critical", ssid="T-home", differs=["security"])
    since = world.watcher.mark()
    world.laptop.join(twin)
    found = world.watcher.expect("wifi-security-downgrade", since=since, ssid="T-home")
    assert (found["evidence"]["before"], found["evidence"]["now"]) == ("wpa2-personal", "open")
    world.watcher.expect("open-wifi", since=since, ssid="T-home")
