"""A link's IPv4 routers are those who had their addresses first."""

from __future__ import annotations

from wifiguard.core.first_routers import FirstRouters
from wifiguard.core.scenes import ATTACKER_MAC, OTHER_ROUTER_MAC, ROUTER, ROUTER_MAC, dhcp, ip


def test_an_address_that_a_server_names_belongs_to_who_claims_it_first() -> None:
    routers = FirstRouters()
    routers.claimed(ip(ROUTER), ATTACKER_MAC)
    assert not routers
    routers.leased(dhcp(0.0, 5))
    assert routers
    assert routers.macs == frozenset()
    routers.claimed(ip(ROUTER), ROUTER_MAC)
    routers.claimed(ip(ROUTER), ATTACKER_MAC)
    assert routers.macs == {ROUTER_MAC}


def test_the_kernels_word_counts_for_ipv4_and_is_bounded() -> None:
    routers = FirstRouters()
    routers.bound(ip("fe80::1"), ROUTER_MAC)
    assert not routers
    routers.bound(ip(ROUTER), ROUTER_MAC)
    routers.bound(ip(ROUTER), OTHER_ROUTER_MAC)
    assert routers.macs == {ROUTER_MAC}
    for number in range(1000):
        routers.bound(number.to_bytes(4), number.to_bytes(6))
    assert len(routers.macs) == 16
