"""The everyday through iwd, which joins by itself when it or the radio is back; and its saved networks are mended."""

from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World
from tests.wifi.scenarios._everyday import everyday

LAPTOP = "iwd"


def run(world: World) -> None:
    """Protection is told by the kernel, the saved network by iwd."""

    def revive() -> None:
        world.iwd.restart()
        world.watcher.joined("iwd-home")
        world.replug()
        # This iwd does not always notice a radio that comes later.
        world.iwd.restart()

    everyday(world, world.iwd, "iwd", revive)
    world.watcher.refresh()
    world.expect("open-network-autojoin", ssid="iwd-open", keeper="iwd")
    wifiguard("profiles", "fix", "--yes", "--json")
    world.watcher.refresh()
    world.expect("open-network-autojoin", state="resolved")
