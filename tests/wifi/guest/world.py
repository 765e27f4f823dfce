"""All that a scenario may ask for; gone when it ends."""

from __future__ import annotations

from typing import cast

from tests.wifi.guest.attackers import Karma, Radio
from tests.wifi.guest.laptops import Bare, Iwd, Laptop, NetworkManager
from tests.wifi.guest.points import Offer, Point
from tests.wifi.guest.shell import PATIENCE
from tests.wifi.guest.watcher import Watcher


class World:
    """`watcher`: WiFiGuard. `since`: its lines when the scenario began. The laptop's radio is the first."""

    def __init__(self, watcher: Watcher, laptop: Laptop, radios: int) -> None:
        self.watcher = watcher
        self.since = watcher.mark()
        self._laptop = laptop
        self._free = list(range(1, radios))
        self._things: list[Point | Radio | Karma] = []

    @property
    def laptop(self) -> Bare:
        """The laptop of scenarios that say LAPTOP = "bare"."""
        return cast(Bare, self._laptop)

    @property
    def manager(self) -> NetworkManager:
        """That of scenarios that say "networkmanager"."""
        return cast(NetworkManager, self._laptop)

    @property
    def iwd(self) -> Iwd:
        """That of scenarios that say "iwd"."""
        return cast(Iwd, self._laptop)

    def point(self, *offers: Offer, channel: int = 6) -> Point:
        """An access point with these names, on a radio of its own."""
        point = Point(self._free.pop(0), offers, channel)
        self._things.append(point)
        point.start()
        return point

    def close(self, point: Point) -> None:
        """The access point is gone; its radio is free again."""
        self._things.remove(point)
        point.stop()
        self._free.append(point.number)

    def radio(self, frequency: int = 2437, *, laptop: bool = False) -> Radio:
        """A radio in monitor mode; `laptop`: WiFiGuard may listen to it."""
        radio = Radio(self._free.pop(0), frequency, laptop=laptop)
        self._things.append(radio)
        return radio

    def karma(self, radio: Radio) -> Karma:
        """An access point that answers to every name."""
        karma = Karma(radio)
        self._things.append(karma)
        return karma

    def trust(self) -> None:
        """The user trusts the network that the laptop is on."""
        self.watcher.ask("trust")

    def expect(self, rule: str, *, within: float = PATIENCE, **fields: object) -> dict[str, object]:
        """WiFiGuard's finding."""
        return self.watcher.expect(rule, since=self.since, within=within, **fields)

    def silent(self, *rules: str, seconds: float = 0.0) -> None:
        """WiFiGuard's silence."""
        self.watcher.silent(*rules, since=self.since, seconds=seconds)

    def end(self) -> None:
        """Clear everything away."""
        self._laptop.leave()
        for thing in reversed(self._things):
            thing.stop()
