"""Which interfaces are captured, and what is said of those that can not be: without packets, so without root."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cypcap
import pytest

from wifiguard.core.host import LinkKind, LinkState, SourceDone
from wifiguard.core.observation import Observation, Seen
from wifiguard.sources import Sink, SourceUnavailable, capture
from wifiguard.sources.capture import Capture, missing_sentence

HERE = Seen(0.0, 0.0)


class FakeTap:
    """Opens anything, except what `refusals` names, so many times."""

    refusals: dict[str, list[Exception]]
    open: list[str]

    def __init__(
        self, name: str, sink: Sink, ring: Callable[[Exception | None], None], *, tunnelled: bool = False
    ) -> None:
        if self.refusals.get(name):
            raise self.refusals[name].pop(0)
        self.name, self.trouble, self.ring, self.tunnelled = name, "", ring, tunnelled
        self.open.append(name)

    def figures(self) -> dict[str, int]:
        return {"packets": 0}

    def close(self) -> None:
        if self.name in self.open:
            self.open.remove(self.name)


class Ears:
    def __init__(self) -> None:
        self.heard: list[Observation] = []

    def emit(self, obs: Observation) -> None:
        self.heard.append(obs)

    def seen(self, interface: str = "", at: float | None = None) -> Seen:
        return HERE


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeTap.refusals, FakeTap.open = {}, []
    monkeypatch.setattr(capture, "Tap", FakeTap)
    monkeypatch.setattr(capture, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(capture, "SETTLE", 0.0)
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0"), (3, "wlan0")])


def link(index: int, name: str, kind: LinkKind, *, up: bool = True, **more: object) -> LinkState:
    return LinkState(HERE, index, name, kind, up=up, **more)  # type: ignore[arg-type]


LO = link(1, "lo", LinkKind.LOOPBACK)
ETH = link(2, "eth0", LinkKind.WIRED)
WLAN = link(3, "wlan0", LinkKind.WIFI)
VLAN = link(4, "eth0.7", LinkKind.WIRED, parent="eth0")
VPN = link(5, "wg0", LinkKind.VPN)
TUNNEL = link(6, "ipsec0", LinkKind.VPN, parent="eth0")
DOCKER = link(7, "docker0", LinkKind.CONTAINER)
BRIDGE = link(8, "br0", LinkKind.BRIDGE)
VIRTUAL = link(9, "dummy0", LinkKind.VIRTUAL)


@contextmanager
def running(source: Capture, ears: Ears) -> Iterator[asyncio.Task[None]]:
    task = asyncio.get_running_loop().create_task(source.run(ears))
    try:
        yield task
    finally:
        task.cancel()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def done(reason: str = "", mend: str | None = None) -> SourceDone:
    return SourceDone(HERE, "traffic", ok=not reason, reason=reason, mend=mend, essential=True)


def captured(*steps: tuple[LinkState, ...], named: tuple[str, ...] | None = None) -> list[list[str]]:
    """What is captured after each step of interfaces."""

    async def body() -> list[list[str]]:
        ears, source, found = Ears(), Capture(named), []
        with running(source, ears):
            for step in steps:
                source.follow(step)
                await asyncio.sleep(0.005)
                found.append(sorted(source.status()))
        return found

    return asyncio.run(body())


def test_cables_radios_and_tunnels_are_captured_and_copies_are_not() -> None:
    everything = (LO, ETH, WLAN, VPN, TUNNEL, DOCKER, BRIDGE, VIRTUAL)
    assert captured(everything) == [["eth0", "ipsec0", "wg0", "wlan0"]]


def test_a_parent_and_its_vlan_are_never_both_captured() -> None:
    down = link(2, "eth0", LinkKind.WIRED, up=False)
    assert captured((VLAN, ETH)) == [["eth0"]]
    assert captured((VLAN, ETH), (VLAN, down), (VLAN, ETH)) == [["eth0"], ["eth0.7"], ["eth0"]]
    assert captured((VLAN, ETH), named=("eth0.7",)) == [["eth0.7"]]


def test_only_the_named_are_captured_whatever_they_are() -> None:
    assert captured((LO, ETH, DOCKER), named=("docker0", "lo")) == [["docker0", "lo"]]


def test_interfaces_come_and_go_and_change_their_names() -> None:
    renamed = link(2, "lan", LinkKind.WIRED, former_name="eth0")
    gone = link(3, "wlan0", LinkKind.WIFI, present=False)
    steps = (), (ETH,), (ETH, WLAN), (renamed, WLAN), (renamed, gone), ()
    assert captured(*steps) == [[], ["eth0"], ["eth0", "wlan0"], ["lan", "wlan0"], ["lan"], []]
    assert captured((ETH,), (renamed,), named=("eth0",)) == [["eth0"], ["lan"]]
    # An interface that is known by its association alone has no index yet.
    assert captured((link(0, "wlan0", LinkKind.WIFI),)) == [[]]


def test_a_tunnel_is_marked() -> None:
    async def body() -> dict[str, bool]:
        source = Capture()
        with running(source, Ears()):
            source.follow((ETH, VPN))
            await until(lambda: len(source.status()) == 2)
            return {tap.name: tap.tunnelled for tap in source._taps.values()}

    assert asyncio.run(body()) == {"eth0": False, "wg0": True}


def test_nothing_is_said_before_the_interfaces_are_known_and_each_thing_once() -> None:
    async def body() -> list[Observation]:
        ears, source = Ears(), Capture()
        with running(source, ears):
            await asyncio.sleep(0.01)
            assert ears.heard == []
            for _ in range(3):
                source.follow((ETH,))
                await asyncio.sleep(0.002)
            source.refresh()
            await until(lambda: len(ears.heard) == 2)
        return ears.heard

    assert asyncio.run(body()) == [done(), done()]


def test_one_interface_s_failure_stops_no_other_and_is_tried_again() -> None:
    broken = cypcap.Error(cypcap.ErrorCode.ERROR, "no\x1b[31m luck")
    FakeTap.refusals = {"eth0": [broken, broken, broken]}

    async def body() -> list[Observation]:
        ears, source = Ears(), Capture()
        with running(source, ears):
            source.follow((ETH, WLAN))
            await until(lambda: len(source.status()) == 2)
            await until(lambda: len(ears.heard) == 2)
        return ears.heard

    assert asyncio.run(body()) == [done("eth0: no\\x1b[31m luck"), done()]
    assert FakeTap.open == []


def test_a_capture_that_breaks_while_it_runs_is_taken_up_again() -> None:
    async def body() -> list[Observation]:
        ears, source = Ears(), Capture()
        with running(source, ears):
            source.follow((ETH,))
            await until(lambda: ears.heard)
            (tap,) = source._taps.values()
            tap.trouble = "the ring broke"
            FakeTap.refusals = {"eth0": [cypcap.Error(cypcap.ErrorCode.ERROR, "the ring broke")]}
            source._ring(None)
            await until(lambda: len(ears.heard) == 3)
        return ears.heard

    assert asyncio.run(body()) == [done(), done("eth0: the ring broke"), done()]


def test_packets_of_an_unknown_kind_are_said_and_not_tried_again() -> None:
    FakeTap.refusals = {"eth0": [ValueError("its packets are of a kind that can't be decoded (USB)")]}

    async def body() -> list[Observation]:
        ears, source = Ears(), Capture()
        with running(source, ears):
            source.follow((ETH,))
            await asyncio.sleep(0.05)
            assert source.status() == {}
            # Another interface of this index may be of another kind.
            source.follow(())
            await asyncio.sleep(0.005)
            source.follow((ETH,))
            await until(lambda: source.status())
        return ears.heard

    assert asyncio.run(body()) == [done("eth0: its packets are of a kind that can't be decoded (USB)"), done()]


def test_without_permission_the_source_is_unavailable_and_leaves_nothing_open() -> None:
    FakeTap.refusals = {"wlan0": [cypcap.Error(cypcap.ErrorCode.PERM_DENIED, "Operation not permitted")]}

    async def body() -> SourceUnavailable:
        source = Capture()
        source.follow((ETH, WLAN))
        with pytest.raises(SourceUnavailable) as caught:
            await source.run(Ears())
        return caught.value

    state = asyncio.run(body())
    assert state.reason == "packets can't be captured without root"
    assert state.mend == "run it with sudo, or as the system service"
    assert FakeTap.open == []


def test_a_missing_interface_is_said_with_those_that_exist() -> None:
    async def body() -> list[Observation]:
        ears, source = Ears(), Capture(("eth0", "wlan\x1b"))
        with running(source, ears):
            source.follow((ETH, WLAN))
            await until(lambda: ears.heard)
            assert list(source.status()) == ["eth0"]
        return ears.heard

    assert asyncio.run(body()) == [
        done(
            "there is no interface called wlan\\x1b; there are: eth0, lo, wlan0",
            "name one that exists, or none to watch all that are active",
        )
    ]
    assert missing_sentence(("eth0", "lo")) is None
    assert missing_sentence(("a", "b")) == "there are no interfaces called a, b; there are: eth0, lo, wlan0"


def test_a_defect_ends_the_source() -> None:
    async def body() -> None:
        source = Capture()
        with running(source, Ears()) as task:
            source.follow((ETH,))
            await until(lambda: source.status())
            source._ring(RuntimeError("a defect"))
            with pytest.raises(RuntimeError, match="a defect"):
                await task

    asyncio.run(body())
    assert FakeTap.open == []
