"""Probes of the local link: a few packets to a neighbour or to all, made by scapy."""

from __future__ import annotations

import random
import string
import threading
import time
from collections.abc import Iterable, Iterator

from scapy.config import conf

# Nothing is routed here: the interface is named, and tables of a hundred thousand routes take seconds to read.
conf.route_autoload = False
conf.route6_autoload = False

from scapy.arch import get_if_addr, get_if_hwaddr  # noqa: E402
from scapy.arch.linux import in6_getifaddr  # noqa: E402
from scapy.layers.dns import DNS, DNSQR  # noqa: E402
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6  # noqa: E402
from scapy.layers.l2 import ARP, Ether  # noqa: E402
from scapy.layers.llmnr import LLMNRQuery  # noqa: E402
from scapy.layers.netbios import NBNSHeader, NBNSQueryRequest  # noqa: E402
from scapy.packet import Packet  # noqa: E402
from scapy.sendrecv import AsyncSniffer, sendp  # noqa: E402

# How long answers are waited for; a neighbour needs milliseconds, a sleeping radio a beacon or two.
WAIT = 0.6
AGAIN = 0.25
# How long a busy machine may take until it listens.
READY = 5.0
# What scapy calls the address of an interface without one.
_NONE = "0.0.0.0"
# By protocol, where everybody listens: over IPv4 with the time to live that both want, and over IPv6, where it is spoken.
_GROUPS = {
    "llmnr": ("01:00:5e:00:00:fc", "224.0.0.252", 1, "33:33:00:01:00:03", "ff02::1:3"),
    "nbns": ("ff:ff:ff:ff:ff:ff", "255.255.255.255", 1, "", ""),
    "mdns": ("01:00:5e:00:00:fb", "224.0.0.251", 255, "33:33:00:00:00:fb", "ff02::fb"),
}


def owners_of(interface: str, address: str, macs: Iterable[str]) -> list[str]:
    """Those of `macs` that answer a question for `address` which is put to each alone."""
    mine = get_if_hwaddr(interface)
    if ":" in address:
        if not (source := _link_local(interface)):
            raise OSError(f"{interface} has no link-local address")
        questions = [
            Ether(src=mine, dst=mac)
            / IPv6(src=source, dst=address, hlim=255)
            / ICMPv6ND_NS(tgt=address)
            / ICMPv6NDOptSrcLLAddr(lladdr=mine)
            for mac in macs
        ]
        kind = "icmp6 and ip6[40] = 136"
    else:
        source = get_if_addr(interface)
        questions = [
            Ether(src=mine, dst=mac) / ARP(op=1, hwsrc=mine, psrc=source, hwdst=mac, pdst=address) for mac in macs
        ]
        kind = "arp[6:2] = 2"

    def owner(answer: Packet) -> str | None:
        if ARP in answer and answer[ARP].psrc == address:
            return str(answer[ARP].hwsrc)
        if ICMPv6ND_NA in answer and answer[ICMPv6ND_NA].tgt == address:
            return str(answer[Ether].src)
        return None

    answers = _exchange(interface, questions, f"ether dst {mine} and {kind}")
    return sorted({mac for answer in answers if (mac := owner(answer)) is not None})


def answers_to_nobody(interface: str, protocols: Iterable[str]) -> list[tuple[str, str]]:
    """(protocol, hardware address) of every machine that answers to a name that was made up now.

    Asked over IPv4 and IPv6, as far as the interface has addresses. Raises OSError where nothing can be asked.
    """
    mine = get_if_hwaddr(interface)
    name = "".join(random.choices(string.ascii_lowercase, k=12))
    ident = random.randrange(1, 1 << 16)
    port = random.randrange(49152, 65535)
    bodies = {
        "llmnr": UDP(sport=port, dport=5355) / LLMNRQuery(id=ident, qd=DNSQR(qname=name, qtype="A")),
        "nbns": UDP(sport=137, dport=137)
        / NBNSHeader(NAME_TRN_ID=ident, QDCOUNT=1, NM_FLAGS=0x11)
        / NBNSQueryRequest(QUESTION_NAME=name.encode(), SUFFIX=0x4341),
        # A port of our own asks for an answer to us alone (RFC 6762, 6.7): the neighbours' caches learn nothing.
        "mdns": UDP(sport=port + 1, dport=5353) / DNS(id=ident, rd=0, qd=DNSQR(qname=f"{name}.local", qtype="A")),
    }
    chosen = [protocol for protocol in protocols if protocol in bodies]
    questions = [
        Ether(src=mine, dst=mac) / header / bodies[protocol]
        for protocol in chosen
        for mac, header in _to_all(interface, protocol)
    ]
    if not questions:
        raise OSError(f"{interface} has no address to ask from")
    ports = {5355: "llmnr", 137: "nbns", 5353: "mdns"}
    answers = _exchange(
        interface,
        questions,
        f"ether dst {mine} and udp and (src port 5355 or src port 137 or src port 5353)",
    )
    found = set()
    for answer in answers:
        protocol = ports.get(answer[UDP].sport)
        body = bytes(answer[UDP].payload)
        # Number, the response flag, no error, and an answer: enough, since nobody else asks with this number.
        if (
            protocol in chosen
            and body[:2] == ident.to_bytes(2, "big")
            and body[2] & 0x80
            and not body[3] & 15
            and any(body[6:8])
        ):
            found.add((protocol, str(answer[Ether].src)))
    return sorted(found)


def _exchange(interface: str, questions: list[Packet], expression: str) -> list[Packet]:
    """Send all, and once more; what comes back meanwhile. Raises OSError where this cannot listen or send."""
    started = threading.Event()
    listening = AsyncSniffer(iface=interface, filter=expression, store=True, started_callback=started.set)
    listening.start()
    until = time.monotonic() + READY
    while not started.wait(AGAIN):
        if time.monotonic() > until or not listening.thread.is_alive():
            raise listening.exception or OSError(f"{interface} cannot be listened to")
    for _ in range(2):
        sendp(questions, iface=interface, verbose=False)
        time.sleep(AGAIN)
    time.sleep(WAIT - AGAIN)
    return list(listening.stop() or ())


def _to_all(interface: str, protocol: str) -> Iterator[tuple[str, Packet]]:
    """(hardware address, header) of what reaches everybody who speaks the protocol, over each IP that the interface has."""
    mac4, to4, ttl, mac6, to6 = _GROUPS[protocol]
    if (source := get_if_addr(interface)) != _NONE:
        yield mac4, IP(src=source, dst=to4, ttl=ttl)
    if to6 and (source := _link_local(interface)):
        yield mac6, IPv6(src=source, dst=to6, hlim=ttl)


def _link_local(interface: str) -> str:
    """The interface's IPv6 address on the link; empty where it has none."""
    found = (address for address, _, name in in6_getifaddr() if name == interface and address.startswith("fe80"))
    return str(next(found, ""))
