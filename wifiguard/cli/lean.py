"""What a process that lives for weeks does without."""

from __future__ import annotations

import importlib
import sys

_OPENSSL = ("ssl", "_hashlib")


def load_without_openssl(*modules: str) -> None:
    """Import modules that work without OpenSSL and load it where they can: 4 MB that nobody uses.

    No command speaks TLS; probes that do are programs of their own. Who needs the module `ssl` later, gets it: python-stdnum
    imports it, and fails without it.
    """
    kept_out = [name for name in _OPENSSL if name not in sys.modules]
    # What Python does with a module that is None: its import fails.
    sys.modules.update(dict.fromkeys(kept_out))  # type: ignore[arg-type]
    try:
        for module in modules:
            importlib.import_module(module)
    finally:
        for name in kept_out:
            del sys.modules[name]
