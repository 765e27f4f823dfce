"""All that a scenario may ask for; gone when it ends."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import cast

from tests.wifi.guest import hwsim
from tests.wifi.guest.attackers import Karma, Radio
from tests.wifi.guest.laptops import INTERFACE, Bare, Iwd, Laptop, NetworkManager
from tests.wifi.guest.points import Offer, Point
from tests.wifi.guest.shell import PATIENCE, insist, run, wait_for
from tests.wifi.guest.watcher import Line, Watcher
from wifiguard.core.text import visible
from wifiguard.daemon.nearby import nearby
from wifiguard.sources.genl import Generic
from wifiguard.sources.nl80211 import scan_results


class World:
    """`watcher`: WiFiGuard. `since`: when the scenario began. The laptop's radio is the first."""

    def __init__(self, watcher: Watcher, laptop: Laptop, radios: int) -> None:
        self.watcher = watcher
        self.since = watcher.mark()
        self._laptop = laptop
        self._free = list(range(1, radios))
        self._things: list[Point | Radio | Karma | Bare] = []
        self._set = False
        self.noted: dict[str, float] = {}

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

    @property
    def points(self) -> list[Point]:
        """The access points, in the order in which they came."""
        return [thing for thing in self._things if isinstance(thing, Point)]

    def point(self, *offers: Offer, channel: int = 6, six: bool = False) -> Point:
        """An access point with these names, on a radio of its own. `six`: its channel is one of the 6 GHz band."""
        point = Point(self._free.pop(0), offers, channel, six)
        self._things.append(point)
        point.start()
        return point

    def close(self, point: Point) -> None:
        """The access point is gone; its radio is free again."""
        self._things.remove(point)
        point.stop()
        self._free.insert(0, point.number)

    def radio(self, frequency: int = 2437, *, laptop: bool = False) -> Radio:
        """A radio in monitor mode; `laptop`: WiFiGuard may listen to it."""
        # The last ones never leave the laptop.
        radio = Radio(self._free.pop(-1 if laptop else 0), frequency, laptop=laptop)
        self._things.append(radio)
        return radio

    def second(self) -> Bare:
        """The laptop has another radio to join networks with."""
        # As with those that listen: the last ones never leave the laptop.
        other = Bare(f"wlan{self._free.pop()}")
        self._things.append(other)
        return other

    def replug(self) -> None:
        """The laptop's radio is pulled out and put in again: to the kernel a new device, whose interface has the old name."""
        hwsim.take_out(Path("/sys/class/net", INTERFACE, "phy80211/name").read_text().strip())
        self.watcher.gone()
        # The kernel keeps names like phy0 to itself.
        hwsim.put_in("laptop", "02:00:00:00:00:00")

    def karma(self, radio: Radio) -> Karma:
        """An access point that answers to every name."""
        karma = Karma(radio)
        self._things.append(karma)
        return karma

    def hear(self, point: Point) -> None:
        """The laptop looks around until it knows the access point."""

        def heard() -> bool:
            self._laptop.look(point)
            bssid, name = point.bssid(), visible(point.offers[0].ssid)
            return any((line["bssid"], line["ssid"]) == (bssid, name) for line, _ in nearby([]))

        wait_for(heard, f"{point.offers[0].ssid!r} in the air")

    def settings(self, text: str) -> None:
        """The user's settings until the scenario ends; the service reads them at once."""
        self._set = True
        self.watcher.settings(text)

    def note(self, what: str, seconds: float) -> None:
        """A figure for the line of result."""
        self.noted[what] = round(seconds, 1)

    def trust(self) -> None:
        """The user trusts the network that the laptop is on; a busy machine may have dropped it for a moment."""
        insist(lambda: self.watcher.ask("trust"), "WiFiGuard to trust the network")

    def expect(self, rule: str, *, within: float = PATIENCE, **fields: object) -> Line:
        """WiFiGuard's finding."""
        return self.watcher.expect(rule, since=self.since, within=within, **fields)

    def silent(self, *rules: str) -> None:
        """WiFiGuard's silence."""
        self.watcher.silent(*rules, since=self.since)

    def end(self) -> None:
        """Clear everything away."""
        self._laptop.leave()
        if self._set:
            self.watcher.settings("")
        for thing in reversed(self._things):
            thing.stop()
        wait_for(_forgotten, "the kernel to forget what was in the air")
        self.watcher.ask("erase")


def _forgotten() -> bool:
    """Whether the kernel's list of access points is empty; else it forgets them at its next look around."""
    with Generic("nl80211") as kernel:
        heard = any(True for _ in scan_results(kernel, socket.if_nametoindex(INTERFACE)))
    if heard:
        run("iw", "dev", INTERFACE, "scan", "trigger", "freq", "2412", "flush", check=False)
    return not heard
