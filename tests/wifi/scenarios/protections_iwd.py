"""Every protection, joined by iwd."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._protections import protections

LAPTOP = "iwd"


def run(world: World) -> None:
    """Told from what the kernel heard."""
    protections(world, world.iwd, "iwd")
