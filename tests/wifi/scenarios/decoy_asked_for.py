"""A name that cannot exist is called on joining a stranger's network, where the user wants that: an attacker answers."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"
ASK = "[rules.decoy-ssid-answered]\nask = true\n"


def run(world: World) -> None:
    """No second radio is needed: the laptop's own calls, and hears the answer."""
    point = world.point(wpa2("Q-hotel"))
    world.laptop.join(point)
    world.watcher.joined("Q-hotel")
    world.karma(world.radio())
    for _ in range(5):
        # Its one scan may miss the answer; a monitor that begins anew asks anew.
        world.settings(ASK)
        if world.watcher.soon("decoy-ssid-answered", since=world.since, within=30):
            break
    found = world.expect("decoy-ssid-answered", severity="critical", bssids=["00:13:37:a5:00:01"])
    assert len(found["evidence"]["ssid"]) == 20, found["evidence"]
