"""JSON Lines for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping


def write_line(line: Mapping[str, object]) -> None:
    """One object a line, flushed as it happens."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()
