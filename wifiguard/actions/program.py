"""Copies this program, with the libraries that it needs, to a place that only root can change."""

from __future__ import annotations

import compileall
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import wifiguard

NAME = "wifiguard"
SYSTEM = Path("/usr/bin")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LAUNCHER = """#!{python} -I
# Isolated (-I): no folder of a user, and not the current one, can put other code before this.
import sys

sys.path.insert(0, {libraries!r})
from {module} import main

main()
"""
# What systemd starts for what root alone may read; beside the libraries, for it is no command for people.
LOOK = "look"


class NotInstallable(Exception):
    """Why it cannot be installed, and what to do, in one or two sentences."""


def copy_program(libraries: Path, launcher: Path, *, root: Path = Path("/")) -> None:
    """Put everything that runs under `root`/`libraries` and a command at `root`/`launcher`, replacing an older copy as a whole.

    The copies belong to who runs this. Raises NotInstallable, OSError.
    """
    python = system_python()
    target = _under(root, libraries)
    fresh, old = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o755)
    for distribution in distributions():
        _copy(distribution, fresh)
    # What is not compiled yet is now: the service sees this folder read-only and could never keep it.
    compileall.compile_dir(fresh, quiet=2, stripdir=str(fresh), prependdir=str(libraries), workers=1)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    for command, module in ((launcher, "wifiguard.cli"), (libraries / LOOK, "wifiguard.sources.look")):
        program = _under(root, command)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_LAUNCHER.format(python=python, libraries=str(libraries), module=module))
        program.chmod(0o755)


def distributions() -> Iterator[metadata.Distribution]:
    """WiFiGuard and all that it needs, each once; what is only for tests is left out."""
    waiting, seen = [NAME], set[str]()
    while waiting:
        name = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on other systems or versions only: else we would not run
        yield distribution
        for line in distribution.requires or ():
            requirement, _, condition = line.partition(";")
            found = _REQUIREMENT.match(requirement)
            if found is not None and "extra" not in condition:
                waiting.append(found[0])


def system_python() -> Path:
    """An interpreter of this version that everybody can run and only root can change. Raises NotInstallable."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    reasons = []
    # The system's own, where it is the same version: what was compiled for it fits.
    for candidate in (SYSTEM / name, Path(sys.base_prefix, "bin", name)):
        if candidate.exists():
            reason = _unfit(candidate.resolve())
            if reason is None:
                return candidate.resolve()
            reasons.append(f"{candidate.resolve()} {reason}")
    raise NotInstallable(
        f"No Python fits a service of root's: {'; '.join(reasons)}. Make the environment with your distribution's python3."
    )


def _unfit(python: Path) -> str | None:
    for path in (python, *python.parents):
        info = path.stat()
        if info.st_uid != 0 or (info.st_mode & 0o022 and not info.st_mode & stat.S_ISVTX):
            return f"can be changed by others than root (see {path})"
        if not info.st_mode & stat.S_IXOTH:
            return f"can be run by root alone (see {path})"
    return None


def _copy(distribution: metadata.Distribution, into: Path) -> None:
    if distribution.metadata["Name"].lower() == NAME:
        # An editable installation lists no file of the package itself.
        home = Path(wifiguard.__file__).parent
        shutil.copytree(home, into / NAME)
        if not (units := into / NAME / "systemd").exists():
            shutil.copytree(home.parent / "systemd", units)
        _copy_metadata(distribution, into)
        return
    for file in distribution.files or ():
        # Console scripts lie outside ("../../../bin/x") and are no use here.
        if ".." in file.parts:
            continue
        source, copy = Path(str(distribution.locate_file(file))), into.joinpath(*file.parts)
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            # With its time of change, by which a compiled file knows its source.
            shutil.copy2(source, copy)


def _copy_metadata(distribution: metadata.Distribution, into: Path) -> None:
    """What `--version` reads."""
    folder = into / f"{NAME}-{distribution.version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {distribution.version}\n")


def _under(root: Path, path: Path) -> Path:
    return root / path.relative_to("/") if root != Path("/") else path
