"""A network in the 6 GHz band, where nothing below WPA3 is allowed: heard, listed and joined as what it is."""

from tests.wifi.guest.points import wpa3
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """Its password is proved in the newer way alone (hash to element), as the band demands."""
    point = world.point(wpa3("6-home").but("sae_pwe=1"), channel=5, six=True)
    world.hear(point)
    (line,) = (line for line in wifiguard("networks", "--nearby", "--json") if line["ssid"] == "6-home")
    assert (line["security"], line["channel"], line["flags"]) == ("wpa3-personal", 5, [])
    world.laptop.join(point)
    assert world.watcher.joined("6-home")["security"] == "wpa3-personal"
    world.silent("open-wifi", "weak-wifi-encryption")
