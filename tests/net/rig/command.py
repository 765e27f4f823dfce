"""Run a program to its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence


class CommandFailedError(AssertionError):
    """A program that should succeed did not."""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, in plain English, with the folders of system programs (not every root's PATH has them), and `more`."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    return {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", **(more or {})}


def run(
    argv: Sequence[str],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    check: bool = True,
    timeout: float = 30.0,
) -> subprocess.CompletedProcess[str]:
    """Run to the end; CommandFailedError with what it said unless it succeeds or `check` is off."""
    done = subprocess.run(
        argv,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        env=environment(env),
        timeout=timeout,
        check=False,
    )
    if check and done.returncode:
        raise CommandFailedError(f"exit status {done.returncode}\n$ {' '.join(argv)}\n{done.stdout}{done.stderr}")
    return done
