"""The last scan's findings, kept so that the next one can tell what is new and what is gone."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wifiguard.core.text import visible
from wifiguard.store.errors import StoreError
from wifiguard.store.files import shred

NAME = "last-scan.jsonl"
LONGEST = 16 << 20
Line = Mapping[str, Any]


class Unreadable(Exception):
    """There is nothing to compare with; the text says why."""


def keep(folder: Path, findings: Iterable[Line]) -> None:
    """Remember these findings, for their owner only. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{NAME}.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in findings)
        # The one before names networks as well: nothing of it may stay in blocks that are freed.
        forget(folder)
        fresh.replace(folder / NAME)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def forget(folder: Path) -> None:
    """Leave nothing of the last scan. Raises OSError."""
    path = folder / NAME
    if path.is_symlink():
        path.unlink()
    try:
        shred(path)
    except StoreError as error:
        raise OSError(errno.EIO, error.sentence) from error


def earlier(path: Path) -> dict[str, Line]:
    """Fingerprint → finding of an earlier scan: JSON Lines, as `scan --json` writes them. Raises Unreadable."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST + 1)
        if len(text) > LONGEST:
            raise Unreadable(f"{path} is too large for a scan's findings")
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    except FileNotFoundError as error:
        if path.name != NAME:
            raise Unreadable(f"there is no file {path} to compare with") from error
        raise Unreadable("there is no earlier scan to compare with: run `wifiguard scan` once") from error
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} holds no scan that can be compared ({visible(str(error), 80)})") from error
    found: dict[str, Line] = {}
    for line in lines:
        if isinstance(line, dict) and line.get("type") == "finding" and line.get("state") != "resolved":
            if not all(isinstance(line.get(key), str) for key in ("id", "rule", "severity", "title")):
                raise Unreadable(f"{path} holds no scan that can be compared")
            found[line["id"]] = line
    return found


def compared(findings: Iterable[Line], before: Mapping[str, Line]) -> list[Line]:
    """The findings as new or repeat, muted ones as they are; then those that are gone, as resolved."""
    now = list(findings)
    told: list[Line] = [
        line if line["state"] == "suppressed" else {**line, "state": "repeat" if line["id"] in before else "new"}
        for line in now
    ]
    ids = {line["id"] for line in now}
    return told + [{**line, "state": "resolved"} for id, line in before.items() if id not in ids]
