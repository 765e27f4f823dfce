"""A network that hides its name is joined by it."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """The association knows the name that the beacons keep back."""
    point = world.point(wpa2("H-secret").but("ignore_broadcast_ssid=1"))
    world.laptop.join(point, hidden=True)
    assert world.watcher.joined("H-secret")["security"] == "wpa2-personal"
    world.expect("unknown-wifi", ssid="H-secret")
