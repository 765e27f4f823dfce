"""Questions that rules put to the network, each carried out by a process of its own that ends with the answer.

The library that makes the packets takes 45 MB and a third of a second: neither belongs into a service that runs for weeks. The
child is this same program; it gets the question as JSON on its standard input, says the answer on its standard output, and
holds no right longer than that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import TypeAlias

from msgspec import structs

from wifiguard.core.host import ProbeAnswer
from wifiguard.core.rule import AskProbe
from wifiguard.core.text import visible

# A rule asks a handful of questions on joining a network; whatever makes it ask more can wait or do without.
AT_ONCE = 2
WAITING = 8
TIMEOUT = 12.0
# Longer than any honest answer.
_ANSWER = 1 << 16

Answer: TypeAlias = Callable[[ProbeAnswer], None]


class Prober:
    """Carries out `AskProbe`s in the background; `ask` returns at once, `answer` is called later, in the same loop."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(AT_ONCE)

    def ask(self, request: AskProbe, answer: Answer) -> None:
        """Begin one probe."""
        if len(self._running) >= WAITING:
            answer(_failed(request, "too many questions at once"))
            return
        task = asyncio.get_running_loop().create_task(self._carry_out(request, answer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait until all questions that are under way are answered."""
        if self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Give up what is still under way."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _carry_out(self, request: AskProbe, answer: Answer) -> None:
        async with self._turn:
            answer(await _asked(request))


async def _asked(request: AskProbe) -> ProbeAnswer:
    question = {"probe": request.probe, "interface": request.seen.interface, **dict(request.question)}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wifiguard.actions.probe"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        process_group=0,
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(json.dumps(question).encode()), TIMEOUT)
        told = json.loads(said[:_ANSWER])
    except TimeoutError:
        return _failed(request, "no answer in time")
    except ValueError:
        return _failed(request, f"the probe ended with status {child.returncode}")
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                # With whatever it started.
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if "failed" in told:
        return _failed(request, visible(str(told["failed"]), 160))
    pairs = tuple((str(key), str(value)) for key, value in told["answer"])
    return structs.replace(_failed(request, ""), answer=pairs)


def _failed(request: AskProbe, why: str) -> ProbeAnswer:
    return ProbeAnswer(request.seen, request.rule, request.probe, request.question, None, why)
