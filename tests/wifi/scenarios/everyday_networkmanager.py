"""The everyday through NetworkManager: it restarts in mid-association, wpa_supplicant is killed, the radio pulled out."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._everyday import everyday

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """The association outlives NetworkManager, and NetworkManager makes a new one after either loss below it."""

    def revive() -> None:
        world.manager.restart()
        world.watcher.joined("manager-home")
        world.manager.kill_supplicant()
        world.watcher.joined("manager-home")
        world.replug()

    everyday(world, world.manager, "manager", revive)
