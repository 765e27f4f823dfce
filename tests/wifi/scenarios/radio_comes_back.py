"""The radio is pulled out in mid-association and put in again: followed without a restart of anything of ours."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """A new device of the kernel's under the old name."""
    point = world.point(wpa2("G-home"))
    world.laptop.join(point)
    world.watcher.joined("G-home")
    world.replug()
    world.laptop.kill()
    world.laptop.start()
    world.laptop.join(point)
    world.watcher.joined("G-home")
    world.silent("forced-disconnects", "evil-twin")
