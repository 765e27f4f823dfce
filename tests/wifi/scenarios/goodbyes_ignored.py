"""Protected frames let a laptop ignore forged goodbyes: a few are what a forgetful access point sends, a flood is an attack."""

from tests.wifi.guest.attackers import DEAUTHENTICATION, inject
from tests.wifi.guest.points import wpa3
from tests.wifi.guest.world import World

LAPTOP = "bare"
STATION = "02:00:00:00:00:00"


def run(world: World) -> None:
    """One a second, for longer than it takes to be thrown out five times; then twenty a second."""
    point = world.point(wpa3("P-protected"))
    world.laptop.join(point)
    world.watcher.joined("P-protected")
    goodbyes = world.radio().goodbyes(point.bssid())
    attacker = world.radio()
    with inject(attacker, DEAUTHENTICATION, point.bssid(), STATION, every=1.0):
        world.watcher.until(lambda: len(goodbyes) >= 10, "ten goodbyes")
    world.watcher.silent("forced-disconnects", since=world.since)
    flood = world.watcher.mark()
    with inject(attacker, DEAUTHENTICATION, point.bssid(), STATION):
        found = world.expect("forced-disconnects", bssid=point.bssid(), severity="high", interface="wlan0")
    world.note("told", world.watcher.seconds(found) - flood)
