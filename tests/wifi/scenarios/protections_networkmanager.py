"""Every protection, joined by NetworkManager."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._protections import protections

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """Told from what the kernel heard."""
    protections(world, world.manager, "networkmanager")
