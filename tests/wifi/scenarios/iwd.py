"""The same through iwd: open, WPA2 and WPA3, and its saved networks."""

from tests.wifi.guest.points import open_, wpa2, wpa3
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "iwd"


def run(world: World) -> None:
    """Security from the kernel, the saved network from iwd."""
    point = world.point(open_("I-open"), wpa2("I-wpa2"), wpa3("I-wpa3"))
    for index, security in enumerate(("open", "wpa2-personal", "wpa3-personal")):
        name = point.offers[index].ssid.decode()
        since = world.watcher.mark()
        world.iwd.join(point, index)
        assert world.watcher.joined(name)["security"] == security
        world.watcher.expect("unknown-wifi", since=since, ssid=name)
    world.watcher.refresh()
    world.expect("open-network-autojoin", ssid="I-open", keeper="iwd")
    wifiguard("profiles", "fix", "--yes", "--json")
    world.watcher.refresh()
    world.expect("open-network-autojoin", state="resolved")
    world.iwd.leave()
    world.watcher.gone()
    world.silent("forced-disconnects", "evil-twin")
