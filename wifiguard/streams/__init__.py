"""Flows: bounded reassembly, which protocol speaks (content decides), what is told once and what may be shunted."""

from wifiguard.decode.frames import supported
from wifiguard.streams.limits import Counts, Limits
from wifiguard.streams.shunts import Shunt
from wifiguard.streams.streams import Streams

__all__ = ["Counts", "Limits", "Shunt", "Streams", "supported"]
