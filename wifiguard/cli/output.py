"""JSON Lines for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

# json.dumps would make an encoder for every line.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_line(line: Mapping[str, object]) -> None:
    """One object a line, flushed as it happens."""
    sys.stdout.write(_encode(line) + "\n")
    sys.stdout.flush()
