"""Devices are thrown off with the usual tools: told as soon as it is a flood, each time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from tests.wifi.guest.attackers import DEAUTHENTICATION, DISASSOCIATION, aireplay, inject, mdk4
from tests.wifi.guest.points import Point, wpa2
from tests.wifi.guest.world import World

LAPTOP = "bare"
STATION, ALL = "02:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"


def run(world: World) -> None:
    """At everybody and at one, both kinds of frame; the laptop listens on a second radio, as the user may ask."""
    ears = world.radio(laptop=True)
    attacker = world.radio()
    attacks: dict[str, Callable[[Point], AbstractContextManager[None]]] = {
        "mdk4-all": partial(mdk4, attacker),
        "mdk4-one": lambda point: mdk4(attacker, point, "-S", STATION),
        "aireplay-all": lambda point: aireplay(attacker, point),
        "aireplay-one": lambda point: aireplay(attacker, point, "-c", STATION),
        "deauth-all": lambda point: inject(attacker, DEAUTHENTICATION, point.bssid(), ALL),
        "disassoc-all": lambda point: inject(attacker, DISASSOCIATION, point.bssid(), ALL),
        "disassoc-one": lambda point: inject(attacker, DISASSOCIATION, point.bssid(), STATION),
    }
    for number, (name, begin) in enumerate(attacks.items()):
        point = world.point(wpa2(f"X-{name}").but(bssid=f"02:00:00:00:de:{number:02x}"))
        world.laptop.join(point)
        world.watcher.joined(f"X-{name}")
        world.watcher.listens(ears.name)
        since = world.watcher.mark()
        goodbyes = ears.goodbyes(point.bssid())
        with world.laptop.talking(point), begin(point):
            found = world.watcher.expect("forced-disconnects", since=since, bssid=point.bssid(), severity="high")
        told = world.watcher.seconds(found)
        world.note(name, told - goodbyes[0])
        # An emulated attacker may be slow to begin: what counts is when thirty came within ten seconds.
        floods = (last for first, last in zip(goodbyes, goodbyes[29:], strict=False) if last - first <= 10)
        latest = next(floods, told) + 1
        assert told <= latest, f"{name}: told {told - latest:.1f} s too late"
        world.laptop.leave()
        world.close(point)
