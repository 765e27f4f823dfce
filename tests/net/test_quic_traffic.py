"""QUIC between real programs: the bank's name is read from the first packets, though nothing else can be."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.net.rig import wifi_security
from tests.net.rig.bus import PrivateBus
from tests.net.rig.cafe import Addresses, Cafe
from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.lab import Namespace
from tests.net.rig.mock_network_manager import MockNetworkManager
from tests.net.rig.mock_wifi import MockWifi
from tests.net.rig.spawned import Spawned
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched
from tests.streams.handshakes import issue

pytestmark = [pytest.mark.root, pytest.mark.rig("openssl", "dnsmasq")]

PEER = Path(__file__).parent / "rig" / "quic_peer.py"
BANK = "www.commerzbank.de"
VERSIONS = {"1": "0x00000001", "2": "0x6b3343cf"}


def quic_server(namespace: Namespace, folder: Path, address: str, name: str) -> Spawned:
    own = issue(name, names=[name], now=time.time())
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(own.pem)
    key.write_bytes(own.key_pem)
    server = namespace.start(f"quic-{name}", sys.executable, str(PEER), "server", str(certificate), str(key), address)
    server.wait_for_output("ready")
    return server


def ask(namespace: Namespace, address: str, name: str, version: str) -> None:
    done = namespace.run(sys.executable, str(PEER), "client", address, name, VERSIONS[version])
    assert done.stdout == "connected\n"


@pytest.fixture
def bank(cafe: Cafe, tmp_path: Path) -> Addresses:
    host = cafe.host(10)
    quic_server(cafe.internet, tmp_path, host.v4, BANK)
    return host


@pytest.fixture
def air(mock_network_manager: MockNetworkManager) -> MockWifi:
    air = mock_network_manager.add_wifi("wlan0")
    air.join(air.add_access_point(b"CafeGuest", "02:00:00:00:0a:01", wifi_security.OPEN))
    return air


def test_aioquic_visits_a_bank(
    cafe: Cafe, bank: Addresses, air: MockWifi, system_bus: PrivateBus, tmp_path: Path
) -> None:
    garden = cafe.host(11)
    quic_server(cafe.internet, tmp_path, garden.v4, "www.garden.test")
    watched = Watched(cafe.laptop, env={"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address})
    wait_until(lambda: watched.status()["networks"], "the Wi-Fi to be known")
    for version in VERSIONS:
        ask(cafe.laptop, garden.v4, "www.garden.test", version)
        ask(cafe.laptop, bank.v4, BANK, version)
    found = watched.wait_for("banking-on-untrusted-wifi")
    assert (found["severity"], found["network"]["name"]) == ("low", "CafeGuest")
    assert {**found["evidence"], "program": None} == {
        "institution": "Commerzbank",
        "registrable": "commerzbank.de",
        "security": "open",
        "program": None,
    }
    # Once a network; both versions of QUIC were seen.
    wait_until(lambda: watched.log("banking-on-untrusted-wifi")[0]["count"] == 2, "both visits")
    assert len(watched.log("banking-on-untrusted-wifi")) == 1
    assert b"garden" not in watched.kept()


@pytest.mark.rig("chromium")
def test_chromium_visits_a_bank(
    cafe: Cafe, bank: Addresses, air: MockWifi, system_bus: PrivateBus, tmp_path: Path
) -> None:
    Dnsmasq(cafe.internet, {BANK: [bank.v4]})
    watched = Watched(cafe.laptop, env={"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address})
    wait_until(lambda: watched.status()["networks"], "the Wi-Fi to be known")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/chromium", "--no-first-run"]
    # TCP has no server here: only QUIC can get through.
    options += ["--ignore-certificate-errors", f"--origin-to-force-quic-on={BANK}:443", "--remote-debugging-port=0"]
    cafe.laptop.start("chromium", "chromium", *options, f"https://{BANK}/")
    found = watched.wait_for("banking-on-untrusted-wifi", timeout=60)
    assert found["evidence"]["institution"] == "Commerzbank"
