"""Lists of domain names inside other protocols' options (RFC 1035 labels without compression: RFC 8106 5.2, RFC 8415 10)."""

from __future__ import annotations

from wifiguard.core.text import visible
from wifiguard.decode.bad import Bad, Reason

_MOST_NAMES = 16
_MAX_NAME = 255


def domain_list(data: bytes, at: int, protocol: str) -> list[str]:
    """The names from `at` to the end, lower case, made visible; zero bytes behind them are padding. Raises Bad."""
    names: list[str] = []
    labels: list[bytes] = []
    size = 0
    while at < len(data) and len(names) < _MOST_NAMES:
        length = data[at]
        at += 1
        if not length:
            if not labels:
                break
            names.append(visible(b".".join(labels).lower(), _MAX_NAME))
            labels, size = [], 0
            continue
        size += length + 1
        if length > 63 or size > _MAX_NAME or at + length > len(data):
            raise Bad(protocol, Reason.NAME)
        labels.append(data[at : at + length])
        at += length
    return names
