"""The notification's button "Leave this network", pressed: left, not joined again by itself, and undone by one command."""

from tests.wifi.guest.desktop import Desktop
from tests.wifi.guest.points import open_
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """The agent shows it, NetworkManager carries it out."""
    point = world.point(open_("L-cafe"))
    point.serve_dhcp()
    world.manager.join(point)
    world.watcher.joined("L-cafe")
    desktop = Desktop()
    try:
        desktop.press("Leave this network")
        desktop.told("You left this network.")
    finally:
        desktop.stop()
    world.watcher.gone()
    assert not world.manager.autoconnect("L-cafe")
    wifiguard("profiles", "undo", "--json")
    assert world.manager.autoconnect("L-cafe")
