"""Kernel, NetworkManager and iwd tell one story, whoever of them is there and in whatever order they speak."""

from __future__ import annotations

import asyncio

import pytest

from tests.sources.watching import at
from wifiguard.core.air import Elements
from wifiguard.core.host import SourceDone
from wifiguard.core.network import Security
from wifiguard.core.observation import Observation, Seen
from wifiguard.core.wifi import Bss, BssSeen, WifiAssociated, WifiLeft
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources import wifi as room
from wifiguard.sources.wifi import Wifi

POINT = bytes.fromhex("a42bb0112233")
KERNEL = Bss(b"Home", POINT, Security.WPA2, signal=-50, elements=Elements(akms=("PSK",)))
NAMED = Bss(b"Home", POINT, Security.WPA2, strength=70)
DONE = SourceDone(at(), "wifi", True)


class Told:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.all: list[Observation] = []

    def emit(self, obs: Observation) -> None:
        self.all.append(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return Seen(0.0, 0.0, None, interface)


class Teller:
    """A source that tells its lines and then waits; `reason`: it cannot look."""

    essential = False

    def __init__(self, name: str, *lines: Observation, reason: str = "", works: bool = True) -> None:
        self.name = name
        self._lines = lines
        self._reason = reason
        self._works = works

    def refresh(self) -> None:
        """Nothing new."""

    async def run(self, sink: Sink) -> None:
        if not self._works:
            raise SourceUnavailable(self._reason)
        for line in self._lines:
            sink.emit(line)
        sink.emit(SourceDone(sink.seen(), self.name, not self._reason, self._reason))
        await asyncio.Event().wait()


def story(monkeypatch: pytest.MonkeyPatch, kernel: Teller, manager: Teller, iwd: Teller) -> list[Observation]:
    """What the three together make known."""
    monkeypatch.setattr(room, "wireless_interfaces", list)
    wifi, told = Wifi(), Told()
    wifi._kernel, wifi._daemons = kernel, (manager, iwd)  # type: ignore[assignment]

    async def run() -> None:
        task = asyncio.create_task(wifi.run(told))
        await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(run())
    return told.all


def joined(bss: Bss, profile: str | None = None) -> WifiAssociated:
    return WifiAssociated(at("wlan0"), bss, profile)


ABSENT = "NetworkManager is not running"


def test_the_kernels_word_with_the_name_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    out = story(
        monkeypatch,
        Teller("nl80211", joined(KERNEL)),
        Teller("wifi", joined(NAMED, "Home of Ann")),
        Teller("iwd", reason="iwd is not running"),
    )
    assert out[-2:] == [joined(KERNEL, "Home of Ann"), DONE]


def test_no_daemon_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = BssSeen(at("wlan0"), KERNEL)
    out = story(
        monkeypatch,
        Teller("nl80211", seen, joined(KERNEL)),
        Teller("wifi", reason=ABSENT),
        Teller("iwd", reason="no bus", works=False),
    )
    assert out[0] == seen
    assert out[-2:] == [joined(KERNEL), DONE]


def test_a_kernel_without_wifi_leaves_it_to_the_daemons(monkeypatch: pytest.MonkeyPatch) -> None:
    out = story(
        monkeypatch,
        Teller("nl80211", reason="no Wi-Fi", works=False),
        Teller("wifi", joined(NAMED, "Home")),
        Teller("iwd", reason="iwd is not running"),
    )
    assert out[-2:] == [joined(NAMED, "Home"), DONE]


def test_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    out = story(
        monkeypatch,
        Teller("nl80211", reason="no Wi-Fi", works=False),
        Teller("wifi", reason=ABSENT),
        Teller("iwd", reason="no bus", works=False),
    )
    assert out == [SourceDone(at(), "wifi", False, ABSENT)]


def test_leaving_with_the_kernels_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    left = WifiLeft(at("wlan0"), b"Home", 7)
    kernel = Teller("nl80211", joined(KERNEL), SourceDone(at(), "nl80211", True), left)
    out = story(monkeypatch, kernel, Teller("wifi", reason=ABSENT), Teller("iwd", reason="iwd is not running"))
    assert left in out
    assert out[-1] == DONE


def test_a_daemon_that_is_first_waits_for_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    vague = Bss(b"Home", None, Security.UNKNOWN)
    out = story(
        monkeypatch,
        Teller("nl80211"),
        Teller("wifi", reason=ABSENT),
        Teller("iwd", joined(vague, "Home")),
    )
    assert [each for each in out if isinstance(each, WifiAssociated)] == []
    assert out[-1] == DONE
