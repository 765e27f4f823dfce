"""A network in the 6 GHz band, where nothing below WPA3 is allowed, is heard and listed as what it is."""

from tests.wifi.guest.points import wpa3
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """Only heard: the wpa_supplicant of Debian 12 never chooses it, though it scans the channel."""
    point = world.point(wpa3("6-home").but("sae_pwe=1"), channel=5, six=True)
    world.hear(point)
    (line,) = (line for line in wifiguard("networks", "--nearby", "--json") if line["ssid"] == "6-home")
    assert (line["security"], line["channel"], line["flags"]) == ("wpa3-personal", 5, [])
