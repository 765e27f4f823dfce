"""What a process that lives for weeks does without."""

from __future__ import annotations

import sys


def without_tls() -> None:
    """Keep OpenSSL out of this process: 4 MB that nobody uses here. To be called before asyncio is imported.

    Monitor and agent speak to Unix sockets alone; probes that need TLS are processes of their own. asyncio does without
    the module `ssl`, and hashlib computes by itself.
    """
    for name in ("ssl", "_hashlib"):
        # What Python does with a module that is None: its import fails. One that is there already stays.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
