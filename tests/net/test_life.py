"""A laptop's day under one monitor: docked and undocked, in the air and back, asleep while its network changed, with a VPN.

Whatever happens, the monitor that was there before says how things are some seconds later, and reads packets again.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.lab import Lab
from tests.net.rig.requirements import LAB, require
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched
from wifiguard.daemon.client import ask

pytestmark = [pytest.mark.root, pytest.mark.rig("ip"), pytest.mark.xdist_group("life")]  # one laptop for all

# What a user of nothing but its name: a tunnel that a program holds open.
TUNNEL = """
import fcntl, struct, sys, time
with open("/dev/net/tun", "r+b", buffering=0) as device:
    fcntl.ioctl(device, 0x400454CA, struct.pack("16sH", b"vpn0", 0x1001))
    print("open", flush=True)
    time.sleep(1000)
"""
# Of all that a laptop keeps a while: what it reaches is not what is still being learned.
MOST_GROWTH = 6.0


class Everything(Watched):
    """A monitor that watches whatever is active, as the service does."""

    def launch(self) -> None:
        self._options = ["run", "--config", str(self.settings), "--json", "--no-notify"]
        super().launch()

    def now(self) -> dict[str, Any]:
        """Its state, asked at its socket: the command that asks takes longer to start than things take to happen."""
        (line,) = ask(Path(self.env["WIFIGUARD_RUNTIME_DIR"], "control.sock"), "status")
        return line

    def says(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait until it does, with the same process as ever, and nothing of it broken."""
        began = time.monotonic()
        wait_until(lambda: self.process.require_running() and wanted(self.now()), what, 30)
        print(f"{what}: {time.monotonic() - began:.1f} s")
        state = self.now()
        assert state["rules_stopped"] == {}
        assert [each for each in state["sources"] if each["name"] in ("interfaces", "traffic") and not each["ok"]] == []


@pytest.fixture(scope="module")
def cafe() -> Iterator[Cafe]:
    require(*LAB, root=True)
    with Lab() as lab:
        made = Cafe(lab)
        made.laptop.ip("route delete default", "route delete ::/0")
        back(made)
        yield made


@pytest.fixture(scope="module")
def monitor(cafe: Cafe) -> Everything:
    made = Everything(cafe.laptop)
    made.says(lambda now: reads(now) == {"wlan0"} and online(now), "the café's network")
    return made


def reads(now: dict[str, Any]) -> set[str]:
    """Interfaces whose packets are read."""
    return set(now["traffic"])


def online(now: dict[str, Any]) -> bool:
    return now["default_routes"] == {"ipv4": "wlan0", "ipv6": "wlan0"}


def kinds(now: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["kind"] for each in now["interfaces"]}


def back(cafe: Cafe) -> None:
    """What goes with an interface that is switched off: its IPv6 address and its routes; as managers of networks make them."""
    cafe.laptop.ip(
        f"address replace {cafe.laptop_addresses.v6}/64 dev wlan0 nodad",
        f"route replace default via {cafe.router.v4} dev wlan0 metric 600",
        f"route replace ::/0 via {cafe.router.v6} dev wlan0 metric 600",
    )


def test_docked_and_undocked(cafe: Cafe, monitor: Everything) -> None:
    """A cable comes with an interface of its own, carries everything, and is pulled out with it."""
    for _ in range(2):
        cafe.lab.wire(cafe.laptop, "dock0", cafe.internet, "dock1")
        cafe.internet.address("dock1", "10.77.0.1/24")
        cafe.laptop.address("dock0", "10.77.0.2/24")
        cafe.laptop.ip("route add default via 10.77.0.1 dev dock0 metric 1")
        monitor.says(
            lambda now: reads(now) == {"wlan0", "dock0"} and now["default_routes"]["ipv4"] == "dock0", "the dock"
        )
        cafe.laptop.ip("link delete dock0")
        monitor.says(lambda now: reads(now) == {"wlan0"} and "dock0" not in kinds(now) and online(now), "undocked")


def test_airplane_mode(cafe: Cafe, monitor: Everything) -> None:
    for _ in range(2):
        cafe.laptop.ip("link set wlan0 down")
        monitor.says(lambda now: reads(now) == set() and now["networks"] == [], "nothing that is on")
        cafe.laptop.ip("link set wlan0 up")
        back(cafe)
        monitor.says(lambda now: reads(now) == {"wlan0"} and online(now), "the café's network again")


def test_a_vpn_comes_and_goes(cafe: Cafe, monitor: Everything) -> None:
    for _ in range(2):
        tunnel: Spawned = cafe.laptop.start("tunnel", "python3", "-c", TUNNEL)
        tunnel.wait_for_output("open")
        cafe.laptop.ip(
            "address add 10.8.0.2/24 dev vpn0",
            "link set vpn0 up",
            "route add 0.0.0.0/1 dev vpn0",
            "route add 128.0.0.0/1 dev vpn0",
        )
        monitor.says(lambda now: reads(now) == {"wlan0", "vpn0"} and now["default_routes"]["ipv4"] == "vpn0", "the VPN")
        assert kinds(monitor.now())["vpn0"] == "vpn"
        tunnel.stop()
        monitor.says(lambda now: reads(now) == {"wlan0"} and online(now), "the VPN is gone")


def test_containers_are_named_so_and_not_read(cafe: Cafe, monitor: Everything) -> None:
    inside = cafe.lab.namespace("container")
    cafe.laptop.ip("link add docker0 type bridge", "link set docker0 up")
    cafe.laptop.address("docker0", "172.17.0.1/16")
    cafe.lab.wire(cafe.laptop, "veth7", inside, "eth0")
    cafe.laptop.ip("link set veth7 master docker0")
    monitor.says(
        lambda now: kinds(now).get("docker0") == kinds(now).get("veth7") == "container" and reads(now) == {"wlan0"},
        "a container",
    )
    cafe.laptop.ip("link delete veth7", "link delete docker0")
    monitor.says(lambda now: set(kinds(now)) == {"lo", "wlan0"}, "no container")


def test_without_ipv6(cafe: Cafe, monitor: Everything) -> None:
    cafe.laptop.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    monitor.says(lambda now: now["default_routes"] == {"ipv4": "wlan0"} and reads(now) == {"wlan0"}, "IPv4 alone")
    cafe.laptop.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0")
    back(cafe)
    monitor.says(online, "IPv6 again")


def test_asleep_while_the_network_became_another(cafe: Cafe, monitor: Everything) -> None:
    """It is stopped as a whole, and goes on somewhere else: the same name, another router."""
    before = monitor.now()["networks"]
    os.kill(monitor.process.pid, signal.SIGSTOP)
    try:
        cafe.laptop.ip("link set wlan0 down")
        cafe.internet.ip("link set eth0 down", "link set eth0 address 02:00:00:00:77:01", "link set eth0 up")
        cafe.internet.ip(f"address replace {cafe.router.v6}/64 dev eth0 nodad")
        cafe.laptop.ip("link set wlan0 up")
        back(cafe)
        cafe.laptop.run("ping", "-c", "1", "-W", "5", cafe.router.v4)
    finally:
        os.kill(monitor.process.pid, signal.SIGCONT)
    monitor.says(
        lambda now: [each["id"] for each in now["networks"]] not in ([], [each["id"] for each in before]),
        "another network",
    )
    assert reads(monitor.now()) == {"wlan0"}


def test_a_thousand_changes(cafe: Cafe, monitor: Everything) -> None:
    """As fast as the kernel carries them out; what counts is what is there at the end."""
    pid = monitor.process.pid
    before = resident(pid)
    for number in range(10):
        changes = []
        for each in range(20):
            changes += [
                f"address add 10.{number}.{each}.1/32 dev wlan0",
                f"route add default via {cafe.router.v4} dev wlan0 metric {100 + each}",
                f"route delete default via {cafe.router.v4} dev wlan0 metric {100 + each}",
                f"address delete 10.{number}.{each}.1/32 dev wlan0",
                "link set wlan0 multicast off" if each % 2 else "link set wlan0 multicast on",
            ]
        cafe.laptop.ip(*changes)
    back(cafe)
    cafe.laptop.ip("address add 10.99.0.1/32 dev wlan0")
    monitor.says(lambda now: online(now) and reads(now) == {"wlan0"}, "calm")
    grown = resident(pid) - before
    print(f"memory grew by {grown:.1f} MB")
    assert grown < MOST_GROWTH


def resident(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
