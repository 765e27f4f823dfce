"""Five hundred names that do not exist fill the air: bounded, and no word about neighbours."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """mdk4 floods while the laptop is on its own network and looks around."""
    ears = world.radio(laptop=True)
    home = world.point(wpa2("F-home"))
    world.laptop.join(home)
    world.watcher.joined("F-home")
    world.watcher.listens(ears.name)
    before = world.watcher.memory()
    with world.radio().run("mdk4", "b", "-s", "300", "-c", "6"):
        for part in (200, 500):
            world.laptop.scan(home.frequency)
            ears.hear(part)
    assert world.watcher.joined("F-home")
    assert world.watcher.memory() < before + 40_000, "the flood was kept"
    world.silent("evil-twin", "decoy-ssid-answered", "forced-disconnects", "wifi-security-downgrade")
