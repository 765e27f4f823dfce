"""The user leaves, the access point restarts, the radio is switched off: no attack."""

from pathlib import Path

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.shell import run as run_program
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """Each is seen as an end of the association, and joined again."""
    point = world.point(wpa2("O-home"))
    for _ in range(2):
        world.laptop.join(point)
        world.watcher.joined("O-home")
        world.laptop.leave()
        world.watcher.gone()
    world.laptop.join(point)
    world.watcher.joined("O-home")
    point.restart()
    world.laptop.join(point)
    world.watcher.joined("O-home")
    block("block")
    world.watcher.gone()
    block("unblock")
    world.laptop.join(point)
    world.watcher.joined("O-home")
    world.silent("forced-disconnects", "evil-twin")


def block(how: str) -> None:
    """The switch that every laptop has somewhere, for the laptop's radio alone."""
    (switch,) = Path("/sys/class/net/wlan0/phy80211").glob("rfkill*")
    run_program("rfkill", how, switch.name.removeprefix("rfkill"))
