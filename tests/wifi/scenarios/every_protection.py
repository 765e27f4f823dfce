"""Every kind of protection that an access point can offer is told by its right name when the laptop joins."""

from tests.wifi.guest.points import mixed, open_, owe, transition, wpa1, wpa2, wpa3
from tests.wifi.guest.world import World

LAPTOP = "bare"
JUDGED = ("open-wifi", "enhanced-open-wifi", "weak-wifi-encryption")


def run(world: World) -> None:
    """One access point with seven names."""
    point = world.point(
        open_("P-open"),
        owe("P-owe"),
        wpa1("P-wpa1"),
        mixed("P-mixed"),
        wpa2("P-wpa2"),
        wpa3("P-wpa3"),
        transition("P-trans"),
    )
    told = {
        "P-open": ("open", ("open-wifi", "high")),
        "P-owe": ("enhanced-open", ("enhanced-open-wifi", "info")),
        "P-wpa1": ("wpa-personal", ("weak-wifi-encryption", "high")),
        "P-mixed": ("wpa+wpa2-personal", ("weak-wifi-encryption", "medium")),
        "P-wpa2": ("wpa2-personal", None),
        "P-wpa3": ("wpa3-personal", None),
        "P-trans": ("wpa3-transition", None),
    }
    for index, offer in enumerate(point.offers):
        name = offer.ssid.decode()
        security, finding = told[name]
        since = world.watcher.mark()
        world.laptop.join(point, index)
        assert world.watcher.joined(name)["security"] == security, name
        world.watcher.expect("unknown-wifi", since=since, ssid=name, security=security)
        if finding is None:
            world.watcher.silent(*JUDGED, since=since)
        else:
            rule, severity = finding
            world.watcher.expect(rule, since=since, ssid=name, severity=severity)
