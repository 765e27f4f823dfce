"""The capture of one interface: packets from the kernel's ring to the streams, and the filter back to the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import cypcap

from wifiguard.core.host import CaptureLoss
from wifiguard.core.observation import Seen
from wifiguard.core.text import visible
from wifiguard.sources import Sink, sysfs
from wifiguard.sources.authorities import trusted
from wifiguard.sources.bpf import Filter
from wifiguard.streams import Streams, supported

# Segmentation offload hands up super-segments of 64 KiB.
SNAPLEN = 65_535
# The kernel gathers packets this long, so that a busy link does not wake us for each of them.
GATHER = 0.1
# The ring holds what a new flow brings before the filter takes it over, and is resident as long as the capture lasts. On radios
# and cables of up to 1 Gbit/s 4 MiB, 33 ms of all that can come; on faster ones 128 of the segments of 64 KiB that offload makes.
SMALL_RING, LARGE_RING = 4 << 20, 8 << 20
GIGABIT = 1000
# Packets a turn of the event loop: in a flood, which every rule wants to judge, a few milliseconds.
TURN = 64
REFILTER = 0.1
LOSS_EVERY = 2.0


class Tap:
    """One open capture. `trouble` holds why it broke; `ring` is called then, with an exception where the defect is ours.

    Raises cypcap.Error where the interface can't be opened and ValueError where its packets can't be decoded.
    """

    def __init__(
        self, name: str, sink: Sink, ring: Callable[[Exception | None], None], *, tunnelled: bool = False
    ) -> None:
        self.name = name
        self.trouble = ""
        self._sink = sink
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._received = self._dropped = 0
        self._base: Seen | None = None
        self._due: float | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._refilter: asyncio.TimerHandle | None = None
        self._loss: asyncio.TimerHandle | None = None
        self._filter_free_at = 0.0
        self._shunted = 0
        self._handle: cypcap.Pcap | None = cypcap.create(name)
        try:
            self._handle.set_pre_config(snaplen=SNAPLEN, promisc=False, timeout=GATHER, buffer_size=ring_size(name))
            self._handle.activate()
            self._handle.setnonblock(True)
            link_type = self._handle.datalink()
            if not supported(int(link_type)):
                raise ValueError(f"its packets are of a kind that can't be decoded ({link_type.name})")
            self._filter = Filter(self._handle)
            self._handle.setfilter(self._filter.program())
            self._streams = Streams(sink.emit, int(link_type), tunnelled=tunnelled, trust=trusted)
            self._fd = self._handle.get_selectable_fd()
        except BaseException:
            self._handle.close()
            raise
        self._loop.add_reader(self._fd, self._readable)

    def figures(self) -> dict[str, int]:
        """Packets and bytes that passed the filter, packets that the kernel dropped, and malformed ones."""
        counts = self._streams.counts
        return {
            "packets": counts.packets,
            "bytes": counts.bytes,
            "dropped": self._dropped,
            "malformed": counts.malformed,
        }

    def protocols(self) -> Mapping[str, int]:
        """Protocol → messages, as `wifiguard replay --json` names them."""
        return self._streams.counts.protocols

    def close(self) -> None:
        """Hand over what is still pending, and close. May be called twice."""
        if self._handle is None:
            return
        self._loop.remove_reader(self._fd)
        for timer in (self._wake, self._refilter, self._loss):
            if timer is not None:
                timer.cancel()
        self._count_loss()
        self._handle.close()
        self._handle = None
        self._streams.finish()

    def _readable(self) -> None:
        assert self._handle is not None
        before = self._streams.counts.packets
        self._base = None
        try:
            self._handle.dispatch(TURN, self._packet)
        except cypcap.Error as error:
            self._break(visible(error.msg, 160), None)
            return
        except Exception as defect:  # noqa: BLE001 - the event loop would call us again for ever; the supervisor must know
            self._break("a defect in decoding stopped it", defect)
            return
        if self._streams.counts.packets == before:
            return
        if self._loss is None:
            # Only traffic arms this: an idle link costs no wake-up.
            self._loss = self._loop.call_later(LOSS_EVERY, self._count_loss)
        if self._streams.shunts_version != self._shunted and self._refilter is None:
            self._refilter = self._loop.call_at(max(self._filter_free_at, self._loop.time()), self._set_filter)
        self._arm()

    def _packet(self, header: cypcap.Pkthdr, data: bytes) -> None:
        if self._streams.settled(data, header.len):
            return
        at = header.ts
        base = self._base
        if base is None:
            # One reading of the clocks for the whole batch.
            base = self._base = self._sink.seen(self.name, at)
        self._streams.packet(data, Seen(at, base.tick + (at - base.at), base.network, base.interface), header.len)

    def _break(self, trouble: str, defect: Exception | None) -> None:
        self.trouble = trouble
        self._loop.remove_reader(self._fd)
        self._ring(defect)

    def _arm(self) -> None:
        due = self._streams.deadline()
        if due == self._due:
            return
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        self._due = due
        if due is not None:
            wait = max(0.0, due - self._sink.seen(self.name).tick)
            self._wake = self._loop.call_later(wait, self._on_time)

    def _on_time(self) -> None:
        self._due = self._wake = None
        self._streams.advance(self._sink.seen(self.name).tick)
        self._arm()

    def _set_filter(self) -> None:
        self._refilter = None
        if self._handle is None:
            return
        self._shunted = self._streams.shunts_version
        try:
            self._filter.change(self._handle, self._streams.shunts())
        except (cypcap.Error, OSError) as error:
            self._break(visible(str(error), 160), None)
        self._filter_free_at = self._loop.time() + REFILTER

    def _count_loss(self) -> None:
        """Ask the kernel what it dropped since the last time, and say it."""
        self._loss = None
        if self._handle is None:
            return
        try:
            stats = self._handle.stats()
        except cypcap.Error:
            return  # the interface went away under us; reading tells that
        # 32-bit counters, which wrap.
        received, dropped = (stats.recv - self._received) & 0xFFFFFFFF, (stats.drop - self._dropped) & 0xFFFFFFFF
        self._received, self._dropped = stats.recv, stats.drop
        if dropped:
            self._sink.emit(CaptureLoss(self._sink.seen(self.name), received, dropped))


def ring_size(interface: str) -> int:
    """Bytes that the kernel may keep for us, by how fast the interface is."""
    return LARGE_RING if (sysfs.speed(interface) or 0) > GIGABIT else SMALL_RING
