"""Three access points of one network with 802.11r: the laptop roams from one to the next, and nobody is alarmed."""

from tests.wifi.guest.points import Point, wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


FAST = ("wpa_key_mgmt=WPA-PSK FT-PSK", "mobility_domain=a1b2", "ft_psk_generate_local=1", "ft_over_ds=0")


def run(world: World) -> None:
    """Roaming there and on, trusted, with makers that differ."""
    makers = ("00:0d:b9:00:00:01", "b0:c7:45:00:00:02", "24:a4:3c:00:00:03")
    # One after another: wpa_supplicant would choose for itself where to begin.
    world.laptop.join(_point(world, 0, makers[0]))
    world.watcher.joined("M-mesh")
    world.trust()
    for number, maker in enumerate(makers[1:], 1):
        point = _point(world, number, maker)
        world.laptop.roam(point)
        world.watcher.joined("M-mesh", point.bssid())
    world.silent("evil-twin", "wifi-security-downgrade", "forced-disconnects", "decoy-ssid-answered")


def _point(world: World, number: int, maker: str) -> Point:
    return world.point(
        wpa2("M-mesh").but(*FAST, f"nas_identifier=ap{number}", f"r1_key_holder=00000000000{number}", bssid=maker)
    )
