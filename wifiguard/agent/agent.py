"""The desktop half as a program: the monitor's news onto the desktop, the buttons back to the monitor."""

from __future__ import annotations

import asyncio
import contextlib
import gettext
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wifiguard.agent.board import Board, Presence, Show, Withdraw
from wifiguard.agent.cards import Act, Button, News, is_joined, news
from wifiguard.agent.notifier import Desktop, NoNotifications
from wifiguard.agent.presence import Sessions
from wifiguard.core.severity import Severity
from wifiguard.core.text import N_
from wifiguard.core.wording import words
from wifiguard.daemon.agents import REPORT_EVERY
from wifiguard.daemon.client import Client, ClientError, NoService, Refused
from wifiguard.daemon.language import speech
from wifiguard.daemon.leaving import leave
from wifiguard.rules import rule_files

MUTE_SECONDS = 7 * 86400.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
# A monitor that takes longer than this to answer is said not to.
ANSWER = 5.0

NO_MONITOR = N_("The monitor is not running; waiting for it.")
NO_ANSWER = N_("The monitor does not answer. Try again later.")


async def run_agent(find: Callable[[], Path], *, minimum: Severity = Severity.MEDIUM, parent: int | None = None) -> int:
    """Serve until SIGTERM (0) or SIGINT (130). `find`: where the monitor's control socket is now; asked before every try.

    `parent`: a descriptor that becomes readable only when the process that started this one is gone; then it ends as well.
    """
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()

    def stopped(status: int) -> None:
        if not stop.done():
            stop.set_result(status)

    loop.add_signal_handler(signal.SIGTERM, stopped, 0)
    loop.add_signal_handler(signal.SIGINT, stopped, 130)
    if parent is not None:
        loop.add_reader(parent, stopped, 0)
    try:
        return await Agent(find, minimum).run(stop)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGINT)
        if parent is not None:
            loop.remove_reader(parent)


class Agent:
    """One board between one desktop and one monitor; each may come and go."""

    def __init__(self, find: Callable[[], Path], minimum: Severity = Severity.MEDIUM) -> None:
        self._find = find
        self._speech = speech()
        self._board = Board(minimum, self._speech)
        self._desktop = Desktop(
            changed=self._desktop_changed, emptied=self._board.lost, pressed=self._pressed, closed=self._board.closed
        )
        self._sessions = Sessions(self._presence)
        self._loop = asyncio.get_running_loop()
        self._group = asyncio.TaskGroup()
        self._wake = asyncio.Event()
        # The monitor that is followed, and whether it is to be told of the desktop.
        self._monitor: Path | None = None
        self._report = asyncio.Event()
        self._said: dict[str, str] = {}

    async def run(self, stop: asyncio.Future[int]) -> int:
        """Run until `stop` has a result, which is returned; then take down what is up, whose buttons nobody serves."""
        serving = asyncio.create_task(self._serve())
        either: set[asyncio.Future[Any]] = {serving, stop}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
            for id in self._board.up():
                await self._desktop.withdraw(id)
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        return stop.result()

    async def _serve(self) -> None:
        async with self._group as group:
            for part in (self._desktop.run, self._sessions.run, self._listen, self._present, self._tell):
                group.create_task(part())

    # -- the monitor

    async def _listen(self) -> None:
        """Follow a monitor, and the next one when it goes."""
        wait = FIRST_WAIT
        while True:
            trouble = NO_MONITOR
            try:
                await self._follow(self._find())
            except NoService:
                pass  # what is said already
            except Refused as error:
                trouble = str(error)
            except TimeoutError:
                trouble = NO_ANSWER
            if self._monitor is not None:
                self._monitor = None
                wait = FIRST_WAIT
            self._say("monitor", self._speech.gettext(trouble))
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _follow(self, path: Path) -> None:
        """Everything that is open, then the news. Raises NoService or Refused when it ends, TimeoutError."""
        client = await Client.connect(path)
        try:
            async with asyncio.timeout(ANSWER):
                lines = await client.subscribe()
                open_now = await _ask(path, "problems")
            self._board.snapshot(filter(None, map(self._read, open_now)), self._loop.time())
            self._monitor = path
            self._report.set()
            self._wake.set()
            self._say("monitor", "")
            async for line in lines:
                item = self._read(line)
                if item is not None:
                    self._board.news(item, self._loop.time())
                    self._wake.set()
        finally:
            await client.close()

    def _read(self, line: Mapping[str, object]) -> News | None:
        """The finding in the line, in this person's language: the monitor speaks its own."""
        item, evidence = news(line), line.get("evidence")
        if type(self._speech) is gettext.NullTranslations or item is None or not isinstance(evidence, Mapping):
            return item
        file = rule_files().get(item.rule)
        if file is None:
            return item
        said = words(file.rule, item.severity, evidence, self._speech.gettext)
        return news({**line, "title": said.title, "why": said.why, "advice": list(said.advice)})

    async def _tell(self) -> None:
        """Keep the monitor informed whether findings can be shown here, so that `status` can say it."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPORT_EVERY):
                    await self._report.wait()
            self._report.clear()
            trouble = self._desktop.trouble
            if self._monitor is not None:
                try:
                    async with asyncio.timeout(ANSWER):
                        await _ask(self._monitor, "agent_state", ok=not trouble, reason=trouble)
                except (ClientError, TimeoutError) as error:
                    self._say("report", self._speech.gettext(str(error)))

    def _pressed(self, id: int, key: str) -> None:
        button = self._board.pressed(id, key)
        if button is not None:
            self._group.create_task(self._carry(button))

    async def _carry(self, button: Button) -> None:
        """Do what a button says, and let its notification tell what came of it."""
        refusal: str | None = None
        joined = True
        try:
            if self._monitor is None:
                raise NoService(NO_MONITOR)
            async with asyncio.timeout(ANSWER):
                match button.act:
                    case Act.TRUST:
                        await _ask(self._monitor, "trust", network=button.target)
                    case Act.MUTE:
                        await _ask(self._monitor, "mute", target=button.target, seconds=MUTE_SECONDS)
                    case Act.LEAVE:
                        # The notification may be older than the network that the laptop is in now.
                        joined = is_joined(await _ask(self._monitor, "status"), button)
        except ClientError as error:
            refusal = str(error)
        except TimeoutError:
            refusal = NO_ANSWER
        else:
            if button.act is Act.LEAVE:
                refusal = await asyncio.to_thread(leave, button.target, button.name, joined=joined)
        self._board.answered(button, refusal and self._speech.gettext(refusal), late=not joined)
        self._wake.set()

    # -- the desktop

    async def _present(self) -> None:
        """Do what the board says, one step after another."""
        while True:
            self._wake.clear()
            step = self._board.next(self._loop.time()) if self._desktop.reachable else None
            match step:
                case Show():
                    await self._show(step)
                case Withdraw(id=id):
                    await self._desktop.withdraw(id)
                case None:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout_at(self._board.deadline()):
                            await self._wake.wait()

    async def _show(self, step: Show) -> None:
        try:
            id = await self._desktop.show(step.card, step.replaces)
        except NoNotifications as error:
            self._board.failed(step, self._loop.time())
            self._say("desktop", self._speech.gettext(str(error)))
        else:
            self._board.shown(step, id, self._loop.time())
            self._say("desktop", "")

    def _desktop_changed(self) -> None:
        self._say("desktop", self._speech.gettext(self._desktop.trouble) if self._desktop.trouble else "")
        self._report.set()
        self._wake.set()

    def _presence(self, presence: Presence) -> None:
        self._board.presence(presence)
        self._wake.set()

    def _say(self, about: str, sentence: str) -> None:
        """To the journal or terminal, once until it changes."""
        if self._said.get(about, "") != sentence:
            self._said[about] = sentence
            if sentence:
                print(sentence, file=sys.stderr, flush=True)


async def _ask(path: Path, do: str, **params: object) -> list[dict[str, object]]:
    client = await Client.connect(path)
    try:
        return await client.request(do, **params)
    finally:
        await client.close()
