"""Every protection, joined by wpa_supplicant alone."""

from tests.wifi.guest.world import World
from tests.wifi.scenarios._protections import protections

LAPTOP = "bare"


def run(world: World) -> None:
    """Told from what the kernel heard."""
    protections(world, world.laptop, "bare")
