"""JSON Lines for machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from msgspec.json import encode


def write_line(line: Mapping[str, object]) -> None:
    """One object a line, flushed as it happens."""
    sys.stdout.write(encode(line).decode() + "\n")
    sys.stdout.flush()
