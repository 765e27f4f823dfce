"""The log: findings, networks and what was learned of them, mutes; in one SQLite file."""

from wifiguard.store.rows import KnownNetwork
from wifiguard.store.store import Store

__all__ = ["KnownNetwork", "Store"]
