"""The firewalls that laptops have, switched on inside one machine of the lab. All let in SSH and the web server on 8000."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.net.rig.lab import Namespace

NFTABLES = """
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname "lo" accept
        meta l4proto { icmp, ipv6-icmp } accept
        tcp dport { 22, 8000 } accept
    }
}
"""
# Written the other way round: everything is open but what is named; each family has a table of its own.
NFTABLES_BLOCKS = """
table ip block {
    set ports { type inet_service; flags interval; elements = { 100-900, 6379 }; }
    map verdicts { type inet_service : verdict; elements = { 1883 : drop, 8004 : jump refuse }; }
    chain refuse { reject with tcp reset; }
    chain in {
        type filter hook input priority filter; policy accept;
        ip saddr 203.0.113.0/24 accept
        ip saddr 10.23.0.0/16 tcp dport @ports drop
        tcp dport vmap @verdicts
        udp dport 5353 ip daddr != 224.0.0.251 goto refuse_udp
    }
    chain refuse_udp { counter reject; }
}
table ip6 block {
    chain pre { type filter hook prerouting priority raw; policy accept; tcp dport 8000-8006 drop; }
    chain in { type filter hook input priority 10; policy accept; iifname "wlan*" udp dport 53 drop; }
}
"""
IPTABLES = """
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:services - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p {icmp} -j ACCEPT
-A INPUT -m comment --comment "what we offer" -j services
-A INPUT -p tcp -m multiport --dports 139,445 -j REJECT --reject-with tcp-reset
-A services -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m limit --limit 60/min --limit-burst 60 -j ACCEPT
-A services -p tcp -m tcp --dport 8000:8003 -j ACCEPT
COMMIT
"""
UFW = """
cp -a /etc/ufw "$1/ufw"; cp /etc/default/ufw "$1/default"
mount --bind "$1/ufw" /etc/ufw; mount --bind "$1/default" /etc/default/ufw
mount -t tmpfs none /run
ufw allow 22/tcp; ufw limit 8000/tcp; ufw --force enable
"""
FIREWALLD = """
cp -a /etc/firewalld "$1/firewalld"; mount --bind "$1/firewalld" /etc/firewalld
mount -t tmpfs none /run; mkdir -p /run/dbus /run/firewalld
dbus-daemon --system --fork --nopidfile --print-pid > "$1/bus"
firewalld --nofork --nopid --log-file="$1/log" & daemon=$!
trap 'kill $daemon $(cat "$1/bus")' EXIT
firewall-cmd --state 2>/dev/null || for _ in $(seq 100); do sleep 0.1; firewall-cmd --state >/dev/null 2>&1 && break; done
firewall-cmd --add-port=8000/tcp
nft list ruleset > "$1/rules"
"""


def nothing(_: Namespace) -> None:
    """No firewall."""


def nftables(laptop: Namespace) -> None:
    laptop.run("nft", "-f", "-", stdin=NFTABLES)


def nftables_blocks(laptop: Namespace) -> None:
    laptop.run("nft", "-f", "-", stdin=NFTABLES_BLOCKS)


def iptables(laptop: Namespace) -> None:
    """The iptables that writes to nf_tables."""
    laptop.run("iptables-nft-restore", stdin=IPTABLES.format(icmp="icmp"))
    laptop.run("ip6tables-nft-restore", stdin=IPTABLES.format(icmp="ipv6-icmp"))


def iptables_legacy(laptop: Namespace) -> None:
    """The kernel's older tables, for IPv4 only: IPv6 stays open."""
    laptop.run("iptables-legacy-restore", stdin=IPTABLES.format(icmp="icmp"))


def ufw(laptop: Namespace) -> None:
    laptop.run("sh", "-ec", UFW, "sh", str(laptop.lab.processes.subfolder("ufw")))


def firewalld(laptop: Namespace) -> None:
    """Its zone "public". The daemon ends again, and leaves the rules in place."""
    folder = laptop.lab.processes.subfolder("firewalld")
    laptop.run("sh", "-ec", FIREWALLD, "sh", str(folder))
    # It takes its rules away when it ends.
    laptop.run("nft", "-f", str(folder / "rules"))


ALL: dict[str, Callable[[Namespace], None]] = {
    made.__name__: made for made in (nothing, nftables, nftables_blocks, iptables, iptables_legacy, ufw, firewalld)
}


@contextmanager
def switched_on(laptop: Namespace, name: str) -> Iterator[None]:
    """One of ALL, and none afterwards."""
    try:
        ALL[name](laptop)
        yield
    finally:
        laptop.run("nft", "flush", "ruleset")
        for tool in ("iptables", "ip6tables"):
            laptop.run("sh", "-c", f"{tool}-legacy -P INPUT ACCEPT; {tool}-legacy -F; {tool}-legacy -X")
