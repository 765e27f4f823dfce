"""The user wants a VPN wherever he is a stranger: NetworkManager brings it up on joining, and that is said."""

from tests.wifi.guest.points import open_
from tests.wifi.guest.shell import run as run_program
from tests.wifi.guest.world import World

LAPTOP = "networkmanager"
SETTINGS = '[on_untrusted]\nvpn = "work"\n'


def run(world: World) -> None:
    """Not before a network is joined, and once."""
    world.manager.add_vpn("work")
    world.settings(SETTINGS)
    point = world.point(open_("R-cafe"))
    point.serve_dhcp()
    world.silent("vpn-on-untrusted-wifi")
    world.manager.join(point)
    world.expect("vpn-on-untrusted-wifi", severity="info", profile="work", reason="")
    assert "wireguard" in run_program("ip", "-details", "link", "show", "work")
