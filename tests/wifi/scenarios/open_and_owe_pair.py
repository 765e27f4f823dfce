"""The two halves of an Enhanced Open transition pair: the open one is open, the other one encrypts."""

from tests.wifi.guest.points import open_, owe
from tests.wifi.guest.world import World

LAPTOP = "bare"
OPEN, ENCRYPTED = "02:00:00:00:77:00", "02:00:00:00:77:01"


def run(world: World) -> None:
    """No half is the twin of the other."""
    point = world.point(
        open_("W-free").but(f"owe_transition_bssid={ENCRYPTED}", 'owe_transition_ssid="W-owe"', bssid=OPEN),
        owe("W-owe").but(f"owe_transition_bssid={OPEN}", 'owe_transition_ssid="W-free"', bssid=ENCRYPTED),
    )
    world.laptop.join(point, 0)
    assert world.watcher.joined("W-free")["security"] == "open"
    # A laptop that can saves the open half's name, and goes over to the other half by itself.
    world.laptop.join(point, 1, name=b"W-free")
    assert world.watcher.joined("W-owe")["security"] == "enhanced-open"
    world.silent("evil-twin", "wifi-security-downgrade")
