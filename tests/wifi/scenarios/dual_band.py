"""One network in two bands: joined in one, then in the other, without alarm."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """The same maker, 2.4 and 5 GHz."""
    points = [world.point(wpa2("D-home")), world.point(wpa2("D-home"), channel=149)]
    for number, point in enumerate(points):
        world.laptop.join(point)
        here = world.watcher.joined("D-home")
        assert here["security"] == "wpa2-personal"
        if number == 0:
            world.trust()
    world.silent("evil-twin", "wifi-security-downgrade", "forced-disconnects")
