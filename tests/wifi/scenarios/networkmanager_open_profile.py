"""An open profile that joins by itself: found, mended, not joined again after a reboot, and mended back."""

from tests.wifi.guest.points import open_
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World

LAPTOP = "networkmanager"


def run(world: World) -> None:
    """Through NetworkManager, as a person would."""
    point = world.point(open_("N-cafe"))
    point.serve_dhcp()
    world.manager.join(point)
    world.watcher.joined("N-cafe")
    world.watcher.refresh()
    world.expect("open-network-autojoin", ssid="N-cafe", keeper="NetworkManager")
    changed = wifiguard("profiles", "fix", "--yes", "--json")
    assert ("autojoin", "changed") in {(line["setting"], line["state"]) for line in changed}
    world.manager.reboot()
    assert not world.manager.joined()
    world.watcher.gone()
    world.watcher.refresh()
    world.expect("open-network-autojoin", state="resolved")
    wifiguard("profiles", "undo", "--json")
    world.watcher.joined("N-cafe")
