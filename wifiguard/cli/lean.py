"""What a process that lives for weeks does without."""

from __future__ import annotations

import sys


def without_tls() -> None:
    """Keep OpenSSL out of this process: 4 MB that nobody uses. To be called before hashlib and asyncio are imported.

    No command speaks TLS; probes that do are programs of their own. asyncio works without the module `ssl`, and hashlib then
    computes by itself.
    """
    for name in ("ssl", "_hashlib"):
        # What Python does with a module that is None: its import fails. One that is there already stays.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
