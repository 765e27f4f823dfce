"""The monitor: sources, pipeline, store, schedule and control socket, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from wifiguard.actions.probing import Prober
from wifiguard.core.host import SourceDone
from wifiguard.core.joining import LookAsked
from wifiguard.core.policy import Decision, Mute
from wifiguard.core.rule import NotChecked
from wifiguard.core.trusted import TrustedNetworks
from wifiguard.daemon.clock import Clock
from wifiguard.daemon.log_trouble import LogTrouble
from wifiguard.daemon.pipeline import Memory, Pipeline
from wifiguard.daemon.retention import Retention
from wifiguard.daemon.rulebook import Rulebook
from wifiguard.daemon.schedule import (
    CROSS_CHECK_EVERY,
    LOOK_EVERY,
    REFRESH_EVERY,
    RETENTION_EVERY,
    Job,
    all_due,
    scheduler,
)
from wifiguard.daemon.supervise import supervise
from wifiguard.daemon.timers import Alarm, Jumps
from wifiguard.sources import Source
from wifiguard.sources.authorities import trusted
from wifiguard.sources.capture import Capture
from wifiguard.sources.crosscheck import cross_check
from wifiguard.sources.laptop import laptop
from wifiguard.sources.links import Links
from wifiguard.sources.posture import Place
from wifiguard.sources.power import on_battery
from wifiguard.sources.programs import Programs
from wifiguard.sources.resolved import domain
from wifiguard.sources.wifi import Wifi
from wifiguard.store import Store
from wifiguard.store.errors import StoreError

# Whoever asks for a fresh look at this laptop and its network waits this long for it, in seconds.
PATIENCE = 6.0
OLDER = "a fresh look took too long; what is told of it is what was seen before"


class Monitor:
    """`news` is called with every decision once it is stored; repeats come folded, once a second at most. `health` is called when
    a source begins to work, fails, or fails for another reason. `reported` is set once every source has said either. `memory`
    and `mutes` stand in for the store where there is none.
    """

    def __init__(
        self,
        book: Rulebook,
        store: Store | None,
        news: Callable[[Decision], None],
        health: Callable[[SourceDone], None] = lambda _: None,
        *,
        memory: Memory | None = None,
        mutes: Iterable[Mute] = (),
    ) -> None:
        self.book = book
        self.settings = settings = book.settings
        self.store = store
        self.log_trouble = LogTrouble(store, self._recall)
        self.disagreements: list[str] = []
        self.clock = Clock()
        self.links = Links()
        self.wifi = Wifi()
        self.capture = Capture(settings.watch.interfaces or None)
        self.laptop = laptop()
        self.rejected = [f"{r.source}, line {r.line}: {r.reason}" for r in self.book.catalogue.rejected]
        self._prober = Prober()
        self.pipeline = Pipeline(
            self.book.detectors(),
            self.book.rules,
            self.clock,
            memory=memory or store,
            mutes=mutes,
            news=news,
            ask=self._prober.ask if settings.watch.traffic != "never" else None,
            who=Programs().owner,
            domain=domain,
            schedule=self._wake_soon,
            on_links=self._follow,
            on_trouble=self.log_trouble.note,
        )
        self._memory = memory or store
        self._retention = None if store is None else Retention(store, self.clock, self.settings.log.keep_days)
        self.reported = asyncio.Event()
        self._health = health
        self._told: dict[str, tuple[bool, str]] = {}
        self._recalled = False
        self._soon = False
        self._deadline: Alarm | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is watched under these settings."""
        traffic = () if self.settings.watch.traffic == "never" else (self.capture,)
        return (self.links, self.wifi, *self.laptop, *traffic)

    async def watch(self) -> None:
        """Run every source until cancelled, then let the last findings reach the store."""
        self._loop = asyncio.get_running_loop()
        self.log_trouble.begin()
        self._recall()
        self._deadline = Alarm(self._turn)
        routine = scheduler(self._jobs(), on_battery)
        routine.start()
        jumps = Jumps(lambda: all_due(routine))
        try:
            async with asyncio.TaskGroup() as group:
                for source in self.sources:
                    group.create_task(supervise(source, self.pipeline), name=source.name)
        finally:
            routine.shutdown(wait=False)
            jumps.close()
            await self._prober.close()
            self._deadline.close()
            self._loop = self._deadline = None
            self.log_trouble.end()
            self.pipeline.finish()

    # -- periodic work

    def _jobs(self) -> tuple[Job, ...]:
        return (
            Job(REFRESH_EVERY, self.refresh),
            Job(LOOK_EVERY, self.look_again),
            Job(CROSS_CHECK_EVERY, self.cross_check),
            Job(RETENTION_EVERY, self.retention),
        )

    def refresh(self) -> None:
        """Ask every source for its whole state again."""
        for source in self.sources:
            source.refresh()

    def look_again(self) -> None:
        """Look again at what does not announce its changes: listening programs, firewall rules, routes past a VPN."""
        for source in self.laptop:
            source.refresh()

    async def looked(self) -> list[NotChecked]:
        """Look again and ask the network again, wait for that, and tell what was not done in time: its state is an older one."""
        for interface in self.pipeline.whereabouts.networks():
            self.pipeline.emit(LookAsked(self.pipeline.seen(interface)))
        waits: dict[str, asyncio.Task[None]] = {}
        try:
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                for source in self.laptop:
                    waits[source.name] = group.create_task(source.again())
                waits["the network's answers"] = group.create_task(self._prober.idle())
        except TimeoutError:
            said = {name for name, done in self.pipeline.sources.items() if not done.ok}
            late = [name for name, wait in waits.items() if wait.cancelled() and name not in said]
            return [NotChecked(name, OLDER, "Scan again in a moment.") for name in late]
        return []

    def cross_check(self) -> None:
        """Compare what netlink told with what psutil and netifaces see; where they differ, read everything again."""
        where = self.pipeline.whereabouts
        self.disagreements = cross_check(where.links(), where.default_routes())
        if self.disagreements:
            self.links.refresh()

    def retention(self) -> None:
        """Drop findings older than the settings keep, if it is time and the clock can be believed."""
        if self._retention is not None:
            try:
                self._retention()
            except StoreError as error:
                self.log_trouble.note(error)

    # -- decisions of the user

    def trust_changed(self) -> None:
        """The store's list of trusted networks changed: judge the present ones again."""
        self._tell_trusted()
        if self.pipeline.trust_changed():
            self.wifi.refresh()
            self._follow()
            self.look_again()

    def mutes_changed(self) -> None:
        """The store's mutes changed."""
        if self.store is not None:
            self.pipeline.remute(self.store.mutes())

    # -- state

    def not_checked(self, *, pending: bool = False) -> list[NotChecked]:
        """All that could not be checked, the log's own trouble included; `pending`: what was not answered yet, too."""
        out = self.pipeline.not_checked(pending=pending)
        if self.settings.watch.traffic == "never":
            out.append(
                NotChecked("traffic", "the settings switch it off", 'set [watch] traffic = "always"', essential=True)
            )
        elif not trusted().system:
            reason = "this computer has no list of trusted authorities"
            out.append(NotChecked("certificates", reason, "install the package ca-certificates"))
        out += [NotChecked("the log", sentence) for sentence in self.log_trouble.sentences()]
        out += [NotChecked("interfaces", sentence) for sentence in self.disagreements]
        out += [NotChecked("your own names", sentence) for sentence in self.rejected[:5]]
        return out

    # -- inside

    def _recall(self) -> None:
        """Take from the log what it knows; where it cannot be read now, as soon as it can."""
        if self._recalled:
            return
        if self.store is not None:
            try:
                mutes, problems = self.store.mutes(), self.store.open_problems()
            except StoreError as error:
                self.log_trouble.note(error)
                return
            self.pipeline.remute(mutes)
            self.pipeline.restore_all(problems)
        self._recalled = True
        self._tell_trusted()

    def _tell_trusted(self) -> None:
        try:
            known = self._memory.networks() if self._memory is not None else ()
        except StoreError as error:
            self.log_trouble.note(error)
            return
        trusted = tuple(each.network for each in known if each.network.trusted)
        self.pipeline.emit(TrustedNetworks(self.pipeline.seen(), trusted))

    def _follow(self) -> None:
        where = self.pipeline.whereabouts
        links = where.links()
        named = self.settings.watch.interfaces
        places = [Place(link, where.network(link.name), not named or link.name in named) for link in links]
        for source in self.laptop:
            source.follow(places)
        if self.settings.watch.traffic == "untrusted":
            links = [link for link in links if not ((n := where.network(link.name)) and n.trusted)]
        self.capture.follow(links)

    def _tell_health(self) -> None:
        for name, done in self.pipeline.sources.items():
            if self._told.get(name) != (done.ok, done.reason):
                self._told[name] = (done.ok, done.reason)
                self._health(done)
        if not self.reported.is_set() and self._told.keys() >= {source.name for source in self.sources}:
            self.reported.set()

    def _wake_soon(self) -> None:
        # One turn for all that this turn of the loop brings: one transaction, one scheduling of the next deadline.
        if not self._soon and self._loop is not None:
            self._soon = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._soon = False
        if self._deadline is None:
            return
        self.pipeline.turn()
        self._tell_health()
        self._deadline.set(self.pipeline.deadline())
