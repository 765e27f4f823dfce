"""A copy that knows the password: a trusted name, the same protection, but strange equipment in front and behind."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """The true one and its router are learned; then the laptop is on another maker's, with another router."""
    home = world.point(wpa2("Z-home").but(bssid="00:0d:b9:00:03:01"))
    world.laptop.join(home)
    world.watcher.joined("Z-home")
    world.trust()
    with world.laptop.talking(home):
        world.watcher.until(lambda: '"gateways": ["' in world.watcher.learned("Z-home"), "the router to be learned")
    world.silent("evil-twin")
    world.close(home)
    twin = world.point(wpa2("Z-home").but(bssid="b0:c7:45:00:03:02"), channel=11)
    world.laptop.join(twin)
    with world.laptop.talking(twin):
        world.expect(
            "evil-twin", severity="medium", ssid="Z-home", differs=["vendor", "gateway"], bssids=[twin.bssid()]
        )
