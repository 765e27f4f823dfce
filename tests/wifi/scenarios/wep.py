"""WEP, which laptops of today no longer join: told from the air by its right name."""

from tests.wifi.guest.points import wep
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """`networks --nearby` says what is in the air and why not to join it."""
    point = world.point(wep("V-old"))

    def heard() -> bool:
        world.laptop.scan(point.frequency)
        return any(
            line["ssid"] == "V-old" and line["security"] == "wep" and line["flags"] == ["weak"]
            for line in wifiguard("networks", "--nearby", "--json")
        )

    assert world.watcher.until(heard, "the WEP network in the air")
