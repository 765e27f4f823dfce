"""The notification's button "Leave this network", pressed: left, not joined again by itself, and undone by one command."""

from __future__ import annotations

from tests.wifi.guest.desktop import Desktop
from tests.wifi.guest.laptops import Laptop
from tests.wifi.guest.points import open_
from tests.wifi.guest.watcher import wifiguard
from tests.wifi.guest.world import World
from wifiguard.sources.profiles import read_profiles


def leaving(world: World, laptop: Laptop, name: str) -> None:
    """The agent shows it, and who looks after the radio carries it out."""
    point = world.point(open_(name))
    point.serve_dhcp()
    laptop.join(point)
    world.watcher.joined(name)
    assert _joins_by_itself(name)
    desktop = Desktop()
    try:
        desktop.press("Leave this network")
        desktop.told("You left this network.")
    finally:
        desktop.stop()
    world.watcher.gone()
    assert not _joins_by_itself(name)
    wifiguard("profiles", "undo", "--json")
    assert _joins_by_itself(name)


def _joins_by_itself(name: str) -> bool:
    profiles, _ = read_profiles()
    return next(profile.autojoin for profile in profiles if profile.name == name)
