"""A network is left by a notification's button, through NetworkManager."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._leaving import leaving

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """Found in the café."""
    leaving(world, world.manager, "networkmanager-cafe")
