"""The everyday through NetworkManager, which restarts in mid-association before wpa_supplicant is killed below it."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._everyday import everyday

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """The association outlives NetworkManager, and NetworkManager makes a new one after wpa_supplicant's death."""

    def revive() -> None:
        world.manager.restart()
        world.watcher.joined("manager-home")
        world.manager.kill_supplicant()

    everyday(world, world.manager, "manager", revive)
