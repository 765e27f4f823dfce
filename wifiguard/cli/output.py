"""JSON Lines for machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from msgspec import Struct
from msgspec.json import encode


def write_line(line: Mapping[str, object] | Struct) -> None:
    """One object a line in UTF-8, whatever the terminal speaks; flushed as it happens."""
    sys.stdout.buffer.write(encode(line) + b"\n")
    sys.stdout.flush()
