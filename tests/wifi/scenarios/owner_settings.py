"""What an owner can set better at home: WPS off, management frames protected."""

from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """Told on a network that the user trusts, silent before."""
    weak = ("wps_state=2", "eap_server=1", "ap_setup_locked=0", "config_methods=push_button label", "ap_pin=12345670")
    point = world.point(wpa2("S-home").but(*weak))
    world.laptop.join(point)
    world.watcher.joined("S-home")
    world.silent("wps-enabled", "management-frames-unprotected")
    world.expect("trackable-mac", severity="low")
    world.trust()
    world.expect("wps-enabled", severity="low", ssid="S-home")
    world.expect("management-frames-unprotected", severity="info", security="wpa2-personal")
    world.expect("trackable-mac", state="resolved")
