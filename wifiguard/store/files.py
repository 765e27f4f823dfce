"""The log's files: who may touch them, one writer at a time, damaged ones kept aside."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from wifiguard.store.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly

_BESIDE = ("", "-wal", "-shm", "-journal")
_DAMAGED = ".damaged-"
# A command that changes something without the service holds the lock for milliseconds.
_LOCK_WAIT = 2.0


def beside(path: Path, suffix: str) -> Path:
    """The file that SQLite or we keep beside the database."""
    return path.with_name(path.name + suffix)


def prepare(path: Path) -> None:
    """Make folder (0750) and database file (0640), or check those that are there, and the lock (0600). Raises StoreError."""
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        folder = path.parent.stat()
        if path.parent.is_symlink() and path.parent.lstat().st_uid not in (0, os.geteuid()):
            raise StoreError(
                f"The log's folder {path.parent} is a link of another user: somebody planted it.",
                f"Remove it: rm {path.parent}",
            )
        if os.geteuid() == 0 and folder.st_uid != 0:
            raise StoreError(
                f"The log's folder {path.parent} belongs to another user, the service's.",
                "Let the service do it (sudo systemctl start wifiguard), or run as its user (sudo -u wifiguard).",
            )
        if folder.st_uid not in (0, os.geteuid()) or folder.st_mode & 0o022:
            raise StoreError(
                f"The log's folder {path.parent} belongs to another user or can be changed by others.",
                f"Make it private: chown {os.geteuid()} {path.parent} && chmod go-w {path.parent}",
            )
        if os.geteuid() == folder.st_uid != 0 and folder.st_mode & 0o700 != 0o700:
            raise StoreError(
                f"The log's folder {path.parent} cannot be used by its owner.", f"Allow it: chmod u+rwx {path.parent}"
            )
        for suffix in (*_BESIDE, ".lock"):
            refuse_planted(beside(path, suffix))
        with contextlib.suppress(FileExistsError):
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
            os.fchmod(made, 0o640)
            os.close(made)
        mode = path.lstat().st_mode
        if mode & 0o7137 or mode & 0o600 != 0o600:
            path.chmod(0o640)
        # Whoever can open the lock can hold it, for reading too: its group may read the log, and keep no monitor from it.
        held = beside(path, ".lock")
        if held.exists() and held.stat().st_mode & 0o7777 != 0o600:
            held.chmod(0o600)
    except OSError as error:
        raise unusable(path, error) from error


def refuse_planted(path: Path) -> None:
    """Raise StoreError where `path` is there and is no plain file of ours: writing would go somewhere else."""
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(info.st_mode) or info.st_nlink > 1:
        raise StoreError(
            f"{path} is not a plain file: somebody planted a link or another object there.", f"Remove it: rm -r {path}"
        )
    if info.st_uid not in (0, os.geteuid()):
        raise StoreError(f"{path} belongs to another user.", f"Take it over: sudo chown {os.geteuid()} {path}")


def lock(path: Path) -> int:
    """Become the only writer of the database at `path`, until the returned descriptor is closed. Raises StoreBusy."""
    # flock, since SQLite's own locks are POSIX ones: they end as soon as this process closes any descriptor of the file.
    try:
        held = os.open(beside(path, ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _take(held, path)
        except BaseException:
            os.close(held)
            raise
    except OSError as error:
        raise unusable(path, error) from error
    # On a full disk the number is left out: it only makes the sentence for a second one better.
    with contextlib.suppress(OSError):
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
    return held


def _take(held: int, path: Path) -> None:
    deadline = time.monotonic() + _LOCK_WAIT
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            written = os.pread(held, 20, 0).decode("ascii", "replace").strip()
            owner = written if _alive(written) else "unknown"
            raise StoreBusy(
                f"Another WiFiGuard (process {owner}) is using the log {path}.",
                "Stop that one first, or ask it: `wifiguard status`.",
            ) from None
        return


def _alive(process: str) -> bool:
    """Whether there is a process of this number; the one who wrote it down may have ended long ago."""
    if not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def set_aside(path: Path, now: float) -> Path:
    """Rename the damaged database, and what SQLite keeps beside it, to `<name>.damaged-<UTC time>`. Raises StoreError."""
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    base = target = path.with_name(f"{path.name}{_DAMAGED}{moment}")
    number = 1
    try:
        while target.exists():
            number += 1
            target = base.with_name(f"{base.name}.{number}")
        for suffix in _BESIDE:
            with contextlib.suppress(FileNotFoundError):
                beside(path, suffix).rename(beside(target, suffix))
    except OSError as error:
        raise unusable(path, error) from error
    return target


def overwrite(descriptor: int) -> None:
    """Write zeros over all that the open file holds, down to the disk: blocks that are freed keep what was in them."""
    size, zeros = os.fstat(descriptor).st_size, bytes(1 << 16)
    for offset in range(0, size, len(zeros)):
        os.pwrite(descriptor, zeros[: size - offset], offset)
    os.fsync(descriptor)


def settle(path: Path) -> None:
    """Wait until a file, or what a folder names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def shred(path: Path) -> None:
    """Overwrite and remove a file; one that is not there is fine. Raises StoreError."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(path, error) from error
    try:
        overwrite(descriptor)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(path, error) from error
    finally:
        os.close(descriptor)


def remove_damaged(path: Path, before: float | None = None) -> None:
    """Remove what was set aside, all or only what is older than `before`. Raises StoreError."""
    try:
        for old in path.parent.glob(f"{path.name}{_DAMAGED}*"):
            if before is None or old.lstat().st_mtime < before:
                shred(old)
    except OSError as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: OSError) -> StoreError:
    """The sentence for what the operating system said."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return full(path)
        case errno.EROFS:
            return only_read(path)
        case errno.EACCES | errno.EPERM:
            return StoreError(
                f"The log {path} may not be used by this user.",
                "Run as root (sudo), or set WIFIGUARD_STATE_DIR to a folder of your own.",
            )
        case errno.ELOOP:
            return StoreError(f"{path} is a link: somebody planted it.", f"Remove it: rm {path}")
        case errno.ENOTDIR | errno.EEXIST:
            return StoreError(f"{path.parent} is not a folder.", "Move away what stands there.")
        case _:
            return StoreError(f"The log {path} cannot be used: {error.strerror or error}.", "Check the disk.")


def only_read(path: Path) -> StoreReadOnly:
    """No writing on the log's disk."""
    return StoreReadOnly(f"The log {path} is on a disk that can only be read.", "Mount it for writing.")


def full(path: Path) -> StoreFull:
    """No room for the log."""
    return StoreFull(f"The disk is full: the log {path} cannot be written.", "Free some space.")
