"""Work on many files shared among processes; what comes of it is in the files' order."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from wifiguard.daemon.lines import Line

Work = Callable[[str], list[Line]]
_work: Work


def shared(paths: Sequence[str], work: Work, killed: Work, jobs: int) -> Iterator[Line]:
    """What `work` makes of every path, by up to `jobs` processes; what `killed` says of one that took its process with it."""
    with _processes(min(jobs, len(paths)), work) as pool:
        results = [pool.submit(_run, path) for path in paths]
        try:
            for path, result in zip(paths, results, strict=True):
                try:
                    yield from result.result()
                except BrokenProcessPool:
                    # A process was killed, by the file that it read or from outside, and the others' work is lost with it.
                    yield from _alone(path, work, killed)
        finally:
            # Waiting, too: an interpreter that ends beside a pool that is ending writes to a pipe that was closed.
            pool.shutdown(cancel_futures=True)


def _processes(number: int, work: Work) -> ProcessPoolExecutor:
    """Forked, so that they share what the parent has loaded, and nothing needs to be pickled on the way in."""
    fork = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(number, mp_context=fork, initializer=_begin, initargs=(work,))


def _begin(work: Work) -> None:
    global _work
    # Ctrl-C reaches the whole process group; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work = work


def _run(path: str) -> list[Line]:
    return _work(path)


def _alone(path: str, work: Work, killed: Work) -> list[Line]:
    """Read one file in a process of its own, which it may take with it."""
    with _processes(1, work) as pool:
        try:
            return pool.submit(_run, path).result()
        except BrokenProcessPool:
            return killed(path)
