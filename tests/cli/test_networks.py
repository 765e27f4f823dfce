"""Known networks and what they are recognised by, from the log file of a monitor that does not run."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Terminal
from tests.sources.played_kernel import kernel_that_heard
from wifiguard.core.network import Security, wifi_network
from wifiguard.core.rule import Remember
from wifiguard.daemon.places import Places
from wifiguard.store import Store

HOME = wifi_network(b"Home", Security.WPA2, bytes.fromhex("a42bb0112233"), trusted=True)
EQUIPMENT = {"bssids": ["a42bb0112233"], "domains": ["a1b2"], "gateways": ["a42bb0112200"]}


@pytest.fixture
def home(terminal: Terminal) -> None:
    """A log in which one network is trusted and was learned."""
    places = Places.mine()
    store = Store.open(places.database, now=1.0)
    store.trust(HOME, 1.0)
    store.remember(Remember("evil-twin", HOME, "equipment", json.dumps(EQUIPMENT)))
    store.close()


@pytest.mark.usefixtures("home")
def test_what_a_network_is_recognised_by(terminal: Terminal) -> None:
    shown = terminal("networks", "show", "Home").output
    assert "access points: a4:2b:b0:11:22:33" in shown
    assert "802.11r domains: a1:b2" in shown
    assert "routers: a4:2b:b0:11:22:00" in shown
    (line,) = terminal.lines("networks", "show", "Home")
    assert line["learned"] == [{"rule": "evil-twin", "key": "equipment", "value": json.dumps(EQUIPMENT)}]


@pytest.mark.usefixtures("home")
def test_a_network_that_nobody_knows(terminal: Terminal) -> None:
    done = terminal("networks", "show", "Hme")
    assert done.exit_code == 2
    assert "no network is called Hme" in done.output


def test_what_is_in_the_air_has_its_names_last(terminal: Terminal) -> None:
    with kernel_that_heard(2):
        shown = terminal("networks", "--nearby").output
    assert shown.splitlines() == [
        "   signal   channel      protection         name",
        f"   0 dBm    1            wpa2-personal      00000{'x' * 27}",
        f"   -1 dBm   1            wpa2-personal      00001{'x' * 27}",
    ]
