"""A network is erased while the monitor runs: no byte of it stays on the disk, and it is not written again."""

from __future__ import annotations

import sys

import pytest

from tests.net.rig.cafe import Cafe
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = pytest.mark.root


def test_erased_under_a_running_monitor(cafe: Cafe) -> None:
    server = cafe.laptop.start("web", sys.executable, "-m", "http.server", "8000", "--bind", "0.0.0.0")
    cafe.laptop.wait_listening(server, 8000)
    # So the router's address is known from the beginning.
    cafe.laptop.run("ping", "-c", "1", cafe.router.v4)
    watched = Watched(cafe.laptop)
    wait_until(lambda: "(router" in watched.command("networks"), "the network to be known")
    wait_until(lambda: watched.log("exposed-service"), "what is exposed to be in the log")
    (network,) = {
        line["network"]["name"] for line in watched.log() if line["network"] and "router" in line["network"]["name"]
    }
    watched.command("trust")
    mac = network.partition("(router ")[2].rstrip(")")
    assert mac.encode() in watched.kept()
    # The laptop goes elsewhere: what is there now would rightly be found again.
    server.stop()
    cafe.laptop.ip("link set wlan0 down")
    wait_until(lambda: not watched.status()["networks"], "the laptop to be nowhere")
    said = watched.command("erase", "--network", network, "--yes")
    assert said.startswith("Erased: ")
    assert mac.encode() not in watched.kept()
    assert [line for line in watched.log() if line["network"] and line["network"]["name"] == network] == []
    watched.process.stop()
    assert mac.encode() not in watched.kept()
