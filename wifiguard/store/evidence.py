"""Evidence as JSON: bounded on the way in, whatever a rule or an attacker put there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping

from wifiguard.core.rule import Evidence
from wifiguard.core.wording import fields

# What replaces the traces of a network that the user wants forgotten.
FORGOTTEN = "(forgotten)"
# (characters a text, entries a list): the first that fits is used.
_BOUNDS = ((512, 64), (128, 16), (32, 4))
_DEPTH = 4
_SIZE = 8192
_MAC = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)


def encode(evidence: Evidence | Mapping[str, object]) -> str:
    """JSON of at most some 8 KiB, ASCII only; what is too long is cut and ends in an ellipsis. Not-a-number becomes null."""
    plain = fields(evidence)
    text = ""
    for length, items in _BOUNDS:
        text = json.dumps(_bounded(plain, length, items, _DEPTH), allow_nan=False, separators=(",", ":"))
        if len(text) <= _SIZE:
            break
    return text


def decode(text: str) -> dict[str, object]:
    """What `encode` wrote. Raises ValueError on anything else."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("evidence is a JSON object")
    return value


def without(evidence: Mapping[str, object], traces: Collection[str]) -> dict[str, object]:
    """`evidence` with every text that tells one of `traces`, and every hardware address, replaced."""

    def tells(text: str, trace: str) -> bool:
        cut = text.endswith("…") and trace.startswith(text[:-1])
        return cut or text == trace or (len(trace) >= 4 and trace in text)

    def cleaned(value: object) -> object:
        match value:
            case str():
                return FORGOTTEN if any(tells(value, trace) for trace in traces) else _MAC.sub(FORGOTTEN, value)
            case list():
                return [cleaned(inner) for inner in value]
            case dict():
                return {key: cleaned(inner) for key, inner in value.items()}
            case _:
                return value

    return {key: cleaned(value) for key, value in evidence.items()}


def _bounded(value: object, length: int, items: int, depth: int) -> object:
    match value:
        case str():
            return value if len(value) <= length else value[: length - 1] + "…"
        case float():
            return value if math.isfinite(value) else None
        case bool() | None:
            return value
        case int():
            return value if abs(value) < 2**63 else str(value)[:length]
        case dict() | list() if depth == 0:
            return "…"
        case dict():
            kept = list(value.items())[:items]
            return {key[:length]: _bounded(inner, length, items, depth - 1) for key, inner in kept}
        case list():
            return [_bounded(inner, length, items, depth - 1) for inner in value[:items]]
        case _:
            raise TypeError(f"evidence cannot hold {type(value).__name__}")
