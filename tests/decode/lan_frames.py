"""Frames of the local link, made by scapy: what the decoders must agree with."""

from __future__ import annotations

import scapy.layers.dhcp
import scapy.layers.dhcp6
import scapy.layers.inet6
import scapy.layers.netbios  # noqa: F401 - scapy knows a protocol once its module is loaded
from scapy.packet import Packet

from wifiguard.core.observation import Observation, Seen
from wifiguard.streams import Streams

ROUTER_MAC, LAPTOP_MAC, ATTACKER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:66"
SEEN = Seen(0.0, 0.0, interface="eth0")


def told(*frames: Packet | bytes) -> list[Observation]:
    """What the streams say of these Ethernet frames."""
    out: list[Observation] = []
    streams = Streams(out.append, 1)
    for frame in frames:
        data = bytes(frame)
        streams.packet(data, SEEN, len(data))
    streams.finish()
    return out
