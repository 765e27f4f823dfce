"""What a monitor told, and what it left in its log."""

from __future__ import annotations

import time

from tests.faults.logins import RULE
from tests.net.watched import Watched
from wifiguard.store import Store


def told(watched: Watched) -> set[str]:
    """The findings of logins that the running monitor has printed."""
    return {line["id"] for line in watched.printed(RULE)}


def stored(watched: Watched, ids: set[str]) -> set[str]:
    """Those of `ids` that are in the log as it lies on the disk."""
    store = Store.open(watched.database, read_only=True, now=time.time())
    try:
        return {id for id in ids if store.problem(id) is not None}
    finally:
        store.close()


def said(watched: Watched, what: str = "the log") -> str:
    """What `status` says it cannot do about `what`."""
    return " ".join(item["reason"] for item in watched.status().get("not_checked", []) if item["what"] == what)
