"""The laptop itself is thrown off and has no second radio to hear it: the kernel's word is enough."""

from tests.wifi.guest.attackers import mdk4
from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """It joins again and again by itself, and each time it is told to go."""
    point = world.point(wpa2("Y-home").but(bssid="02:00:00:00:de:ff"))
    world.laptop.join(point)
    world.watcher.joined("Y-home")
    goodbyes = world.radio().goodbyes(point.bssid())
    with world.laptop.talking(point), mdk4(world.radio(), point):
        found = world.expect("forced-disconnects", bssid=point.bssid(), severity="high", interface="wlan0")
    world.note("told", world.watcher.seconds(found) - goodbyes[0])
