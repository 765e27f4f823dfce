"""What a router runs besides dnsmasq: radvd, ISC's DHCP server, unbound."""

from __future__ import annotations

from tests.net.rig.lab import Namespace
from tests.net.rig.spawned import Spawned

RADVD = """
interface eth0 {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    prefix {prefix} {{ }};
    RDNSS {dns} {{ }};
}};
"""
DHCPD = """
authoritative;
subnet 10.23.0.0 netmask 255.255.255.0 {{
    range 10.23.0.100 10.23.0.199;
    option routers {router};
    option domain-name-servers {router};
}}
"""
UNBOUND = """
server:
    interface: {address}
    access-control: 0.0.0.0/0 allow
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    use-syslog: no
    auto-trust-anchor-file: ""
    module-config: "iterator"
    local-zone: "." refuse
{records}
"""


def radvd(router: Namespace, prefix: str = "2001:db8:23::/64", dns: str = "2001:db8:23::1") -> Spawned:
    """Advertise an IPv6 network every three to four seconds."""
    folder = router.lab.processes.subfolder("radvd")
    configuration = folder / "radvd.conf"
    configuration.write_text(RADVD.format(prefix=prefix, dns=dns))
    router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    command = ("radvd", "--nodaemon", "--logmethod=stderr", f"--config={configuration}", f"--pidfile={folder}/pid")
    return router.start("radvd", *command)


def isc_dhcpd(router: Namespace, address: str) -> Spawned:
    """Hand out leases of 10.23.0.0/24."""
    folder = router.lab.processes.subfolder("dhcpd")
    (folder / "dhcpd.conf").write_text(DHCPD.format(router=address))
    (folder / "leases").touch()
    files = ("-cf", f"{folder}/dhcpd.conf", "-lf", f"{folder}/leases", "-pf", f"{folder}/pid")
    server = router.start("dhcpd", "dhcpd", "-4", "-f", "-d", *files, "eth0")
    router.wait_listening(server, 67, protocol="udp")
    return server


def unbound(router: Namespace, address: str, names: dict[str, str]) -> Spawned:
    """Answer for these names; refuse all others."""
    folder = router.lab.processes.subfolder("unbound")
    records = "\n".join(
        f'    local-zone: "{name}." static\n    local-data: "{name}. 300 IN A {to}"' for name, to in names.items()
    )
    (folder / "unbound.conf").write_text(UNBOUND.format(address=address, folder=folder, records=records))
    server = router.start("unbound", "unbound", "-d", "-c", str(folder / "unbound.conf"))
    router.wait_listening(server, 53, protocol="udp")
    return server
