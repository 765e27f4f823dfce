"""Devices are thrown off with the usual tools: told while it goes on, each time."""

from tests.wifi.guest.attackers import deauthenticate, end
from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """mdk4 and aireplay-ng, at everybody and at one; the laptop listens on a second radio, as the user may ask."""
    ears = world.radio(laptop=True)
    attacker = world.radio()
    for tool, station in (("mdk4", None), ("aireplay-ng", None), ("aireplay-ng", "02:00:00:00:00:00")):
        point = world.point(wpa2(f"X-{tool}-{'one' if station else 'all'}"))
        world.laptop.join(point)
        world.watcher.joined(point.offers[0].ssid.decode())
        since = world.watcher.mark()
        attack = deauthenticate(attacker, point, tool=tool, station=station)
        try:
            found = world.watcher.expect("forced-disconnects", since=since, bssid=point.bssid(), within=90)
        finally:
            end(attack)
        assert found["severity"] == "high"
        world.laptop.leave()
        world.close(point)
    assert ears.name
