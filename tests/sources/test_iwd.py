"""iwd's objects become associations; objects that contradict themselves become a reason. The real iwd is in tests/wifi."""

from __future__ import annotations

from typing import Any

import pytest
from dbus_fast import Variant

from wifiguard.sources.iwd import DEVICE, NETWORK, STATION, _joined
from wifiguard.sources.system_bus import Nonsense, Peer

PEER = Peer(None, "net.connman.iwd", "iwd")  # type: ignore[arg-type]


def objects(state: str = "connected", network: dict[str, Variant] | None = None) -> dict[str, dict[str, Any]]:
    known = {"Name": Variant("s", "Home"), "Type": Variant("s", "psk"), "KnownNetwork": Variant("o", "/known")}
    return {
        "/phy0/wlan0": {
            DEVICE: {"Name": Variant("s", "wlan0")},
            STATION: {"State": Variant("s", state), "ConnectedNetwork": Variant("o", "/net")},
        },
        "/net": {NETWORK: known if network is None else network},
    }


def test_a_station_that_is_joined() -> None:
    assert _joined(PEER, objects()) == {"wlan0": (b"Home", "Home")}


def test_a_network_that_is_not_saved() -> None:
    assert _joined(PEER, objects(network={"Name": Variant("s", "Cafe")})) == {"wlan0": (b"Cafe", None)}


@pytest.mark.parametrize("state", ["connecting", "disconnecting", "roaming", "disconnected"])
def test_one_that_is_on_its_way(state: str) -> None:
    assert _joined(PEER, objects(state)) == {}


@pytest.mark.parametrize(
    "broken",
    [
        {"/a": {DEVICE: {}, STATION: {"State": Variant("u", 1), "ConnectedNetwork": Variant("o", "/net")}}},
        {
            "/a": {
                DEVICE: {"Name": Variant("s", "wlan0")},
                STATION: {"State": Variant("s", "connected"), "ConnectedNetwork": Variant("o", "/gone")},
            }
        },
        {**objects(), "/net": {NETWORK: {"Name": Variant("ay", b"Home")}}},
    ],
)
def test_objects_that_contradict_themselves(broken: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(Nonsense):
        _joined(PEER, broken)
