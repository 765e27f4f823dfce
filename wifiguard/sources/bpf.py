"""The kernel's filter: pass the beginning of everything, drop what can tell nothing more (docs/architecture.md).

Decoders, streams and rules see what passes here and nothing else, live and in replay. The filter has two stages. The first never
changes and is text, compiled by libpcap for the handle in use. The second drops the bulk of settled flows and changes with them,
up to ten times a second: there libpcap would need a tenth of a second, so it is assembled here, in microseconds, and appended.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from array import array
from collections.abc import Iterable

import cypcap

from wifiguard.sources.shunting import Instruction, shunt_stage
from wifiguard.streams import Shunt

# More exceptions than this cost every packet more than they save.
SHUNTS = 64
# linux/bpf_common.h; libpcap would quietly run a longer program itself, on a copy of every packet.
MAX_INSTRUCTIONS = 4096

ETHERNET = 1
# libpcap's link types → where the network layer begins: null, raw IP, loopback, Linux cooked v1 and v2, IPv4, IPv6.
_NETWORK_AT = {ETHERNET: 14, 0: 4, 12: 0, 108: 4, 113: 16, 276: 20, 228: 0, 229: 0}
_WIFI = frozenset({105, 119, 127, 163})  # bare 802.11, Prism, radiotap, AVS

# Protected data frames are counted; control frames (acknowledgements and the like) tell nothing.
_WIFI_TEXT = "type mgt or type data"

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_COOKED = frozenset({113, 276})

_RETURN = 0x06
_JUMP = 0x05

# An attacker hides a router advertisement behind a hop-by-hop, routing, fragment or destination header; `icmp6` and `tcp` do
# not look past one, and `protochain` would silently move the filter out of the kernel. Later offsets into IPv6 can therefore
# count from its fixed header: whatever has an extension header has passed.
# What is most frequent comes early: it is decided after half the tests. But fragments come first, since a load beyond a packet's
# end drops it, and the first piece may end before its TCP header does.
_PASSES = " or ".join(
    (
        "ip[6:2] & 0x3fff != 0",
        # SYN, FIN, RST, or a payload; a length of 0 (segments above 64 KiB inside the kernel) counts as payload.
        "(ip and tcp and (tcp[13] & 7 != 0 or ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0))",
        "(ip6 and ip6[6] = 6 and (ip6[53] & 7 != 0 or ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0))",
        "arp",
        "icmp[0] = 5",
        "icmp6",
        "(ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60))",
        # What travels in a tunnel without encryption is as plain as the rest: IP in IP, 6in4, GRE, VXLAN.
        "udp dst port (4789 or 8472)",
        "ip proto 4 or ip proto 41 or ip proto 47 or ip6 proto 4 or ip6 proto 41 or ip6 proto 47",
        "udp port (53 or 67 or 68 or 137 or 161 or 162 or 546 or 547 or 5353 or 5355)",
        # WireGuard's handshake: type, zeros and exact length (decode/wireguard.py).
        *(
            f"({network} and (({first} = 0x01000000 and {size} = 156) or ({first} = 0x02000000 and {size} = 100)))"
            for network, first, size in (("udp", "udp[8:4]", "udp[4:2]"), ("ip6[6] = 17", "ip6[48:4]", "ip6[44:2]"))
        ),
        # QUIC long headers (RFC 8999, 5.1): any version on port 443; one random datagram in four begins with these two bits,
        # so elsewhere the version must be a standard's (RFC 9000, 9369, the drafts).
        *(
            f"({network} and {first} & 0xc0 = 0xc0 and (udp port 443 or"
            f" {version} = 1 or {version} = 0x6b3343cf or {version} & 0xffffff00 = 0xff000000))"
            for network, first, version in (("udp", "udp[8]", "udp[9:4]"), ("ip6[6] = 17", "ip6[48]", "ip6[49:4]"))
        ),
    )
)


# On Ethernet also what is too rare for a filter of its own: MPLS and PPPoE, and an EtherType behind SNAP (RFC 1042).
_ETHERNET_PASSES = f"{_PASSES} or ether proto 0x8847 or ether proto 0x8848 or ether proto 0x8864"
_SNAP = "ether[12:2] < 1536 and ether[14:4] = 0xaaaa0300"
_TAGGED = "ether[12:2] = 0x8100 or ether[12:2] = 0x88a8 or ether[12:2] = 0x9100"


def filter_text(link_type: int, *, live: bool = False) -> str:
    """The first stage in libpcap's language for a link type (libpcap's DLT number); empty where everything passes."""
    if link_type in _WIFI:
        return _WIFI_TEXT
    if link_type not in _NETWORK_AT:
        return ""
    if link_type != ETHERNET:
        return _PASSES
    passes = _ETHERNET_PASSES
    if live:
        # The kernel takes the tag out of what comes in, and runs the filter on the rest: what has another one passes. Looking
        # behind it as below takes 32 KB, of which kernels before 6.8 give a filter 20 (optmem_max).
        return f"{passes} or ({_SNAP}) or {_TAGGED}"
    # `vlan` shifts the offsets of all that follows it in the text, so the order is fixed: untagged, tagged, tagged twice. More
    # tags than that pass whatever they carry.
    return f"{passes} or ({_SNAP}) or (vlan and ({passes} or (vlan and ({passes} or vlan))))"


class Filter:
    """The filter of one open handle: live handles keep VLAN tags out of band, so a program serves only its own."""

    def __init__(self, handle: cypcap.Pcap) -> None:
        """Raises ValueError where the kernel would not run the first stage itself."""
        self._link_type = int(handle.datalink())
        text = filter_text(self._link_type, live=handle.type == cypcap.PcapType.LIVE)
        self._alone: list[Instruction] = [(_RETURN, 0, 0, 0xFFFF)]
        if text:
            self._alone = list(handle.compile(text, optimize=True, netmask=cypcap.NETMASK_UNKNOWN))
        check_kernel_runs(self._alone)
        # Before a second stage, what would pass goes on to it.
        self._first = [
            (_JUMP, 0, 0, len(self._alone) - index - 1) if code == _RETURN and k else (code, jt, jf, k)
            for index, (code, jt, jf, k) in enumerate(self._alone)
        ]

    def program(self, shunts: Iterable[Shunt] = ()) -> cypcap.BpfProgram:
        """The first stage and, with `shunts`, the second."""
        return cypcap.BpfProgram(self._instructions(shunts))

    def change(self, handle: cypcap.Pcap, shunts: Iterable[Shunt]) -> None:
        """Replace the program of a live handle, which has one already. Raises OSError or cypcap.Error.

        libpcap first attaches a program that drops everything, and packets are lost meanwhile; the kernel itself swaps two
        programs at once. Cooked devices are left to libpcap, which rewrites every offset for them.
        """
        if self._link_type in _COOKED:
            handle.setfilter(self.program(shunts))
            return
        with socket.socket(fileno=os.dup(handle.get_selectable_fd())) as kernel:
            try:
                _attach(kernel, self._instructions(shunts))
            except OSError as error:
                if error.errno != errno.ENOMEM:
                    raise
                # The old one and the new one together are too large for an older kernel. In between everything passes.
                _attach(kernel, [(_RETURN, 0, 0, 0xFFFF)])
                _attach(kernel, self._instructions(shunts))

    def _instructions(self, shunts: Iterable[Shunt]) -> list[Instruction]:
        chosen = tuple(shunts)[:SHUNTS]
        at = _NETWORK_AT.get(self._link_type)
        if not chosen or at is None:
            return self._alone
        return self._first + shunt_stage(chosen, at, tagged=self._link_type == ETHERNET)


def _attach(kernel: socket.socket, instructions: list[Instruction]) -> None:
    packed = array("B", b"".join(struct.pack("HBBI", *each) for each in instructions))
    # struct sock_fprog (linux/filter.h): the number of instructions, and where they are.
    where = struct.pack("@HP", len(instructions), packed.buffer_info()[0])
    kernel.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, where)


def check_kernel_runs(instructions: list[Instruction]) -> None:
    """Raises ValueError on a program that libpcap would quietly run on its own, outside the kernel: a loop, or too long."""
    if len(instructions) > MAX_INSTRUCTIONS:
        raise ValueError(f"the filter has {len(instructions)} instructions, the kernel takes {MAX_INSTRUCTIONS}")
    # The kernel jumps forward only; `protochain` compiles to a jump back, a negative number in 32 bits.
    if any(code == _JUMP and k & 0x80000000 for code, _, _, k in instructions):
        raise ValueError("the filter loops, which the kernel refuses")
