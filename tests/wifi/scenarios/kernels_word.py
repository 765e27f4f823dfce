"""What the kernel tells of an access point is handed on whole: elements, channel, signal, and why it ended."""

from msgspec.structs import replace

from tests.wifi.guest.hearing import Hearing
from tests.wifi.guest.points import wpa2
from tests.wifi.guest.world import World
from wifiguard.core.air import Elements, FrameProtection
from wifiguard.core.network import Security
from wifiguard.core.observation import Seen
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft
from wifiguard.sources.nl80211 import Nl80211

LAPTOP = "bare"
BSSID, STATION = "00:0d:b9:00:04:01", "02:00:00:00:00:00"
# IEEE 802.11-2020, table 9-49: the access point cannot handle so many stations.
TOO_MANY = 5
SETTINGS = (
    *("wpa_key_mgmt=WPA-PSK FT-PSK WPA-PSK-SHA256", "ieee80211w=1"),
    *("mobility_domain=a1b2", "nas_identifier=ap", "ieee80211d=1", "vendor_elements=dd0400133701"),
)


def run(world: World) -> None:
    """An access point with all that one can announce, which has no room for the laptop after all."""
    point = world.point(wpa2("U-told").but(*SETTINGS, bssid=BSSID), channel=11)
    with Hearing(Nl80211()) as told:
        world.laptop.join(point)
        bss = told.wait(WifiAssociated).bss
        world.laptop.stay_out()
        point.throw_out(STATION, TOO_MANY)
        left = told.wait(WifiLeft)
    assert bss.signal in range(-100, 0), bss
    raw = bytes.fromhex(BSSID.replace(":", ""))
    elements = Elements(
        akms=("PSK", "FT-PSK", "PSK-SHA256"),
        pairwise=("CCMP-128",),
        group="CCMP-128",
        protection=FrameProtection.CAPABLE,
        mobility_domain=bytes.fromhex("a1b2"),
        country="BZ",
        makers=(bytes.fromhex("001337"), bytes.fromhex("0050f2")),
    )
    assert replace(bss, signal=None) == Bss(b"U-told", raw, Security.WPA2, frequency=2462, elements=elements), bss
    assert left == WifiLeft(Seen(0.0, 0.0, None, "wlan0"), b"U-told", TOO_MANY), left
