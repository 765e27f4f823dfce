"""NetworkManager restarts in mid-association, then wpa_supplicant is killed: what is true is told all the time."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """The name of the saved profile comes from NetworkManager, the rest from the kernel."""
    point = world.point(wpa2("R-home"))
    point.serve_dhcp()
    world.manager.join(point)
    assert world.watcher.joined("R-home")["security"] == "wpa2-personal"
    world.manager.restart()
    world.watcher.joined("R-home")
    world.manager.kill_supplicant()
    world.watcher.joined("R-home")
    world.silent("forced-disconnects", "evil-twin", "open-wifi", "wifi-security-downgrade")
