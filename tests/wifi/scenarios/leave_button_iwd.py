"""A network is left by a notification's button, through iwd."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._leaving import leaving

LAPTOP = "iwd"


def run(world: World) -> None:
    """Found in the café."""
    leaving(world, world.iwd, "iwd-cafe")
