"""What traffic may make us keep, and what was counted."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field


class Limits(Struct, frozen=True):
    """Bounds in bytes, numbers and seconds of tick.

    `flow`: bytes kept of one flow, read in part or out of order; `held`: of all flows together. `wait`: how long a form's rest
    or a lost segment is waited for. `unknown`: bytes of a direction in which an unknown protocol may turn into a known one.
    `heavy`: bytes that come in vain before a direction is heavy. `idle`: how long a connection is known that says nothing;
    `linger`: that has ended, as long as Linux stays in TIME-WAIT (RFC 9293, 3.6).
    """

    flow: int = 65536
    held: int = 16 * 1024 * 1024
    flows: int = 16384
    openings: int = 8192
    fragments: int = 64
    unknown: int = 32768
    heavy: int = 65536
    wait: float = 0.5
    idle: float = 300.0
    linger: float = 60.0
    fragment_age: float = 30.0


class Counts(Struct):
    """What has passed since the start. `protocols`: names as `wifiguard replay --json` has them. `nonstandard`: "http:8080"."""

    packets: int = 0
    bytes: int = 0
    malformed: int = 0
    protocols: Counter[str] = field(default_factory=Counter)
    nonstandard: set[str] = field(default_factory=set)
