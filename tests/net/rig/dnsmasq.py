"""A real dnsmasq: answers given names, refuses all others, hands out leases when asked to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tests.net.rig.lab import Namespace

CONFIGURATION = """
no-resolv
no-poll
no-hosts
port={port}
{others}=/#/{everything}
cache-size=0
user=root
group=root
pid-file
log-queries
log-facility=-
interface={interface}
except-interface=lo
bind-interfaces
"""
DHCP = """
dhcp-range={first},{last},{lease}
dhcp-leasefile={folder}/leases
dhcp-authoritative
no-ping
log-dhcp
"""
ADVERTISE = """
enable-ra
dhcp-range={prefix},ra-only
"""


class Dhcp(Struct, frozen=True):
    """The leases to hand out; dnsmasq itself is router and name server. `prefix`: also advertise this IPv6 network."""

    first: str = "10.23.0.100"
    last: str = "10.23.0.199"
    lease: str = "1h"
    prefix: str | None = "fd23::"


class Dnsmasq:
    """A running dnsmasq on one interface; names that it was not given do not exist (NXDOMAIN).

    `everything`: the address that it gives for them instead. `options`: more lines of its configuration.
    """

    def __init__(
        self,
        namespace: Namespace,
        names: Mapping[str, Sequence[str]],
        *,
        interface: str = "eth0",
        port: int = 53,
        dhcp: Dhcp | None = None,
        everything: str = "",
        options: Sequence[str] = (),
    ) -> None:
        folder = namespace.lab.processes.subfolder("dnsmasq")
        others = "address" if everything else "local"
        text = CONFIGURATION.format(interface=interface, port=port, others=others, everything=everything)
        text += "".join(f"{option}\n" for option in options)
        text += "".join(f"host-record={name},{address}\n" for name, addresses in names.items() for address in addresses)
        if dhcp:
            text += DHCP.format(folder=folder, first=dhcp.first, last=dhcp.last, lease=dhcp.lease)
            if dhcp.prefix:
                text += ADVERTISE.format(prefix=dhcp.prefix)
        configuration = folder / "dnsmasq.conf"
        configuration.write_text(text)
        self.process = namespace.start("dnsmasq", "dnsmasq", "--keep-in-foreground", f"--conf-file={configuration}")
        namespace.wait_listening(self.process, port)
        namespace.wait_listening(self.process, port, *([67] if dhcp else []), protocol="udp")

    def queries(self) -> list[tuple[str, str]]:
        """Type and name of every question so far."""
        return re.findall(r"query\[(\w+)\] (\S+) from", self.process.errors())
