"""The programs and files of one rig, which go together."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from tests.net.rig.spawned import Spawned

TMP = Path("/tmp")  # by name: a Unix socket's path must stay short, and some rigs cover /run
OURS = re.compile(r"wg-(\d+)-")


class Processes:
    """Starts programs, keeps their output in a temporary folder, ends them all, last started first."""

    def __init__(self) -> None:
        _sweep()
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix=f"wg-{os.getpid()}-", dir=TMP))
        self.folder.chmod(0o755)  # programs that give up root must get through
        self.spawned: list[Spawned] = []
        self._names: dict[str, int] = {}

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Spawned:
        """Run `argv` in the background; `env` is added to the environment."""
        spawned = Spawned(self.unique(name), argv, self.folder, env)
        self._stack.callback(spawned.stop)
        self.spawned.append(spawned)
        return spawned

    def subfolder(self, name: str) -> Path:
        """A new folder, gone with the rest."""
        folder = self.folder / self.unique(f"{name}.d")
        folder.mkdir()
        return folder

    def unique(self, name: str) -> str:
        self._names[name] = self._names.get(name, 0) + 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"

    def logs(self) -> dict[str, str]:
        """What each program said, for the report of a failed test."""
        return {spawned.name: spawned.output() + spawned.errors() for spawned in self.spawned if spawned.out.exists()}

    def stop(self) -> None:
        """End all programs; the folder stays."""
        self._stack.close()

    def close(self) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _sweep() -> None:
    """Remove the folders of test runs that were killed before they could."""
    for entry in TMP.glob("wg-*"):
        found = OURS.match(entry.name)
        if found and not Path("/proc", found[1]).exists() and _is_ours(entry):
            shutil.rmtree(entry, ignore_errors=True)


def _is_ours(entry: Path) -> bool:
    try:
        return entry.lstat().st_uid == os.geteuid()
    except FileNotFoundError:  # another test run sweeps as well
        return False
