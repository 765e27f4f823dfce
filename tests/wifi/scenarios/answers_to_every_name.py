"""An attacker's access point claims to be whatever is asked for."""

from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """The laptop listens on a second radio, while its first one calls names as hidden profiles make it."""
    world.radio(laptop=True)
    world.karma(world.radio())
    for _ in range(20):
        world.laptop.call(b"K-home", b"K-office", b"K-hotel", b"K-airport")
        if world.watcher.soon("decoy-ssid-answered", since=world.since, within=3):
            break
    world.expect("decoy-ssid-answered", severity="critical", bssids=["00:13:37:a5:00:01"])
