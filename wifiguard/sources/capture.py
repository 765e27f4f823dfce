"""Live packets: one libpcap capture for each active interface, opened, followed and closed with it."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable

import cypcap
from msgspec import Struct

from wifiguard.core.host import LinkKind, LinkState, SourceDone
from wifiguard.core.text import visible
from wifiguard.sources import Sink, SourceUnavailable
from wifiguard.sources.tap import Tap

NAME = "traffic"
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# When an interface goes away, libpcap often knows before the news of it arrives; that is no failure.
SETTLE = 0.5
# Container, bridge and virtual interfaces carry copies of what passes one of these anyway.
_WATCHED = frozenset({LinkKind.WIRED, LinkKind.WIFI, LinkKind.VPN})


class _Failure(Struct):
    """Why an interface is not captured; `wait` seconds until the next try, None where a try would change nothing."""

    reason: str
    wait: float | None
    timer: asyncio.TimerHandle | None = None


class Capture:
    """The source of everything that is decoded from packets.

    `interfaces`: capture these and no others, whatever their kind. Without: every interface that is up and is a cable, a radio
    or a VPN device. One interface's failure stops no other; it is said, and tried again with growing pauses.
    """

    name = NAME
    essential = True

    def __init__(self, interfaces: Iterable[str] | None = None) -> None:
        self._named = tuple(interfaces) if interfaces is not None else None
        self._links: tuple[LinkState, ...] | None = None
        # By interface index: a name may change while packets run.
        self._taps: dict[int, Tap] = {}
        self._failures: dict[int, _Failure] = {}
        self._changed = asyncio.Event()
        self._told: SourceDone | None = None
        self._asked = False
        self._defect: Exception | None = None

    def follow(self, links: Iterable[LinkState]) -> None:
        """Capture what is worth it among these interfaces: all that are present."""
        self._links = tuple(links)
        self._changed.set()

    def refresh(self) -> None:
        """Say again how the capture fares."""
        self._asked = True
        self._changed.set()

    def status(self) -> dict[str, dict[str, int]]:
        """Interface → packets and bytes that passed the filter, packets the kernel dropped, malformed ones."""
        return {tap.name: tap.figures() for tap in self._taps.values()}

    def protocols(self) -> dict[str, int]:
        """Protocol → messages seen so far, on all interfaces."""
        seen: Counter[str] = Counter()
        for tap in self._taps.values():
            seen.update(tap.protocols())
        return dict(seen.most_common())

    async def run(self, sink: Sink) -> None:
        """Capture until cancelled. SourceUnavailable without the permission to capture."""
        self._taps.clear()
        self._told = self._defect = None
        self._changed.set()
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                if self._defect is not None:
                    raise self._defect
                if self._links is not None:
                    self._adjust(sink, self._chosen(self._links))
                    self._report(sink)
        finally:
            for failure in self._failures.values():
                _cancel(failure)
            self._failures.clear()
            # The figures stay readable: a scan asks for them at its end.
            for tap in self._taps.values():
                tap.close()

    def _chosen(self, links: tuple[LinkState, ...]) -> dict[int, LinkState]:
        """What should be captured, by index."""
        chosen = {link.index: link for link in links if link.present and link.up and link.index and self._wants(link)}
        names = {link.name for link in chosen.values()}
        # What a VLAN's device shows, its parent shows too; what a tunnel shows is inside packets of its parent.
        return {index: link for index, link in chosen.items() if link.kind is LinkKind.VPN or link.parent not in names}

    def _wants(self, link: LinkState) -> bool:
        if self._named is None:
            return link.kind in _WATCHED
        return link.name in self._named or (link.index in self._taps and link.former_name in self._named)

    def _adjust(self, sink: Sink, chosen: dict[int, LinkState]) -> None:
        for index in self._taps.keys() - chosen.keys():
            self._taps.pop(index).close()
        for index in self._failures.keys() - chosen.keys():
            _cancel(self._failures.pop(index))
        for index, link in chosen.items():
            if (tap := self._taps.get(index)) is not None:
                tap.name = link.name
                if tap.trouble:
                    self._taps.pop(index).close()
                    self._fail(index, tap.trouble)
            elif index not in self._failures or self._due(index):
                self._open(sink, link)

    def _due(self, index: int) -> bool:
        failure = self._failures[index]
        return failure.wait is not None and failure.timer is None

    def _open(self, sink: Sink, link: LinkState) -> None:
        try:
            tap = Tap(link.name, sink, self._ring, tunnelled=link.kind is LinkKind.VPN)
        except cypcap.Error as error:
            if error.code == cypcap.ErrorCode.PERM_DENIED:
                raise SourceUnavailable(
                    "packets can't be captured without root", mend="run it with sudo, or as the system service"
                ) from None
            self._fail(link.index, visible(error.msg, 160))
            return
        except ValueError as error:
            self._failures[link.index] = _Failure(str(error), None)
            return
        self._taps[link.index] = tap
        if (failure := self._failures.pop(link.index, None)) is not None:
            _cancel(failure)

    def _fail(self, index: int, reason: str) -> None:
        before = self._failures.get(index)
        wait = FIRST_WAIT if before is None or before.wait is None else min(before.wait * 2, LONGEST_WAIT)
        failure = self._failures[index] = _Failure(reason, wait)

        def again() -> None:
            failure.timer = None
            self._changed.set()

        failure.timer = asyncio.get_running_loop().call_later(wait, again)

    def _ring(self, defect: Exception | None) -> None:
        """A capture broke: because of its interface, or, with `defect`, because of us."""
        if defect is None:
            asyncio.get_running_loop().call_later(SETTLE, self._changed.set)
        else:
            self._defect = defect
            self._changed.set()

    def _report(self, sink: Sink) -> None:
        names = {link.index: link.name for link in self._links or ()}
        reasons = [f"{visible(names[index])}: {failure.reason}" for index, failure in self._failures.items()]
        mend = None
        if (missing := missing_sentence(self._named or ())) is not None:
            reasons.insert(0, missing)
            mend = "name one that exists, or none to watch all that are active"
        done = SourceDone(
            sink.seen(), NAME, ok=not reasons, reason="; ".join(reasons), mend=mend, essential=self.essential
        )
        told = self._told
        if self._asked or told is None or (told.ok, told.reason) != (done.ok, done.reason):
            self._told = done
            self._asked = False
            sink.emit(done)


def missing_sentence(interfaces: Iterable[str]) -> str | None:
    """What to say where one of the named interfaces does not exist; None where all do."""
    existing = sorted(name for _, name in socket.if_nameindex())
    missing = [visible(name) for name in interfaces if name not in existing]
    if not missing:
        return None
    names = ", ".join(visible(name) for name in existing) or "none"
    if len(missing) == 1:
        return f"there is no interface called {missing[0]}; there are: {names}"
    return f"there are no interfaces called {', '.join(missing)}; there are: {names}"


def _cancel(failure: _Failure) -> None:
    if failure.timer is not None:
        failure.timer.cancel()
