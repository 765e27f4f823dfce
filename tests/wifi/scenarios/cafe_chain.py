"""Two shops of one chain, never seen together: another access point, another router, the same name."""

from tests.wifi.guest.points import open_, wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """Open and with a password on the wall; the user trusts neither."""
    for offer in (open_("C-open"), wpa2("C-wall")):
        for maker in ("00:0d:b9:00:01:01", "b0:c7:45:00:01:02"):
            shop = world.point(offer.but(bssid=maker))
            world.laptop.join(shop)
            world.watcher.joined(offer.ssid.decode())
            world.laptop.leave()
            world.watcher.gone()
            world.close(shop)
    world.silent("evil-twin", "wifi-security-downgrade", "forced-disconnects")
