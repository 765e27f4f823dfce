"""The driver of the service: one monitor after another (a reload begins a new one), one store, one control socket."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

from msgspec import Struct

from wifiguard.core.host import SourceDone
from wifiguard.core.policy import Decision
from wifiguard.daemon.agents import Agents
from wifiguard.daemon.clock import Clock
from wifiguard.daemon.config import ConfigError, Settings
from wifiguard.daemon.control import ControlServer, Handler
from wifiguard.daemon.defects import Unhandled
from wifiguard.daemon.desk import Desk
from wifiguard.daemon.desktop import DesktopAgent
from wifiguard.daemon.journal import Journal, under_systemd
from wifiguard.daemon.lines import Line, decision_line
from wifiguard.daemon.monitor import Monitor
from wifiguard.daemon.peers import Peer
from wifiguard.daemon.places import Places
from wifiguard.daemon.readiness import notify, watchdog_interval
from wifiguard.daemon.rulebook import Rulebook
from wifiguard.rules import rule_files
from wifiguard.store import Store

# The header waits this long for sources that are slow to say whether they work.
HEADER_WAIT = 3.0


class Presenter(Struct, frozen=True):
    """What the person in front of a foreground monitor sees. All are called in the monitor's loop."""

    started: Callable[[Monitor], None]
    news: Callable[[Line], None]
    health: Callable[[SourceDone], None]
    said: Callable[[str], None]


class Service:
    """Runs until SIGTERM or SIGINT; SIGHUP reads the settings again and keeps the old ones where the new are wrong.

    `settings` reads them, and raises ConfigError.
    """

    def __init__(
        self, places: Places, settings: Callable[[], Settings], presenter: Presenter, *, desktop: bool
    ) -> None:
        self._places = places
        self._settings = settings
        self._presenter = presenter
        self._desktop = desktop
        self._rules = {id: file.rule for id, file in rule_files().items()}
        self._clock = Clock()
        self._agents = Agents()
        self._wake = asyncio.Event()
        self._stop = False
        self._monitor: Monitor | None = None
        self._server: ControlServer | None = None
        self._journal: Journal | None = None

    async def run(self, settings: Settings) -> None:
        """Serve. Raises StoreError or ConfigError where it cannot begin."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(Unhandled())
        loop.add_signal_handler(signal.SIGTERM, self._signalled, True)
        loop.add_signal_handler(signal.SIGINT, self._signalled, True)
        loop.add_signal_handler(signal.SIGHUP, self._signalled, False)
        self._live(loop, watchdog_interval())
        book = Rulebook(settings)
        store = Store.open(self._places.database, now=self._clock.at())
        self._journal = Journal() if under_systemd() else None
        try:
            for sentence in (store.recovered, store.obstacle):
                if sentence is not None:
                    self._presenter.said(str(sentence))
            await self._serve(book, store)
        finally:
            notify("STOPPING=1")
            store.close()
            if self._journal is not None:
                self._journal.close()

    async def _serve(self, book: Rulebook, store: Store) -> None:
        started = self._clock.at()

        def desk() -> Desk:
            return Desk(store, self._rules, self._clock.at, self._monitor, started, self._agents)

        self._server = ControlServer(self._places.socket, self._handlers(desk))
        agent = DesktopAgent(self._places.socket) if self._desktop else None
        try:
            await self._server.start()
            if agent is not None:
                await agent.start()
            while not self._stop:
                book = await self._watch(book, store)
        finally:
            if agent is not None:
                await agent.stop()
            await self._server.close()

    async def _watch(self, book: Rulebook, store: Store) -> Rulebook:
        """One monitor, until something wakes the service; returns the rules for the next one."""
        self._monitor = monitor = Monitor(book, store, self._news, self._presenter.health)
        self._wake.clear()
        watching = asyncio.create_task(monitor.watch())
        woken = asyncio.create_task(self._wake.wait())
        try:
            ready = asyncio.create_task(monitor.reported.wait())
            await asyncio.wait({ready, watching, woken}, timeout=HEADER_WAIT, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            self._presenter.started(monitor)
            notify("READY=1")
            await asyncio.wait({watching, woken}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        finally:
            woken.cancel()
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        return book if self._stop else self._reloaded(book)

    def _reloaded(self, book: Rulebook) -> Rulebook:
        try:
            fresh = Rulebook(self._settings())
        except ConfigError as error:
            self._presenter.said(f"The settings stay as they were: {error}")
            return book
        self._presenter.said("The settings were read again.")
        return fresh

    def _live(self, loop: asyncio.AbstractEventLoop, interval: float | None) -> None:
        """Signs of life from the loop itself: they end when anything holds it up, and systemd starts the service anew."""
        if interval is not None:
            notify("WATCHDOG=1")
            loop.call_later(interval, self._live, loop, interval)

    def _signalled(self, stop: bool) -> None:
        self._stop = self._stop or stop
        self._wake.set()

    def _news(self, decision: Decision) -> None:
        line = decision_line(self._rules, decision)
        if self._server is not None:
            self._server.publish(line)
        if self._journal is not None and decision.state in ("new", "escalated", "resolved"):
            problem = decision.problem
            self._journal.write(
                f"{problem.severity}: {line['title']} ({decision.state})",
                problem.severity,
                rule=problem.rule,
                id=problem.id,
                state=str(decision.state),
                severity=str(problem.severity),
                network=problem.network.name if problem.network else "",
            )
        self._presenter.news(line)

    def _handlers(self, desk: Callable[[], Desk]) -> dict[str, Handler]:
        def reload() -> Line:
            self._signalled(False)
            return {"schema": 1, "type": "reloading"}

        def agent_state(peer: Peer, /, ok: bool, reason: str = "") -> Line:
            self._agents.report(peer, ok, reason, self._clock.tick())
            return {"schema": 1, "type": "noted"}

        def answer(name: str, change: bool) -> Handler:
            return Handler(change, lambda **params: getattr(desk(), name)(**params), like=getattr(Desk, name))

        reads = ("status", "look", "log", "show", "networks", "identity", "mutes", "problems")
        changes = ("trust", "distrust", "forget", "erase", "mute", "unmute")
        table = {name: answer(name, False) for name in reads} | {name: answer(name, True) for name in changes}
        return table | {"reload": Handler(True, reload), "agent_state": Handler(False, agent_state, peer=True)}
