"""The everyday through wpa_supplicant alone, which is killed in mid-association."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._everyday import everyday

LAPTOP = "bare"


def run(world: World) -> None:
    """It remembers nothing: the user joins again."""

    def revive() -> None:
        world.laptop.kill()
        world.laptop.start()
        world.laptop.join(world.points[0], 1)

    everyday(world, world.laptop, "bare", revive)
