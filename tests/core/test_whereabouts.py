"""Which network an interface is attached to."""

from __future__ import annotations

from msgspec.structs import replace

from wifiguard.core.host import LinkKind, LinkState, NeighbourSeen, RouteState
from wifiguard.core.lan import DhcpMessage
from wifiguard.core.network import Security, unidentified_network, vpn_network, wifi_network, wired_network
from wifiguard.core.observation import Seen
from wifiguard.core.scenes import dhcp
from wifiguard.core.whereabouts import WAIT, Whereabouts
from wifiguard.core.wifi import Bss, WifiAssociated, WifiLeft

GATEWAY = bytes([192, 0, 2, 1])
MAC, OTHER_MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def seen(interface: str, tick: float = 0.0) -> Seen:
    return Seen(tick, tick, interface=interface)


def link(
    name: str, kind: LinkKind = LinkKind.WIRED, *, up: bool = True, present: bool = True, former: str | None = None
) -> LinkState:
    return LinkState(seen(name), 2, name, kind, up, present, former_name=former)


def wired(where: Whereabouts) -> None:
    where.observe(link("eth0"))
    where.observe(RouteState(seen("eth0"), 4, "eth0", GATEWAY))


def leased(tick: float, domain: str | None, client: bytes) -> DhcpMessage:
    return replace(dhcp(tick, 5, client=client), seen=seen("eth0", tick), domain=domain)


def test_a_wired_network_is_known_by_its_gateway() -> None:
    where = Whereabouts()
    wired(where)
    assert where.network("eth0") is None
    assert where.waits("eth0")
    assert where.observe(NeighbourSeen(seen("eth0"), GATEWAY, MAC)) == [("eth0", wired_network(MAC, "eth0"))]
    assert not where.waits("eth0")
    assert where.default_routes() == {4: "eth0"}


def test_where_routers_share_an_address_the_domain_of_the_lease_belongs_to_it() -> None:
    shared, me = bytes.fromhex("00005e000101"), bytes.fromhex("3c5282000002")
    office, other = wired_network(shared, "eth0", "office.example"), wired_network(shared, "eth0", "other.example")
    assert office.id != other.id
    assert office.name == "wired, eth0 (office.example, router 00:00:5e:00:01:01)"
    trusted = {office.id}

    def joined(domain: str | None, own: str = "", client: bytes = me) -> Whereabouts:
        where = Whereabouts(trusted.__contains__, lambda: own)
        where.observe(LinkState(seen("eth0"), 2, "eth0", LinkKind.WIRED, True, mac=me))
        where.observe(leased(0.1, domain, client))
        where.observe(RouteState(seen("eth0", 0.2), 4, "eth0", GATEWAY))
        where.observe(NeighbourSeen(seen("eth0", 0.3), GATEWAY, shared))
        return where

    assert joined("Office.Example.").network("eth0") == replace(office, trusted=True)
    assert joined("other.example").network("eth0") == other
    # The lease was given before this began: the laptop still has its domain.
    assert joined(None, "office.example").network("eth0") == replace(office, trusted=True)
    # Nobody knows, and a neighbour's lease says nothing: it may be any network.
    nobody = joined("office.example", client=MAC)
    assert nobody.advance(WAIT + 1) == [("eth0", unidentified_network("eth0"))]
    assert nobody.observe(leased(9.0, "office.example", me)) == [("eth0", replace(office, trusted=True))]


def test_a_routers_own_address_is_enough_whatever_a_lease_says() -> None:
    where = Whereabouts()
    wired(where)
    where.observe(NeighbourSeen(seen("eth0"), GATEWAY, MAC))
    assert where.observe(leased(1.0, "evil.example", b"")) == []
    assert where.network("eth0") == wired_network(MAC, "eth0")


def test_it_stays_the_same_network_when_somebody_else_claims_the_gateway() -> None:
    where = Whereabouts()
    wired(where)
    where.observe(NeighbourSeen(seen("eth0"), GATEWAY, MAC))
    assert where.observe(NeighbourSeen(seen("eth0"), GATEWAY, OTHER_MAC)) == []
    assert where.network("eth0") == wired_network(MAC, "eth0")


def test_a_gateway_that_stays_silent_leaves_it_unidentified_until_it_speaks() -> None:
    where = Whereabouts()
    wired(where)
    assert where.deadline() == WAIT
    assert where.advance(WAIT - 0.1) == []
    assert where.advance(WAIT) == [("eth0", unidentified_network("eth0"))]
    assert where.observe(NeighbourSeen(seen("eth0", 9.0), GATEWAY, MAC)) == [("eth0", wired_network(MAC, "eth0"))]


def test_wifi_is_known_at_association_and_roaming_changes_nothing() -> None:
    where = Whereabouts()
    where.observe(link("wlan0", LinkKind.WIFI))
    first = WifiAssociated(seen("wlan0"), Bss(b"Home", MAC, Security.WPA2))
    home = wifi_network(b"Home", Security.WPA2, MAC)
    assert where.observe(first) == [("wlan0", home)]
    roamed = WifiAssociated(seen("wlan0"), Bss(b"Home", OTHER_MAC, Security.WPA3))
    assert where.observe(roamed) == []
    network = where.network("wlan0")
    assert network is not None
    assert (network.id, network.bssid, network.security) == (home.id, OTHER_MAC, Security.WPA3)
    assert where.observe(WifiLeft(seen("wlan0"), b"Home")) == [("wlan0", None)]


def test_an_open_copy_of_the_name_is_another_network() -> None:
    assert wifi_network(b"Home", Security.OPEN).id != wifi_network(b"Home", Security.WPA2).id
    assert wifi_network(b"Home", Security.WPA3).id == wifi_network(b"Home", Security.WPA2).id


def test_down_up_rename_and_removal() -> None:
    where = Whereabouts()
    wired(where)
    where.observe(NeighbourSeen(seen("eth0"), GATEWAY, MAC))
    where.observe(link("lan0", former="eth0"))
    assert where.network("lan0") == wired_network(MAC, "eth0")
    assert where.observe(link("lan0", up=False)) == [("lan0", None)]
    where.observe(link("lan0", present=False))
    assert where.links() == []


def test_a_tunnel_is_a_network_of_its_own() -> None:
    where = Whereabouts()
    assert where.observe(link("wg0", LinkKind.VPN)) == [("wg0", vpn_network("wg0"))]


def test_trust_is_asked_again() -> None:
    trusted: set[str] = set()
    where = Whereabouts(trusted.__contains__)
    where.observe(WifiAssociated(seen("wlan0"), Bss(b"Home", MAC, Security.WPA2)))
    assert where.refresh() == []
    home = wifi_network(b"Home", Security.WPA2, MAC, trusted=True)
    trusted.add(home.id)
    assert where.refresh() == [("wlan0", home)]
    assert where.network("wlan0") == home


def test_a_wired_network_under_a_vpn_is_known_by_the_interface_s_own_gateway() -> None:
    where = Whereabouts()
    under = LinkState(seen("eth0"), 2, "eth0", LinkKind.WIRED, True, gateways=(GATEWAY,))
    where.observe(under)
    where.observe(link("tun0", LinkKind.VPN))
    where.observe(RouteState(seen("tun0"), 4, "tun0"))
    assert where.waits("eth0")
    assert where.observe(NeighbourSeen(seen("eth0"), GATEWAY, MAC)) == [("eth0", wired_network(MAC, "eth0"))]
    assert where.default_routes() == {4: "tun0"}


def test_a_radio_whose_carrier_flaps_stays_on_its_network_until_the_end_is_told() -> None:
    where = Whereabouts()
    home = wifi_network(b"Home", Security.WPA2, MAC)
    where.observe(link("wlan0", LinkKind.WIFI))
    where.observe(WifiAssociated(seen("wlan0"), Bss(b"Home", MAC, Security.WPA2)))
    assert where.observe(link("wlan0", LinkKind.WIFI, up=False)) == [("wlan0", None)]
    assert where.observe(link("wlan0", LinkKind.WIFI)) == [("wlan0", home)]
    assert where.observe(WifiLeft(seen("wlan0"), b"Home")) == [("wlan0", None)]
    where.observe(link("wlan0", LinkKind.WIFI, up=False))
    assert where.observe(link("wlan0", LinkKind.WIFI)) == []


def test_a_radio_put_in_again_is_on_its_network_though_the_former_end_is_told_late() -> None:
    where = Whereabouts()
    home = wifi_network(b"Home", Security.WPA2, MAC)
    radio, joined = link("wlan0", LinkKind.WIFI), WifiAssociated(seen("wlan0"), Bss(b"Home", MAC, Security.WPA2))
    for obs in (radio, joined, WifiLeft(seen("wlan0"), b"Home"), joined):
        where.observe(obs)
    assert where.observe(replace(radio, up=False, present=False)) == [("wlan0", None)]
    assert where.observe(radio) == [("wlan0", home)]
    where.observe(WifiLeft(seen("wlan0"), b"Home"))
    where.observe(replace(radio, up=False, present=False))
    assert where.observe(radio) == []


def test_a_radio_is_never_taken_for_a_wired_network() -> None:
    where = Whereabouts()
    where.observe(link("wlan0", LinkKind.WIFI))
    where.observe(RouteState(seen("wlan0"), 4, "wlan0", GATEWAY))
    where.observe(NeighbourSeen(seen("wlan0"), GATEWAY, MAC))
    assert where.advance(WAIT) == []
    assert where.network("wlan0") is None
    assert not where.waits("wlan0")
