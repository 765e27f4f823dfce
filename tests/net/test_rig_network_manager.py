"""A real NetworkManager runs in a namespace: it gets a lease, is restarted, goes; the host's is not touched."""

from __future__ import annotations

import socket

import pytest

from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Cafe
from tests.net.rig.dnsmasq import Dhcp, Dnsmasq
from tests.net.rig.lab import Lab
from tests.net.rig.network_manager import ACTIVATED, NAME, PATH, NetworkManager
from tests.net.rig.waiting import wait_until

pytestmark = [pytest.mark.root, pytest.mark.rig("NetworkManager", "dnsmasq", "dbus-daemon", "busctl")]


@pytest.fixture
def unconfigured(lab: Lab) -> Cafe:
    return Cafe(lab, configured=False)


@pytest.fixture
def network_manager(unconfigured: Cafe, system_bus: PrivateBus) -> NetworkManager:
    return NetworkManager(unconfigured.laptop, system_bus)


def addresses(cafe: Cafe) -> list[str]:
    return cafe.laptop.run("ip", "-brief", "address", "show", cafe.interface).stdout.split()[2:]


def test_joins_by_dhcp_and_survives_a_restart(
    unconfigured: Cafe, system_bus: PrivateBus, network_manager: NetworkManager
) -> None:
    host_name = socket.gethostname()
    Dnsmasq(unconfigured.internet, {}, dhcp=Dhcp())
    network_manager.add_ethernet("wlan0")
    first = addresses(unconfigured)
    assert [address for address in first if address.startswith("10.23.0.1")]
    assert [address for address in first if address.startswith("fd23::")]
    assert "default via 10.23.0.1 dev wlan0" in unconfigured.laptop.run("ip", "route").stdout
    assert network_manager.nmcli("device").splitlines()[0] == "wlan0:ethernet:connected:cable-wlan0"

    recording = system_bus.monitor()
    network_manager.stop()
    wait_until(lambda: not system_bus.has_owner(NAME), "NetworkManager to leave the bus")
    assert addresses(unconfigured) == first
    network_manager.start()
    network_manager.wait_for_state("wlan0", ACTIVATED)
    recording.wait_for("StateChanged", lambda message: message.body[:1] == [ACTIVATED])
    owners = [message.body[1:] for message in recording.named("NameOwnerChanged") if message.body[0] == NAME]
    assert [bool(old) for old, _new in owners] == [True, False]
    wait_until(lambda: addresses(unconfigured) == first, "the same addresses")
    assert socket.gethostname() == host_name


def test_without_dhcp_server_it_is_up_and_not_connected(network_manager: NetworkManager) -> None:
    assert network_manager.bus.get(NAME, PATH, NAME, "Version").startswith("1.")
    assert network_manager.state("wlan0") < ACTIVATED
