"""The laptop's own addresses follow its links."""

from __future__ import annotations

from msgspec.structs import replace

from wifiguard.core.host import LinkKind, LinkState
from wifiguard.core.observation import Seen
from wifiguard.core.own_addresses import OwnAddresses


def test_addresses_come_and_go_with_their_links() -> None:
    own = OwnAddresses()
    assert not own
    wifi = LinkState(Seen(0.0, 0.0), 2, "wlan0", LinkKind.WIFI, up=True, addresses=("192.0.2.5/24", "2001:db8::5/64"))
    own.learn(wifi)
    own.learn(replace(wifi, index=3, name="eth0", addresses=("10.0.0.5/8",)))
    assert own
    assert bytes([192, 0, 2, 5]) in own
    assert bytes.fromhex("20010db8") + bytes(11) + b"\5" in own
    assert bytes([10, 0, 0, 6]) not in own
    own.learn(replace(wifi, addresses=()))
    assert bytes([192, 0, 2, 5]) not in own
    assert bytes([10, 0, 0, 5]) in own
    own.learn(replace(wifi, index=3, present=False))
    assert not own
