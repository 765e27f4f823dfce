"""What does not announce its changes is looked at now and then: whenever a network changes, and when somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_interface
from typing import NamedTuple

from wifiguard.core.filtering import Address, Prefix
from wifiguard.core.host import LinkKind, LinkState, SourceDone
from wifiguard.core.network import Network
from wifiguard.core.observation import Observation
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.look import Asking

# Addresses and routes come one after another when a network is joined: one look for all of them.
SETTLE = 0.3
# After a look we rest this many times as long as it took: whoever asks all the time gets a tenth of a core.
REST = 9
LONGEST_REST = 1.0
OFTEN = 60.0
# Seconds after which it is said that a look does not end.
LOOK_WITHIN = 30.0
# What leads to a network with strangers in it; everything else is this laptop's own.
OUTWARD = frozenset({LinkKind.WIFI, LinkKind.WIRED})


class Place(NamedTuple):
    """An interface and the network that it is attached to, None while that is unknown. `watched`: the settings want it."""

    link: LinkState
    network: Network | None
    watched: bool = True

    @property
    def outward(self) -> bool:
        """Whether strangers may be there."""
        return self.watched and self.link.kind in OUTWARD and self.link.up and bool(self.link.addresses)

    def addresses(self) -> list[Address]:
        """The interface's own."""
        return [ip_interface(text).ip for text in self.link.addresses]

    def prefixes(self) -> tuple[Prefix, ...]:
        """Where its neighbours are."""
        return tuple(ip_interface(text).network for text in self.link.addresses)


# Reads a part of the state of this laptop, in a worker thread. Raises SourceUnavailable where it cannot.
Look = Callable[[Sink, Sequence[Place]], Iterable[Observation]]


class Posture:
    """A source that reports completely after every look. It begins with the first `follow`, and costs nothing in between.

    `often`: whether, as things are, it must look again each minute by itself, since an attacker could change what it looks at.
    """

    essential = False

    def __init__(self, name: str, look: Look, *, often: Callable[[Sequence[Place]], bool] = lambda _: False) -> None:
        self.name = name
        self._look = look
        self._often = often
        self._places: tuple[Place, ...] = ()
        self._known: object = None
        self._wake = asyncio.Event()
        self._answer = asyncio.Event()

    def follow(self, places: Iterable[Place]) -> None:
        """The interfaces as they are now; looks again where anything that matters to a look changed."""
        self._places = tuple(places)
        known = {
            (
                p.link.index,
                p.link.name,
                p.link.kind,
                p.link.up,
                p.link.addresses,
                p.link.master,
                p.link.gateways,
                p.network,
            )
            for p in self._places
        }
        if known != self._known:
            self._known = known
            self._wake.set()

    def refresh(self) -> None:
        """Look again soon."""
        if self._known is not None:
            self._wake.set()

    async def again(self) -> None:
        """Look again, and wait until a look that began after this call has told what it saw."""
        answer = self._answer
        self.refresh()
        await answer.wait()

    async def run(self, sink: Sink) -> None:
        """Look whenever woken, until cancelled. A look that cannot be done is said, and tried again at the next wake."""
        loop = asyncio.get_running_loop()
        self.refresh()
        while True:
            await self._woken()
            await asyncio.sleep(SETTLE)
            self._wake.clear()
            # Whoever asks from here on may mean a change that this look does not see any more: the next one answers.
            answer, self._answer = self._answer, asyncio.Event()
            begun = loop.time()
            asking = Asking()
            looking = asyncio.create_task(
                asyncio.to_thread(asking.during, lambda: list(self._look(sink, self._places)))
            )
            try:
                if not (await asyncio.wait({looking}, timeout=LOOK_WITHIN))[0]:
                    # A thread cannot be ended, and another one would hang as well.
                    reason = f"it has been looking for more than {LOOK_WITHIN:.0f} seconds"
                    sink.emit(SourceDone(sink.seen(), self.name, ok=False, reason=reason))
                found = await looking
            except SourceUnavailable as state:
                sink.emit(SourceDone(sink.seen(), self.name, ok=False, reason=state.reason, mend=state.mend))
            else:
                for obs in found:
                    sink.emit(obs)
                if not any(isinstance(obs, SourceDone) for obs in found):
                    sink.emit(SourceDone(sink.seen(), self.name, ok=True))
            finally:
                # Where this source is ended in the middle of a look, as by a reload, nobody waits for what it sees.
                asking.end()
                looking.cancel()
            answer.set()
            await asyncio.sleep(min(REST * (loop.time() - begun), LONGEST_REST))

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(OFTEN if self._often(self._places) else None):
                await self._wake.wait()
        except TimeoutError:
            return
